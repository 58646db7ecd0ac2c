/**
 * Reads what verification needs: a record with its evidence, a guild's keys, a stretch of its chain.
 *
 * Rows leave as the domain's types (actors/records/stored.ts), unjudged: what somebody changed in a table must reach the
 * verdict as it stands. Private halves of keys are never selected, so no process that only verifies ever holds one.
 */
import type { ChainPage, RecordReader } from '../actors/records/record-reader.ts'
import type { StatedKey, StoredChainHead, StoredReceipt } from '../actors/records/stored.ts'
import type { PrismaClient } from './prisma-client.ts'
import type { ChainHead, GuildKey, Receipt } from './generated/client.ts'
import { askPostgres } from './postgres-failure.ts'
import { createEvidenceReader } from './evidence-reader.ts'
import type { PostgresPool } from './postgres-pool.ts'
import { safeNumber } from './safe-number.ts'

const statedKeyColumns = {
  keyId: true,
  guildId: true,
  publicKey: true,
  firstSequence: true,
  lastSequence: true,
  statement: true,
  statementSignature: true,
  clusterKeyId: true,
  predecessorSignature: true,
  createdAt: true,
} as const

/** Evidence has a statement and connections of its own; the rest is typed reads. */
export function createRecordsRepository({ client, pool }: { client: PrismaClient; pool: PostgresPool }): RecordReader {
  return {
    findRecord: createEvidenceReader(pool),
    findPeriodId: (period) =>
      askPostgres('reading a period', { guildId: period.guildId, index: period.index }, async () => {
        const where = { guildId: BigInt(period.guildId), type: 'period', subject: String(period.index) }
        const row = await client.receipt.findFirst({ where, orderBy: { sequence: 'asc' }, select: { recordId: true } })
        return row?.recordId ?? null
      }),
    listKeys: (guildId) =>
      askPostgres('reading the keys of a guild', { guildId }, async () => {
        const rows = await client.guildKey.findMany(keysOf(BigInt(guildId)))
        return rows.map(statedKey)
      }),
    readChain: (wanted) =>
      askPostgres('reading a receipt chain', { guildId: wanted.guildId }, () => readChain(client, wanted)),
  }
}

/** One transaction of four reads at REPEATABLE READ: rows, newest, head and keys are of one instant. */
async function readChain(
  client: PrismaClient,
  wanted: { readonly guildId: string; readonly from: number; readonly to: number },
): Promise<ChainPage> {
  const guildId = BigInt(wanted.guildId)
  const [rows, newest, head, keys] = await client.$transaction(
    [
      client.receipt.findMany({
        where: { guildId, sequence: { gte: BigInt(wanted.from) - 1n, lte: BigInt(wanted.to) } },
        orderBy: { sequence: 'asc' },
      }),
      client.receipt.findFirst({ where: { guildId }, orderBy: { sequence: 'desc' }, select: { sequence: true } }),
      client.chainHead.findUnique({ where: { guildId } }),
      client.guildKey.findMany(keysOf(guildId)),
    ],
    { isolationLevel: 'RepeatableRead' },
  )
  const receipts = rows.map(storedReceipt)
  return {
    receipts: receipts.filter(({ sequence }) => sequence >= wanted.from),
    before: receipts.find(({ sequence }) => sequence === wanted.from - 1) ?? null,
    newestSequence: newest === null ? 0 : safeNumber(newest.sequence),
    head: head === null ? null : storedHead(head),
    keys: keys.map(statedKey),
  }
}

function keysOf(guildId: bigint) {
  return { where: { guildId }, orderBy: { firstSequence: 'asc' }, select: statedKeyColumns } as const
}

function storedReceipt(row: Receipt): StoredReceipt {
  return { ...row, guildId: String(row.guildId), sequence: safeNumber(row.sequence), issuedAt: safeNumber(row.issuedAt) }
}

function storedHead(row: ChainHead): StoredChainHead {
  return { ...row, guildId: String(row.guildId), sequence: safeNumber(row.sequence) }
}

function statedKey(row: Pick<GuildKey, keyof typeof statedKeyColumns>): StatedKey {
  return {
    ...row,
    guildId: String(row.guildId),
    firstSequence: safeNumber(row.firstSequence),
    lastSequence: row.lastSequence === null ? null : safeNumber(row.lastSequence),
  }
}
