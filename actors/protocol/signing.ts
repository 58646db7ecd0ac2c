/**
 * Signing: what can be asked about a guild's key, what can happen to it, and to records that cannot be signed yet.
 *
 * The runtime answers these itself, because sealing is its own. Nothing here is secret: a private key travels only as a
 * copy under the cluster's key-encryption key, and a passphrase not at all. Bytes are base64.
 */
import type { UserId } from '../../kernel/ids.ts'
import type { RecordType } from './record.ts'

export const signingPolicies = ['queue', 'drop'] as const
/** What becomes of a record that is finished while signing is locked. */
export type SigningPolicy = (typeof signingPolicies)[number]

export type SigningKeyMode = 'cluster' | 'passphrase'

/** A key made by the process that was given its passphrase; the guild's owner states it. */
export interface OfferedSigningKey {
  readonly keyId: string
  readonly publicKey: string
  readonly sealedPrivateKey: string
  /** JSON, no secret. */
  readonly keyWrap: string
  readonly unlockId: string
  /** The private key under the key-encryption key, for this unlocking. */
  readonly copy: string
}

/** One record that waits, as it was found: its journaled hash, and its row if it is still there. */
export interface WaitingEntry {
  readonly seq: number
  readonly hash: string
  readonly row: { readonly recordId: string; readonly type: string; readonly payload: string } | null
}

/** A record that is to be erased, as whoever asks has read and verified it. */
export interface RecordToErase {
  readonly recordId: string
  /** Its receipt's place and hash (lower-case hex); null while it waits for its signature. */
  readonly receipt: { readonly sequence: number; readonly hash: string } | null
}

export type SigningCommand =
  | { readonly feature: 'signing'; readonly kind: 'read-signing' }
  | {
      readonly feature: 'signing'
      readonly kind: 'make-key'
      /** null: one under the key-encryption key is made. */
      readonly offered: OfferedSigningKey | null
      /** The key it follows, as whoever asks has seen it: a second click makes no second key. */
      readonly replaces: string | null
      readonly byUserId: UserId
    }
  | {
      readonly feature: 'signing'
      readonly kind: 'unlock-signing'
      readonly keyId: string
      readonly unlockId: string
      readonly copy: string
      readonly byUserId: UserId
    }
  | { readonly feature: 'signing'; readonly kind: 'lock-signing'; readonly byUserId: UserId }
  /** The copy that would have kept signing unlocked is gone: everything was restarted, or Redis was flushed. */
  | { readonly feature: 'signing'; readonly kind: 'forget-unlocking'; readonly unlockId: string }
  | {
      readonly feature: 'signing'
      readonly kind: 'set-signing-policy'
      readonly policy: SigningPolicy
      readonly byUserId: UserId
    }
  /** Whether receipts are issued in the form of signing version 1 as well, beside version 2. */
  | { readonly feature: 'signing'; readonly kind: 'set-version-1'; readonly isOn: boolean; readonly byUserId: UserId }
  /** The bytes of these records go; their hashes and signatures stay, and an amendment of each says so. */
  | {
      readonly feature: 'signing'
      readonly kind: 'erase-records'
      readonly records: readonly RecordToErase[]
      readonly byUserId: UserId
      readonly reason: string | null
    }
  /** Asked by the guild's owner itself: the oldest run of waiting records, as the store has it. */
  | {
      readonly feature: 'signing'
      readonly kind: 'seal-waiting'
      readonly firstSeq: number
      readonly entries: readonly WaitingEntry[]
    }

export type SigningEvent =
  | {
      readonly kind: 'signing-key-made'
      readonly keyId: string
      readonly mode: SigningKeyMode
      readonly publicKey: string
      readonly firstSequence: number
      readonly predecessor: string | null
      /** Passphrase mode: a new key is unlocked. */
      readonly unlockId: string | null
      readonly byUserId: UserId
    }
  | { readonly kind: 'signing-unlocked'; readonly keyId: string; readonly unlockId: string; readonly byUserId: UserId }
  /** `byUserId` null: the unlocking was forgotten. */
  | { readonly kind: 'signing-locked'; readonly keyId: string; readonly byUserId: UserId | null }
  | { readonly kind: 'signing-policy-set'; readonly policy: SigningPolicy; readonly byUserId: UserId }
  | { readonly kind: 'signing-version-1-set'; readonly isOn: boolean; readonly byUserId: UserId }
  /** Asked for; what becomes of each record's bytes is told by the amendments that come with it. */
  | { readonly kind: 'erasure-asked'; readonly records: number; readonly byUserId: UserId }
  /** Its row stands under this event's sequence. `opensRun`: the newest run of waiting records takes no more. */
  | {
      readonly kind: 'record-waiting'
      readonly recordId: string
      readonly type: RecordType
      readonly hash: string
      readonly opensRun: boolean
      /** An amendment of a record that waits itself. */
      readonly isLate?: true
    }
  /** Finished while signing was locked, under the policy `drop`: never signed. */
  | {
      readonly kind: 'record-dropped'
      readonly recordId: string
      readonly type: RecordType
      readonly periodId: string | null
      readonly seconds: number
    }
  /** The row of a waiting record is not what was journaled: it is not signed, and stays for whoever looks. */
  | { readonly kind: 'record-refused'; readonly recordId: string | null; readonly waitingSeq: number; readonly reason: string }
  /** The oldest run is done with. */
  | { readonly kind: 'waiting-sealed'; readonly firstSeq: number; readonly sealed: number; readonly refused: number }

export interface SigningStatus {
  readonly kind: 'signing'
  /** null: the guild has no key yet; its first record makes one. */
  readonly key: { readonly keyId: string; readonly mode: SigningKeyMode } | null
  readonly isLocked: boolean
  readonly policy: SigningPolicy
  readonly waiting: number
  readonly unsigned: { readonly sessions: number; readonly seconds: number }
  readonly issuesVersion1: boolean
}

export type SigningReply =
  | SigningStatus
  | { readonly kind: 'key-made'; readonly keyId: string; readonly mode: SigningKeyMode; readonly predecessor: string | null }
  | { readonly kind: 'key-not-made'; readonly reason: 'locked' | 'another-key' }
  | { readonly kind: 'signing-unlocked'; readonly waiting: number }
  | { readonly kind: 'signing-not-unlocked'; readonly reason: 'another-key' | 'not-locked' | 'no-passphrase' }
  | { readonly kind: 'signing-locked'; readonly wasLocked: boolean }
  | { readonly kind: 'signing-not-locked'; readonly reason: 'no-passphrase' }
  | { readonly kind: 'signing-policy-set'; readonly policy: SigningPolicy; readonly previous: SigningPolicy }
  | { readonly kind: 'version-1-set'; readonly isOn: boolean; readonly changed: boolean }
  /** `isWaiting`: signing is locked, so their bytes go when it is unlocked. */
  | { readonly kind: 'records-erased'; readonly records: number; readonly isWaiting: boolean }
  /** Signing is locked and drops what is finished: an erasure that nothing signs would look like tampering. */
  | { readonly kind: 'records-not-erased'; readonly reason: 'locked' }
  | { readonly kind: 'waiting-sealed'; readonly sealed: number; readonly refused: readonly number[]; readonly waiting: number }
  /** another-run: what was read is not the oldest run any more; read again. unproven: its hashes are not the journaled ones. */
  | { readonly kind: 'waiting-not-sealed'; readonly reason: 'locked' | 'another-run' | 'unproven' }
