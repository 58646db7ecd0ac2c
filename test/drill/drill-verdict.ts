/**
 * What became of everything that people did, by rows in Postgres and the sandbox's own log, read after everything stopped.
 */
import { parseJournalText } from '../../actors/runtime/journal-entry.ts'
import type { VoiceLogLine } from '../../sandbox/voice-log.ts'
import { compareWithReceipts, findMissingSeconds, staysOf } from '../support/session-oracle.ts'
import type { Comparison, Stay } from '../support/session-oracle.ts'
import type { WrittenRows } from '../support/written-rows.ts'
import type { DrillLoad } from './drill-load.ts'

/** Two clocks on one machine, and what lies between the sandbox's log line and the frame at the bot. */
const toleranceMs = 1_500
/** Enough to find out what went wrong. */
const linesMax = 20
/** What happened so long before and after a stay may have to do with it. */
const aroundMs = 8_000

export interface DrillVerdict {
  readonly changes: number
  readonly lostChanges: number
  readonly doubledChanges: number
  readonly sessions: number
  readonly lostSessions: number
  readonly doubledSessions: number
  /** Sessions with a second that is neither counted, paused nor stated (I10). */
  readonly withMissingSeconds: number
  /** Sessions in which time is stated that nobody watched, or an end that was only found out later. */
  readonly unobserved: number
  readonly unobservedSecondsMax: number
  /** Sessions that begin or end at another time than the sandbox says. */
  readonly misdated: number
  /** Of each that is wrong, `linesMax` at most: its times, and what its guild's journal says about them. */
  readonly sessionLines: readonly string[]
  /** Journals with a hole, or a fence that falls (I1, I2). */
  readonly brokenJournals: number
}

export async function judgeDrill(rows: WrittenRows, load: DrillLoad, voiceLog: readonly VoiceLogLine[]): Promise<DrillVerdict> {
  const stays = staysOf(voiceLog)
  const receipts = await rows.receipts()
  const { lost, doubled, pairs } = compareWithReceipts(stays, receipts)
  const changes = await judgeChanges(rows, load)
  const unobserved = pairs.filter(({ receipt }) => receipt.unobservedSeconds > 0 || receipt.recovered)
  const misdated = pairs.filter(
    ({ stay, receipt }) => Math.abs(receipt.joinedAt - stay.from) > toleranceMs || Math.abs(receipt.leftAt - stay.to) > toleranceMs,
  )
  const wrong = [
    ...lost.map((stay) => ({ stay, line: `without a record: ${describeStay(stay)}` })),
    ...[...new Set([...unobserved, ...misdated])].map((pair) => ({ stay: pair.stay, line: describePair(pair) })),
  ].slice(0, linesMax)
  return {
    ...changes,
    sessions: stays.length,
    lostSessions: lost.length,
    doubledSessions: doubled.length,
    withMissingSeconds: pairs.filter(({ receipt }) => findMissingSeconds(receipt) !== null).length,
    unobserved: unobserved.length,
    unobservedSecondsMax: Math.max(0, ...receipts.map(({ unobservedSeconds }) => unobservedSeconds)),
    misdated: misdated.length,
    sessionLines: (await Promise.all(wrong.map(async ({ stay, line }) => [line, ...(await journalAround(rows, stay))]))).flat(),
    brokenJournals: await countBrokenJournals(rows),
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(11, 23)

const describeStay = ({ guildId, userId, from, to }: Stay): string => `member ${userId} of guild ${guildId}, ${timeOf(from)} to ${timeOf(to)}`

const describePair = ({ stay, receipt }: Comparison['pairs'][number]): string =>
  `${describeStay(stay)}: recorded ${timeOf(receipt.joinedAt)} to ${timeOf(receipt.leftAt)}, ` +
  `${receipt.unobservedSeconds} s unobserved${receipt.recovered ? ', found out later' : ''}`

async function journalAround(rows: WrittenRows, { guildId, from, to }: Stay): Promise<readonly string[]> {
  const written = await rows.query<{ seq: number; fence: string; payload: string }>(
    "SELECT seq, fence, payload FROM journal WHERE guild_id = $1 AND payload LIKE '%voice-%' ORDER BY seq", [guildId],
  )
  return written.flatMap(({ seq, fence, payload }) => {
    const { at, event } = parseJournalText(payload)
    return at < from - aroundMs || at > to + aroundMs ? [] : [`    ${seq} fence ${fence} ${timeOf(at)} ${JSON.stringify(event)}`]
  })
}

async function judgeChanges(rows: WrittenRows, load: DrillLoad): Promise<Pick<DrillVerdict, 'changes' | 'lostChanges' | 'doubledChanges'>> {
  const written = await rows.query<{ guild_id: string; count: string }>(
    "SELECT guild_id, count(*) FROM journal WHERE payload LIKE '%\"tracked-channels-set\"%' GROUP BY guild_id",
  )
  const countOf = new Map(written.map(({ guild_id: guild, count }) => [guild, Number(count)]))
  let [changes, lostChanges, doubledChanges] = [0, 0, 0]
  for (const [guild, { acknowledged, uncertain }] of load.changes()) {
    const count = countOf.get(guild) ?? 0
    changes += acknowledged
    lostChanges += Math.max(0, acknowledged - count)
    // One that was refused may have had its effect, or not: then the next one of its kind is the one that has none.
    doubledChanges += Math.max(0, count - acknowledged - uncertain)
  }
  return { changes, lostChanges, doubledChanges }
}

async function countBrokenJournals(rows: WrittenRows): Promise<number> {
  const [broken] = await rows.query<{ count: string }>(`
    SELECT count(DISTINCT guild_id) FROM (
      SELECT guild_id, seq, fence, row_number() OVER w AS n, lag(fence) OVER w AS before
      FROM journal WINDOW w AS (PARTITION BY guild_id ORDER BY seq)) j
    WHERE seq <> n OR fence < before`)
  return Number(broken?.count)
}
