/**
 * Reads what an export writes, in steps of bounded size: a stretch of a chain, a guild's journal with its snapshots.
 *
 * Rows leave unjudged, as everywhere in this room. A chain that grows meanwhile does no harm: the range is fixed first.
 */
import type { StatedKey, StoredChainHead, StoredReceipt } from '../actors/records/stored.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PrismaClient } from './prisma-client.ts'
import { createRecordsRepository } from './records-repository.ts'
import type { PostgresPool } from './postgres-pool.ts'
import { safeNumber } from './safe-number.ts'

/** A step of receipts: at a kilobyte each, half a megabyte; a period's are larger and fewer. */
const receiptsPerStep = 500
const rowsPerStep = 1_000

export interface ExportedChain {
  readonly newest: number
  readonly head: StoredChainHead | null
  readonly keys: readonly StatedKey[]
}

export interface HistoryRow {
  readonly seq: number
  readonly payload: string
  readonly hash: Uint8Array
  readonly snapshot: { readonly fence: number; readonly state: string; readonly signed: Uint8Array; readonly signature: Uint8Array; readonly clusterKeyId: string } | null
}

interface ExportedRange {
  readonly guildId: string
  readonly from: number
  readonly to: number
}

export interface ExportedReceiptRow {
  readonly receipt: StoredReceipt
  /** Its form of signing version 1; null where it was not issued. */
  readonly version1: { readonly signed: Uint8Array; readonly signature: Uint8Array } | null
}

export interface ExportReader {
  /** Head and keys of a guild as of now; the range is taken from them. */
  readChainEnds(guildId: string): Promise<ExportedChain>
  /** The sequences of a period's records: after the period before, up to and with its own receipt. null: no such period. */
  findPeriodRange(period: { readonly guildId: string; readonly index: number }): Promise<{ readonly from: number; readonly to: number } | null>
  readReceipts(range: ExportedRange): AsyncGenerator<ExportedReceiptRow>
  readHistory(guildId: string): AsyncGenerator<HistoryRow>
}

export function createExportReader({ client, pool }: { readonly client: PrismaClient; readonly pool: PostgresPool }): ExportReader {
  const records = createRecordsRepository({ client, pool })
  const sequenceOfPeriod = async (guildId: string, index: number): Promise<number | null> => {
    const where = { guildId: BigInt(guildId), type: 'period', subject: String(index) }
    const row = await askPostgres('reading a period', { guildId, index }, () =>
      client.receipt.findFirst({ where, orderBy: { sequence: 'asc' }, select: { sequence: true } }),
    )
    return row === null ? null : safeNumber(row.sequence)
  }
  return {
    async readChainEnds(guildId) {
      const { newestSequence, head, keys } = await records.readChain({ guildId, from: 1, to: 1 })
      return { newest: newestSequence, head, keys }
    },
    async findPeriodRange({ guildId, index }) {
      const to = await sequenceOfPeriod(guildId, index)
      if (to === null) return null
      const before = index === 1 ? 0 : await sequenceOfPeriod(guildId, index - 1)
      return { from: (before ?? 0) + 1, to }
    },
    async *readReceipts({ guildId, from, to }) {
      for (let next = from; next <= to; next += receiptsPerStep) {
        const step = { guildId, from: next, to: Math.min(to, next + receiptsPerStep - 1) }
        const { receipts } = await records.readChain(step)
        // After the receipts: what is erased in between is then missing here, and never given out beside them.
        const version1 = await readVersion1(client, step)
        for (const receipt of receipts) yield { receipt, version1: version1.get(receipt.sequence) ?? null }
      }
    },
    readHistory: (guildId) => readHistory(client, guildId),
  }
}

async function readVersion1(client: PrismaClient, { guildId, from, to }: ExportedRange): Promise<ReadonlyMap<number, ExportedReceiptRow['version1']>> {
  const where = { guildId: BigInt(guildId), sequence: { gte: BigInt(from), lte: BigInt(to) } }
  const rows = await askPostgres('reading receipts of signing version 1', { guildId }, () => client.receiptVersion1.findMany({ where }))
  return new Map(rows.map(({ sequence, signed, signature }) => [safeNumber(sequence), { signed, signature }]))
}

async function* readHistory(client: PrismaClient, guildId: string): AsyncGenerator<HistoryRow> {
  const guild = BigInt(guildId)
  for (let after = 0n; ; ) {
    const range = { guildId: guild, seq: { gt: after, lte: after + BigInt(rowsPerStep) } }
    const [rows, snapshots] = await askPostgres('reading a history', { guildId }, () =>
      Promise.all([
        client.journal.findMany({ where: range, orderBy: { seq: 'asc' } }),
        client.snapshot.findMany({ where: range, orderBy: { seq: 'asc' } }),
      ]),
    )
    if (rows.length === 0) return
    const snapshotAt = new Map(snapshots.map((snapshot) => [snapshot.seq, snapshot]))
    for (const row of rows) {
      const found = snapshotAt.get(row.seq)
      const snapshot = found === undefined ? null : { ...found, fence: safeNumber(found.fence) }
      yield { seq: safeNumber(row.seq), payload: row.payload, hash: row.hash, snapshot }
    }
    after += BigInt(rowsPerStep)
  }
}
