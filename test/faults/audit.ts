/**
 * The judge of a run: everything that somebody was told against what stands in Postgres after everything has stopped.
 *
 * What was acknowledged stands once, under the op it was asked by, at a time between question and answer by the clock of
 * the database's machine. Every guild's journal is sound by itself. Every stay in voice, by the sandbox's own log, is a
 * receipt, once, and its seconds add up.
 */
import type { VoiceLogLine } from '../../sandbox/voice-log.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import { auditJournal } from '../nemesis/audit-journal.ts'
import { GapWatch } from '../nemesis/gaps.ts'
import { forEachGuild } from '../nemesis/guild-pages.ts'
import type { Strike } from '../nemesis/strike.ts'
import { compareWithReceipts, findMissingSeconds, staysOf } from '../support/session-oracle.ts'
import { watchWrittenRows } from '../support/written-rows.ts'
import { processCount, shardCount } from './house.ts'
import type { RowName } from './rows.ts'
import type { Told } from './told.ts'

/** One row of the table as it went. Times are machine time. */
export interface RowRun {
  readonly row: RowName
  readonly strikes: readonly Strike[]
  readonly loadFrom: number
  readonly loadTo: number
  readonly calmAt: number
  /** Commands that were begun. */
  readonly begun: number
  readonly refused: number
  readonly unanswered: number
  readonly reads: number
  readonly wrong: readonly string[]
}

export interface RowFindings {
  readonly acknowledged: number
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  /** Recorded at a time at which it was not asked, or was answered already. */
  readonly misdated: readonly string[]
  /** Longest silence of any shard process' guilds. */
  readonly gapMs: number
  /** From the fault, or from the end of the outage, to the first answer to a question asked after it; of the slowest strike. */
  readonly serveAgainMs: number
}

export interface Findings {
  readonly rows: ReadonlyMap<RowName, RowFindings>
  readonly holes: readonly string[]
  readonly wrongRows: readonly string[]
  readonly voice: { readonly stays: number; readonly lost: number; readonly doubled: number; readonly missingSeconds: number }
}

/** Of a database's clock and ours, and of timers. */
const clockToleranceMs = 1_500
const evidence: Readonly<Record<Told['door'], string>> = { event: 'attendance-recorded', settings: 'fairness-set' }

/** Which shard process hears a guild: the manager gives out shards in runs. */
export const homeOf = (guildId: Told['guildId']): number => Math.floor((slotOf(guildId) % shardCount) / (shardCount / processCount))

export async function auditRun(options: {
  readonly databaseUrl: string
  readonly guilds: readonly string[]
  readonly told: readonly Told[]
  readonly runs: readonly RowRun[]
  readonly voiceLog: readonly VoiceLogLine[]
  /** Unix milliseconds of machine time zero. */
  readonly wallOfMachineZero: number
}): Promise<Findings> {
  const standing = new Map<string, { count: number; at: number }>()
  const holes: string[] = []
  const wrongRows: string[] = []
  await forEachGuild(options.databaseUrl, options.guilds, (rows) => {
    const journal = auditJournal<{ readonly kind: string }>(rows)
    holes.push(...journal.holes)
    wrongRows.push(...journal.wrongRows)
    for (const { op, at, event } of journal.entries) {
      const key = `${event.kind} ${op}`
      const before = standing.get(key)
      standing.set(key, { count: (before?.count ?? 0) + 1, at })
    }
  })
  const rows = new Map(options.runs.map((run) => [run.row, judgeRow(run, { ...options, standing })]))
  return { rows, holes, wrongRows, voice: await judgeVoice(options) }
}

function judgeRow(
  run: RowRun,
  { told, standing, wallOfMachineZero }: {
    readonly told: readonly Told[]
    readonly standing: ReadonlyMap<string, { readonly count: number; readonly at: number }>
    readonly wallOfMachineZero: number
  },
): RowFindings {
  const own = told.filter(({ at }) => at >= run.loadFrom && at <= run.calmAt)
  const findings = { lost: [] as string[], doubled: [] as string[], misdated: [] as string[] }
  const gaps = new GapWatch(processCount, run.loadFrom)
  for (const one of own) {
    const name = `${one.door} ${one.opId} of ${one.guildId}`
    const row = standing.get(`${evidence[one.door]} ${one.opId}`)
    if (row === undefined) findings.lost.push(name)
    else {
      if (row.count > 1) findings.doubled.push(`${name} stands ${row.count} times`)
      const [from, to] = [one.askedAt + wallOfMachineZero - clockToleranceMs, one.at + wallOfMachineZero + clockToleranceMs]
      if (row.at < from || row.at > to) findings.misdated.push(`${name} at ${row.at}, asked and answered between ${from} and ${to}`)
    }
    if (one.at <= run.loadTo) gaps.note(homeOf(one.guildId), one.at)
  }
  return { ...findings, acknowledged: own.length, gapMs: gaps.end(run.loadTo), serveAgainMs: serveAgain(run, own) }
}

function serveAgain({ strikes }: RowRun, told: readonly Told[]): number {
  const each = strikes.map(({ at, victim, awayMs }) => {
    const from = at + awayMs
    const affected = told.filter((one) => one.askedAt > at && one.at > from && (victim === null || homeOf(one.guildId) === victim))
    return affected.reduce((first, one) => Math.min(first, one.at), Infinity) - from
  })
  return Math.max(...each)
}

async function judgeVoice(options: { databaseUrl: string; voiceLog: readonly VoiceLogLine[] }): Promise<Findings['voice']> {
  const written = await watchWrittenRows(options.databaseUrl)
  try {
    const stays = staysOf(options.voiceLog)
    const { lost, doubled, pairs } = compareWithReceipts(stays, await written.receipts())
    const missing = pairs.filter(({ receipt }) => findMissingSeconds(receipt) !== null)
    return { stays: stays.length, lost: lost.length, doubled: doubled.length, missingSeconds: missing.length }
  } finally {
    await written.close()
  }
}
