/**
 * Into which account a stretch of a session falls: counted, paused for one reason, or unobserved.
 *
 * Every millisecond between joined_at and left_at is in exactly one account, so that
 * counted + paused + unobserved = wall time (I10). Accounts are milliseconds; floors are taken once, at signing.
 */
import type { PausedSeconds } from '../../protocol/record.ts'
import type { OpenSession } from '../../protocol/voice-attendance-state.ts'

/** Advances the accounts to `until`; what lies after `unobservedFrom` (null: watched throughout) was seen by nobody. */
export function advanceAccounts(session: OpenSession, until: number, unobservedFrom: number | null): void {
  const from = session.accountedUntil
  if (until <= from) return
  const watchedEnd = unobservedFrom === null ? until : Math.min(Math.max(unobservedFrom, from), until)
  session.countedMs += watchedEnd - from
  session.unobservedMs += until - watchedEnd
  session.accountedUntil = until
}

/** A copy whose accounts may be advanced without touching the state. */
export function copySession(session: Readonly<OpenSession>): OpenSession {
  return { ...session, pausedMs: { ...session.pausedMs } }
}

const wholeSeconds = (ms: number | undefined): number => Math.floor((ms ?? 0) / 1000)

export const durationSeconds = (session: Readonly<OpenSession>): number => wholeSeconds(session.countedMs)
export const unobservedSeconds = (session: Readonly<OpenSession>): number => wholeSeconds(session.unobservedMs)

export function pausedSeconds(session: Readonly<OpenSession>): PausedSeconds {
  const paused = session.pausedMs
  return {
    self_mute: wholeSeconds(paused.self_mute),
    server_mute: wholeSeconds(paused.server_mute),
    self_deaf: wholeSeconds(paused.self_deaf),
    server_deaf: wholeSeconds(paused.server_deaf),
    alone: wholeSeconds(paused.alone),
    afk: wholeSeconds(paused.afk),
    too_few: wholeSeconds(paused.too_few),
  }
}
