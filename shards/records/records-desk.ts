/**
 * What Discord commands ask about records: verdicts computed here as the API computes them, and a guild's public key.
 */
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import { sha256 } from '../../actors/records/hash.ts'
import { encodeHex } from '../../actors/records/hex.ts'
import { believedKeys } from '../../actors/records/key-history.ts'
import type { RecordReader } from '../../actors/records/record-reader.ts'
import { pemOfPublicKey, spkiOfPublicKey } from '../../actors/records/spki.ts'
import { encodeBase64 } from '../../actors/records/base64.ts'
import type { Verdict } from '../../actors/records/verdict.ts'
import { computeVerdict } from '../../actors/records/verdict.ts'
import type { RecordType } from '../../actors/protocol/record.ts'
import type { RecordToErase } from '../../actors/protocol/signing.ts'
import type { GuildId, UserId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'

export type RecordVerdict =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'judged'
      readonly verdict: Verdict
      readonly guildId: string
      readonly recordId: string
      readonly sequence: number
    }

export interface PublicKeyCard {
  readonly keyId: string
  readonly base64: string
  readonly pem: string
  /** SHA-256 of the key in the form of a file (SubjectPublicKeyInfo), lower-case hex. */
  readonly fingerprint: string
  readonly firstSequence: number
  /** null: not known. */
  readonly createdAt: Date | null
  /** Keys before it, still good for what they signed. */
  readonly olderKeys: number
}

/** Whose records, or which one. */
export type ErasableSubject = { readonly userId: UserId } | { readonly recordId: string }

/** Where a page of records to erase ended. */
export interface ErasableCursor {
  readonly sequence: string
  readonly waitingSeq: string
}

export interface ErasableRecords {
  /** At most as many as one command takes. */
  readonly records: readonly RecordToErase[]
  /** Records that do not verify: what somebody changed stays as evidence. */
  readonly unverified: number
  /** null: nothing comes after these. */
  readonly next: ErasableCursor | null
}

export type ListErasable = (wanted: {
  readonly guildId: GuildId
  readonly subject: ErasableSubject
  readonly after: ErasableCursor | null
  readonly limit: number
}) => Promise<{ readonly signed: readonly string[]; readonly waiting: readonly string[]; readonly next: ErasableCursor | null }>

export interface RecordsDesk {
  /** How others reach the API, without a slash at the end. */
  readonly publicUrl: string
  judge(recordId: string, types: readonly RecordType[]): Promise<RecordVerdict>
  judgePeriod(guildId: GuildId, index: number): Promise<RecordVerdict>
  /** Records that may be erased, each verified by now: an amendment names its receipt by hash, which must be the right one. */
  listErasable(guildId: GuildId, subject: ErasableSubject, after: ErasableCursor | null): Promise<ErasableRecords>
  /** null: the guild has no key yet. */
  publicKey(guildId: GuildId): Promise<PublicKeyCard | null>
}

export function createRecordsDesk(
  deps: { readonly records: RecordReader; readonly trusted: TrustedClusterKeys; readonly listErasable: ListErasable },
  { publicUrl }: { readonly publicUrl: string },
): RecordsDesk {
  const { records, trusted } = deps

  async function judge(recordId: string, types: readonly RecordType[]): Promise<RecordVerdict> {
    const found = await records.findRecord(recordId, types)
    if (found.kind !== 'sealed') return found
    const { receipt } = found.evidence
    const { guildId, sequence } = receipt
    return { kind: 'judged', verdict: computeVerdict(trusted, found.evidence), guildId, recordId, sequence }
  }

  /** null: it does not verify, or is another guild's. */
  async function findReceipt(guildId: GuildId, recordId: string): Promise<RecordToErase | null> {
    const found = await records.findRecord(recordId, ['voice-session', 'attendance'])
    if (found.kind !== 'sealed' || found.evidence.receipt.guildId !== guildId) return null
    if (!computeVerdict(trusted, found.evidence).valid) return null
    const { sequence, payloadHash } = found.evidence.receipt
    return { recordId, receipt: { sequence, hash: encodeHex(payloadHash) } }
  }

  return {
    publicUrl,
    judge,

    async judgePeriod(guildId, index) {
      const recordId = await records.findPeriodId({ guildId, index })
      return recordId === null ? { kind: 'unknown' } : await judge(recordId, ['period'])
    },

    async listErasable(guildId, subject, after) {
      const page = await deps.listErasable({ guildId, subject, after, limit: limits.erasedAtOnceMax })
      const found = await Promise.all(page.signed.map(async (recordId) => await findReceipt(guildId, recordId)))
      const signed = found.filter((record) => record !== null)
      const waiting = page.waiting.map((recordId) => ({ recordId, receipt: null }))
      return { records: [...signed, ...waiting], unverified: found.length - signed.length, next: page.next }
    },

    async publicKey(guildId) {
      const believed = believedKeys(trusted, await records.listKeys(guildId))
      const newest = believed.at(-1)
      if (newest === undefined) return null
      const { keyId, publicKey, firstSequence } = newest
      return {
        keyId,
        base64: encodeBase64(publicKey),
        pem: pemOfPublicKey(publicKey),
        fingerprint: encodeHex(sha256(spkiOfPublicKey(publicKey))),
        firstSequence,
        createdAt: newest.createdAt ?? null,
        olderKeys: believed.length - 1,
      }
    },
  }
}
