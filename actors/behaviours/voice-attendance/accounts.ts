/**
 * Into which account a stretch of a session falls: counted, paused for one reason, or unobserved.
 *
 * Every millisecond between joined_at and left_at is in exactly one account, so that
 * counted + paused + unobserved = wall time (I10). Accounts are milliseconds; floors are taken once, at signing.
 */
import type { PausedSeconds } from '../../protocol/record.ts'
import type { SetAsideSeconds } from '../../protocol/voice-attendance.ts'
import type { OpenSession } from '../../protocol/voice-attendance-state.ts'

/** A stretch of time, Unix ms. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * Advances the accounts to `until`; what lies after `unobservedFrom` (null: watched throughout) was seen by nobody.
 * Answers the stretch that was counted, or null.
 */
export function advanceAccounts(session: OpenSession, until: number, unobservedFrom: number | null): Stretch | null {
  const from = session.accountedUntil
  if (until <= from) return null
  const watchedEnd = unobservedFrom === null ? until : Math.min(Math.max(unobservedFrom, from), until)
  const watchedMs = watchedEnd - from
  session.unobservedMs += until - watchedEnd
  session.accountedUntil = until
  if (watchedMs === 0) return null
  if (session.pause !== undefined) {
    session.pausedMs[session.pause] = (session.pausedMs[session.pause] ?? 0) + watchedMs
    return null
  }
  session.countedMs += watchedMs
  return { from, to: watchedEnd }
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

/** Sums of what did not count, reasons without any left out. */
export function addSetAside(
  before: SetAsideSeconds,
  closed: { readonly pausedSeconds: PausedSeconds; readonly unobservedSeconds: number },
): SetAsideSeconds {
  const sums: Record<string, number> = { ...before }
  for (const [reason, seconds] of Object.entries({ ...closed.pausedSeconds, unobserved: closed.unobservedSeconds })) {
    if (seconds > 0) sums[reason] = (sums[reason] ?? 0) + seconds
  }
  return sums
}
