/**
 * `muster export GUILD`: a bundle of the guild's records with keys, chain and head, or its whole history, as JSON lines.
 *
 * Read and written step by step: memory does not grow with the number of records. A file is written beside its name and
 * moved there when it is whole.
 */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { encodeBase64 } from '../../actors/records/base64.ts'
import type { JsonLine } from '../../actors/records/bundle.ts'
import { bundleHeaderLine, clusterKeyLine, guildKeyLine, headLine, receiptLine, version1Line } from '../../actors/records/bundle.ts'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import { encodeHex } from '../../actors/records/hex.ts'
import { isSnowflake } from '../../kernel/ids.ts'
import { AppError } from '../../kernel/errors.ts'
import type { ExportReader } from '../../prisma/export-reader.ts'

export interface ExportWish {
  readonly guildId: string
  /** null: from the first, to the newest. */
  readonly from: number | null
  readonly to: number | null
  readonly periodIndex: number | null
  readonly history: boolean
}

export interface ExportDeps {
  readonly reader: ExportReader
  readonly trusted: TrustedClusterKeys
  /** Unix milliseconds. */
  now(): number
}

/** Throws `configuration-invalid` when there is nothing of the kind. */
export async function* exportLines(deps: ExportDeps, wish: ExportWish): AsyncGenerator<JsonLine> {
  if (!isSnowflake(wish.guildId)) throw refuse('the id of a guild is a Discord id')
  if (wish.history) yield* historyLines(deps, wish.guildId)
  else yield* bundleLines(deps, wish)
}

async function* bundleLines({ reader, trusted, now }: ExportDeps, wish: ExportWish): AsyncGenerator<JsonLine> {
  const { guildId } = wish
  const { newest, head, keys } = await reader.readChainEnds(guildId)
  if (head === null) throw refuse(`guild ${guildId} has no records`)
  const range = await rangeOf(reader, wish, newest)
  yield bundleHeaderLine({ guildId, ...range, newest, exportedAt: new Date(now()).toISOString() })
  for (const [id, publicKey] of trusted) yield clusterKeyLine(id, publicKey)
  for (const key of keys) yield guildKeyLine(key)
  for await (const { receipt, version1 } of reader.readReceipts({ guildId, ...range })) {
    yield receiptLine(receipt)
    if (version1 !== null && receipt.signed !== null) yield version1Line(receipt.sequence, version1)
  }
  yield headLine(head)
}

async function rangeOf(reader: ExportReader, wish: ExportWish, newest: number): Promise<{ from: number; to: number }> {
  if (wish.periodIndex !== null) {
    const range = await reader.findPeriodRange({ guildId: wish.guildId, index: wish.periodIndex })
    if (range === null) throw refuse(`guild ${wish.guildId} has no receipt of period ${wish.periodIndex}`)
    return range
  }
  const range = { from: wish.from ?? 1, to: Math.min(wish.to ?? newest, newest) }
  if (range.from > range.to) throw refuse(`there is nothing between ${range.from} and ${range.to}; the newest is ${newest}`)
  return range
}

async function* historyLines({ reader, trusted }: ExportDeps, guildId: string): AsyncGenerator<JsonLine> {
  yield { history_format: 1, guild_id: guildId, cluster_keys: [...trusted.values()].map(encodeBase64) }
  let rows = 0
  for await (const { seq, payload, hash, snapshot } of reader.readHistory(guildId)) {
    rows += 1
    yield { kind: 'journal', seq, payload, hash: encodeHex(hash) }
    if (snapshot === null) continue
    const { fence, state, signed, signature, clusterKeyId } = snapshot
    const { slot } = JSON.parse(Buffer.from(signed).toString('utf8')) as { slot: number }
    yield { kind: 'snapshot', seq, fence, slot, state, signed: encodeBase64(signed), signature: encodeBase64(signature), cluster_key_id: clusterKeyId }
  }
  if (rows === 0) throw refuse(`guild ${guildId} has no history`)
}

/** Gives back how many lines were written. null: to standard output, which stays open. */
export async function writeLines(lines: AsyncGenerator<JsonLine>, file: string | null): Promise<number> {
  let count = 0
  async function* texts(): AsyncGenerator<string> {
    for await (const line of lines) {
      count += 1
      yield `${JSON.stringify(line)}\n`
    }
  }
  if (file === null) {
    await pipeline(Readable.from(texts()), process.stdout, { end: false })
    return count
  }
  const unfinished = `${file}.part`
  try {
    await pipeline(Readable.from(texts()), createWriteStream(unfinished, { mode: 0o600 }))
    await rename(unfinished, file)
  } catch (thrown) {
    await rm(unfinished, { force: true })
    throw thrown
  }
  return count
}

const refuse = (message: string): AppError => new AppError('configuration-invalid', message)
