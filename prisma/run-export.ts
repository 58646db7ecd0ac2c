/**
 * What a run left in the database: its receipts, the keys of its guilds, their journals. For `muster up`.
 */
import { encodeBase64 } from '../actors/records/base64.ts'
import { encodeHex } from '../actors/records/hex.ts'
import type { ReceiptFile } from '../actors/records/receipt-file.ts'
import { receiptFile } from '../actors/records/receipt-file.ts'
import { pemOfPublicKey } from '../actors/records/spki.ts'
import type { PrismaClient } from './prisma-client.ts'

export interface ExportedReceipt {
  readonly guildId: string
  readonly sequence: number
  readonly recordId: string
  /** Unix milliseconds. */
  readonly issuedAt: number
  readonly file: ReceiptFile
}

export interface ExportedKey {
  readonly guildId: string
  readonly keyId: string
  readonly publicKey: string
  readonly publicKeyPem: string
  readonly firstSequence: number
  readonly lastSequence: number | null
}

export interface ExportedJournalRow {
  readonly guildId: string
  readonly seq: number
  readonly fence: number
  readonly payload: string
  readonly hash: string
}

export interface RunExport {
  readonly receipts: readonly ExportedReceipt[]
  readonly keys: readonly ExportedKey[]
}

/** Receipts of these guilds issued at or after `since` (Unix ms), in order, and all keys of the guilds. */
export async function readRun(client: PrismaClient, options: { guildIds: readonly string[]; since: number }): Promise<RunExport> {
  const guildId = { in: options.guildIds.map((id) => BigInt(id)) }
  const rows = await client.receipt.findMany({
    where: { guildId, issuedAt: { gte: BigInt(options.since) } },
    orderBy: [{ guildId: 'asc' }, { sequence: 'asc' }],
  })
  const keyRows = await client.guildKey.findMany({ where: { guildId }, orderBy: { firstSequence: 'asc' } })
  const publicKeyOf = new Map(keyRows.map((row) => [row.keyId, new Uint8Array(row.publicKey)]))
  const receipts: ExportedReceipt[] = []
  for (const row of rows) {
    const publicKey = publicKeyOf.get(row.keyId)
    if (row.signed === null || publicKey === undefined) continue
    receipts.push({
      guildId: row.guildId.toString(),
      sequence: Number(row.sequence),
      recordId: row.recordId,
      issuedAt: Number(row.issuedAt),
      file: receiptFile({ signed: row.signed, signature: row.signature, keyId: row.keyId, publicKey }),
    })
  }
  const keys = keyRows.map((row): ExportedKey => {
    const publicKey = new Uint8Array(row.publicKey)
    return {
      guildId: row.guildId.toString(),
      keyId: row.keyId,
      publicKey: encodeBase64(publicKey),
      publicKeyPem: pemOfPublicKey(publicKey),
      firstSequence: Number(row.firstSequence),
      lastSequence: row.lastSequence === null ? null : Number(row.lastSequence),
    }
  })
  return { receipts, keys }
}

/** The whole journal of these guilds, in order. */
export async function readJournal(client: PrismaClient, guildIds: readonly string[]): Promise<readonly ExportedJournalRow[]> {
  const rows = await client.journal.findMany({
    where: { guildId: { in: guildIds.map((id) => BigInt(id)) } },
    orderBy: [{ guildId: 'asc' }, { seq: 'asc' }],
  })
  return rows.map((row) => ({
    guildId: row.guildId.toString(),
    seq: Number(row.seq),
    fence: Number(row.fence),
    payload: row.payload,
    hash: encodeHex(row.hash),
  }))
}
