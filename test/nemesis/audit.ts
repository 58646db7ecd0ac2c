/**
 * After everything has stopped: the rows of one fault's guilds, read page by page, against the client's file.
 */
import { join } from 'node:path'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { GuildFindings } from './audit-guild.ts'
import { auditGuild } from './audit-guild.ts'
import { GapWatch } from './gaps.ts'
import { forEachGuild } from './guild-pages.ts'
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
  const guilds = guildsOfSeries(options.series).map(({ guildId }) => guildId)
  await forEachGuild(options.databaseUrl, guilds, (rows) => {
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
