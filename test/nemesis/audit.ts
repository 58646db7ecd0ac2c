/**
 * After everything has stopped: the rows of one fault's guilds, read page by page, against the client's file.
 */
import { join } from 'node:path'
import pg from 'pg'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { GuildFindings, GuildRows } from './audit-guild.ts'
import { auditGuild } from './audit-guild.ts'
import { GapWatch } from './gaps.ts'
import { readRecords, recordFile } from './record-file.ts'
import type { ClientRecord } from './record.ts'
import type { Round } from './round.ts'
import { guildsOfSeries } from './series-guilds.ts'

export interface FaultFindings {
  readonly acknowledged: number
  readonly reads: number
  readonly refusedForGood: number
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly holes: readonly string[]
  readonly wrongReads: readonly string[]
  readonly wrongRows: readonly string[]
  readonly afterRefusal: readonly string[]
  /** A round each, milliseconds. */
  readonly gaps: readonly number[]
  /** From the fault to the first durable answer of an affected guild; a round each. */
  readonly firsts: readonly number[]
}

/** Guilds read at once: some thousand rows. */
const guildsPerPage = 32

export async function auditFault(options: {
  readonly databaseUrl: string
  readonly folder: string
  readonly series: number
  readonly rounds: readonly Round[]
  readonly owners: number
}): Promise<FaultFindings> {
  const { rounds, owners } = options
  const recordsOf = new Map<string, ClientRecord[]>()
  const gaps = rounds.map(({ loadFrom }) => new GapWatch(owners, loadFrom))
  for await (const record of readAll(options)) {
    const ofGuild = recordsOf.get(record.guildId) ?? []
    recordsOf.set(record.guildId, ofGuild)
    ofGuild.push(record)
    const round = roundAt(rounds, record.at)
    if (record.kind === 'appended' && record.at <= (rounds[round]?.loadTo ?? 0)) gaps[round]?.note(slotOf(record.guildId) % owners, record.at)
  }
  const firsts = rounds.map(() => Infinity)
  const all: GuildFindings[] = []
  await forEachGuild(options.databaseUrl, options.series, (rows) => {
    const records = recordsOf.get(rows.guildId) ?? []
    const findings = auditGuild(rows, records)
    all.push({ ...findings, fenceOf: new Map() })
    for (const record of records) noteFirst(record, findings, { rounds, owners, firsts })
  })
  const records = [...recordsOf.values()].flat()
  const count = (kind: ClientRecord['kind']): number => records.filter((record) => record.kind === kind).length
  return {
    acknowledged: count('appended'),
    reads: count('read'),
    refusedForGood: count('refused'),
    lost: all.flatMap(({ lost }) => lost),
    doubled: all.flatMap(({ doubled }) => doubled),
    holes: all.flatMap(({ holes }) => holes),
    wrongReads: all.flatMap(({ wrongReads }) => wrongReads),
    wrongRows: all.flatMap(({ wrongRows }) => wrongRows),
    afterRefusal: all.flatMap(({ afterRefusal }) => afterRefusal),
    gaps: gaps.map((watch, round) => watch.end(rounds[round]?.loadTo ?? 0)),
    firsts: firsts.map((at, round) => at - (rounds[round]?.strike.at ?? 0)),
  }
}

async function* readAll(options: { folder: string; series: number; owners: number }): AsyncGenerator<ClientRecord> {
  for (const owner of [null, ...Array.from({ length: options.owners }, (_, index) => index)]) {
    yield* readRecords(join(options.folder, recordFile(options.series, owner)))
  }
}

function roundAt(rounds: readonly Round[], at: number): number {
  return rounds.findIndex(({ loadFrom, calmAt }) => at >= loadFrom && at <= calmAt)
}

/**
 * A guild whose owner died or stood still is affected, and its first answer is one that a later owner made durable. Where
 * nobody lost a slot all are affected, and the first answer is to a question asked after the fault.
 */
function noteFirst(
  record: ClientRecord,
  { fenceOf }: GuildFindings,
  { rounds, owners, firsts }: { rounds: readonly Round[]; owners: number; firsts: number[] },
): void {
  const index = roundAt(rounds, record.at)
  const round = rounds[index]
  if (record.kind !== 'appended' || round === undefined || record.at <= round.strike.at) return
  const slot = slotOf(record.guildId)
  const { victim, at } = round.strike
  const isAnsweredAnew =
    victim === null
      ? record.askedAt > at
      : slot % owners === victim && (fenceOf.get(record.opId) ?? 0) > (round.fencesBefore[slot] ?? 0)
  if (isAnsweredAnew) firsts[index] = Math.min(firsts[index] ?? Infinity, record.at)
}

async function forEachGuild(databaseUrl: string, series: number, look: (rows: GuildRows) => void): Promise<void> {
  const guilds = guildsOfSeries(series).map(({ guildId }) => guildId)
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (let from = 0; from < guilds.length; from += guildsPerPage) {
      for (const rows of await readPage(client, guilds.slice(from, from + guildsPerPage))) look(rows)
    }
  } finally {
    await client.end()
  }
}

async function readPage(client: pg.Client, guilds: readonly string[]): Promise<readonly GuildRows[]> {
  const heads = await client.query<{ guild_id: string; seq: string; head: Buffer }>(
    'SELECT guild_id, seq, head FROM actor WHERE guild_id = ANY($1::int8[])',
    [guilds],
  )
  const journal = await client.query<{ guild_id: string; seq: string; fence: string; payload: string; hash: Buffer }>(
    'SELECT guild_id, seq, fence, payload, hash FROM journal WHERE guild_id = ANY($1::int8[]) ORDER BY guild_id, seq',
    [guilds],
  )
  const outbox = await client.query<{ guild_id: string; seq: string; ordinal: number; state: string }>(
    'SELECT guild_id, seq, ordinal, state FROM outbox WHERE guild_id = ANY($1::int8[])',
    [guilds],
  )
  const effectsOf = new Map<string, GuildRows['outbox'][number][]>(guilds.map((guild) => [guild, []]))
  for (const { guild_id, seq, ordinal, state } of outbox.rows) effectsOf.get(guild_id)?.push({ seq: Number(seq), ordinal, state })
  const headOf = new Map(heads.rows.map(({ guild_id, seq, head }) => [guild_id, { seq: Number(seq), hash: head }]))
  const rowsOf = new Map<string, GuildRows['journal'][number][]>(guilds.map((guild) => [guild, []]))
  for (const { guild_id, seq, fence, payload, hash } of journal.rows) {
    rowsOf.get(guild_id)?.push({ seq: Number(seq), fence: Number(fence), payload, hash })
  }
  return guilds.map((guildId) => ({ guildId, head: headOf.get(guildId) ?? null, journal: rowsOf.get(guildId) ?? [], outbox: effectsOf.get(guildId) ?? [] }))
}
