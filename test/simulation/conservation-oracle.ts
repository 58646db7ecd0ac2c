/**
 * Holds the journal against what really happened in voice: I10 to the second, and I8, in runs in which every slot changed
 * hands by plan only.
 *
 * Then nothing was unobserved, no stay was told twice, and every stay that a guild saw from its beginning was told when it
 * began and when it ended. What came and went within the silent moment of a handoff may be missing (feed-switch.ts).
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { VoiceAttendanceEvent } from '../../actors/protocol/voice-attendance.ts'
import { parseJournalText } from '../../actors/runtime/journal-entry.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'
import { wallStartMs } from './simulated-process.ts'
import type { Verdict } from './verdict.ts'
import type { Stay, VoiceTruth } from './voice-truth.ts'

export interface ConservationOracleDeps {
  readonly database: MemoryDatabase
  readonly truth: VoiceTruth
  readonly verdict: Verdict
  now(): number
}

/** By then every slot is where it is heard; sessions that began before are not judged. */
export const beginningMs = 1_000
/** A member who is awaited is settled after a second; the rest is what feeds and clocks are late. */
const toleranceMs = 1_500
/** A stay within one handoff may be missing. */
const shortMs = 2_500

interface ToldStay {
  readonly openedAt: number
  closedAt: number | null
}

export class ConservationOracle {
  readonly #deps: ConservationOracleDeps
  /** Why seconds cannot be compared with the truth in this run; null: they can. */
  #excuse: string | null = null

  constructor(deps: ConservationOracleDeps) {
    this.#deps = deps
  }

  /** A process died, a slot was taken without its owner's word: time was unobserved, and is reconciled. */
  excuse(why: string): void {
    this.#excuse ??= why
  }

  judgeEnd(): void {
    const { database, verdict } = this.#deps
    if (this.#excuse !== null) return
    verdict.count('stays compared with the truth, runs')
    for (const guildId of database.journal.keys()) this.#judgeGuild(guildId)
  }

  #judgeGuild(guildId: GuildId): void {
    const { truth, verdict } = this.#deps
    const { told, trackedSince } = this.#readJournal(guildId)
    for (const stay of truth.stays) {
      if (stay.guildId !== guildId || trackedSince === null || stay.fromMs < Math.max(trackedSince, beginningMs) + toleranceMs) continue
      const known = told.get(stay.voiceSessionId)
      const lasted = (stay.toMs ?? this.#deps.now()) - stay.fromMs
      if (known === undefined) {
        if (lasted > shortMs) verdict.fail('I10', `guild ${guildId}: ${nameOf(stay)} was never told`)
        continue
      }
      verdict.count('stay compared with the truth')
      this.#compare(stay, known)
    }
  }

  #compare(stay: Stay, known: ToldStay): void {
    const { verdict } = this.#deps
    const late = known.openedAt - stay.fromMs
    if (Math.abs(late) > toleranceMs) verdict.fail('I10', `${nameOf(stay)} was told ${late.toFixed(0)} ms off`)
    if (stay.toMs === null || known.closedAt === null) {
      const isOpenStill = stay.toMs === null || this.#deps.now() - stay.toMs < shortMs
      if (known.closedAt !== null || !isOpenStill) verdict.fail('I10', `${nameOf(stay)}: closed at ${known.closedAt}`)
      return
    }
    const off = known.closedAt - stay.toMs
    if (Math.abs(off) > toleranceMs) verdict.fail('I10', `${nameOf(stay)} was closed ${off.toFixed(0)} ms off`)
  }

  #readJournal(guildId: GuildId): { told: ReadonlyMap<string, ToldStay>; trackedSince: number | null } {
    const { database, verdict } = this.#deps
    const told = new Map<string, ToldStay>()
    const bySession = new Map<string, ToldStay>()
    let trackedSince: number | null = null
    for (const row of database.journal.get(guildId)?.values() ?? []) {
      const entry = parseJournalText(row.payload)
      if (entry.feature !== 'voice-attendance') continue
      const at = entry.at - wallStartMs
      const event = entry.event as VoiceAttendanceEvent
      if (event.kind === 'tracking-mode-set') trackedSince ??= at
      if (event.kind === 'voice-session-opened') {
        const { voiceSessionId } = event.voice
        if (told.has(voiceSessionId)) verdict.fail('I8', `guild ${guildId}: ${voiceSessionId} was told twice`)
        const stay: ToldStay = { openedAt: at, closedAt: null }
        told.set(voiceSessionId, stay)
        bySession.set(event.sessionId, stay)
      } else if (event.kind === 'voice-session-closed' || event.kind === 'voice-session-discarded') {
        const stay = bySession.get(event.sessionId)
        if (event.kind === 'voice-session-closed' && event.nextSessionId !== undefined && stay !== undefined) {
          bySession.set(event.nextSessionId, stay)
        } else if (stay !== undefined) stay.closedAt = event.leftAt - wallStartMs
        const isJudged = stay !== undefined && stay.openedAt > beginningMs
        if (event.kind === 'voice-session-closed' && isJudged && event.unobservedSeconds > 0) {
          verdict.fail('I10', `guild ${guildId}: ${event.unobservedSeconds} s of ${event.sessionId} are unobserved, and nothing went wrong`)
        }
      }
    }
    return { told, trackedSince }
  }
}

const nameOf = ({ guildId, voiceSessionId, fromMs, toMs }: Stay): string =>
  `${voiceSessionId} of ${guildId} (${fromMs.toFixed(0)}–${toMs?.toFixed(0) ?? ''})`
