/**
 * Reads evidence of many records in one statement: what is asked while a statement runs is the next one's list.
 *
 * One asker alone waits for nothing; a hundred at once cost a few statements instead of a hundred. Each still gets evidence of
 * one instant, because a statement sees one. At most two statements are in flight, each of at most 64 records.
 */
import type { RecordType } from '../actors/protocol/record.ts'
import type { FoundRecord } from '../actors/records/record-reader.ts'
import { coerceError } from '../kernel/errors.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'
import type { EvidenceRow } from './record-evidence.ts'
import { evidenceStatement, indexEvidence, readEvidence } from './record-evidence.ts'

const recordsPerStatementMax = 64
/** A second one hides the round trip of the first; more would only take connections from chain pages. */
const statementsMax = 2

interface Wish {
  readonly recordId: string
  readonly types: readonly RecordType[]
  resolve(found: FoundRecord): void
  reject(error: Error): void
}

export function createEvidenceReader(pool: PostgresPool): (recordId: string, types: readonly RecordType[]) => Promise<FoundRecord> {
  const wishes: Wish[] = []
  let running = 0

  async function answer(batch: readonly Wish[]): Promise<void> {
    try {
      const ids = batch.map(({ recordId }) => recordId)
      const { rows } = await askPostgres('reading records', { records: ids.length }, () =>
        pool.query<EvidenceRow>({ name: 'record-evidence', text: evidenceStatement, values: [ids] }),
      )
      const index = indexEvidence(rows)
      for (const { recordId, types, resolve } of batch) resolve(readEvidence(index, recordId, types))
    } catch (thrown) {
      // Each asker is told; who was answered before a later one broke is not told again.
      for (const { reject } of batch) reject(coerceError(thrown))
    }
  }

  async function run(): Promise<void> {
    if (running >= statementsMax) return
    running += 1
    while (wishes.length > 0) await answer(wishes.splice(0, recordsPerStatementMax))
    running -= 1
  }

  return (recordId, types) =>
    new Promise((resolve, reject) => {
      wishes.push({ recordId, types, resolve, reject })
      // Everything that one turn of the event loop brings goes together.
      if (wishes.length === 1) setImmediate(() => void run())
    })
}
