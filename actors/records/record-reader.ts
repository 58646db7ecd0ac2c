/**
 * What verifying asks of the store, as a role: rows as they stand, read so that no commit comes between.
 *
 * The implementation (prisma/records-repository.ts) says nothing about truth; verdict.ts and chain.ts do. Throws
 * `postgres-unavailable` when the store does not answer.
 */
import type { StatedKey, StoredChainHead, StoredReceipt } from './stored.ts'
import type { RecordType } from '../protocol/record.ts'
import type { RecordEvidence } from './verdict.ts'

export type FoundRecord =
  | { readonly kind: 'unknown' }
  /** Finished while signing was locked; sealed at unlock. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sealed'; readonly evidence: RecordEvidence }

export interface ChainPage {
  /** Receipts of the wanted sequences that are there, in order. */
  readonly receipts: readonly StoredReceipt[]
  /** The receipt before the first wanted one. */
  readonly before: StoredReceipt | null
  /** Greatest sequence of the guild; 0 without receipts. */
  readonly newestSequence: number
  readonly head: StoredChainHead | null
  readonly keys: readonly StatedKey[]
}

export interface RecordReader {
  /** `recordId` in lower case. */
  findRecord(recordId: string, types: readonly RecordType[]): Promise<FoundRecord>
  /** The record id of a guild's period; null: there is no receipt of it. What was found is still to be judged. */
  findPeriodId(period: { readonly guildId: string; readonly index: number }): Promise<string | null>
  /** All key rows of a guild, by first sequence, believed or not. */
  listKeys(guildId: string): Promise<readonly StatedKey[]>
  /** Receipts with `from` ≤ sequence ≤ `to`. */
  readChain(wanted: { readonly guildId: string; readonly from: number; readonly to: number }): Promise<ChainPage>
}
