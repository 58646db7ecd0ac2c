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
import type { GuildId } from '../../kernel/ids.ts'

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
  /** Keys before it, still good for what they signed. */
  readonly olderKeys: number
}

export interface RecordsDesk {
  /** How others reach the API, without a slash at the end. */
  readonly publicUrl: string
  judge(recordId: string, types: readonly RecordType[]): Promise<RecordVerdict>
  judgePeriod(guildId: GuildId, index: number): Promise<RecordVerdict>
  /** null: the guild has no key yet. */
  publicKey(guildId: GuildId): Promise<PublicKeyCard | null>
}

export function createRecordsDesk(
  deps: { readonly records: RecordReader; readonly trusted: TrustedClusterKeys },
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

  return {
    publicUrl,
    judge,

    async judgePeriod(guildId, index) {
      const recordId = await records.findPeriodId({ guildId, index })
      return recordId === null ? { kind: 'unknown' } : await judge(recordId, ['period'])
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
        olderKeys: believed.length - 1,
      }
    },
  }
}
