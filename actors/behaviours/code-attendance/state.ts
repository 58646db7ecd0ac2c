/**
 * What code attendance keeps of a guild, how a new guild starts, and how older states become today's.
 */
import { assert } from '../../../kernel/assert.ts'
import type { UserId } from '../../../kernel/ids.ts'
import type { CodeAttendanceState } from '../../protocol/attendance.ts'

export const stateVersion = 1

export function initialState(): CodeAttendanceState {
  return { webhookSecretHash: null, entries: {}, entryCount: 0, unsealed: {} }
}

/** Turns a stored state into today's. Version 1 is the first. */
export function upgradeState(state: unknown, fromVersion: number): CodeAttendanceState {
  assert(fromVersion === stateVersion, `code-attendance state version ${fromVersion} is unknown`)
  return state as CodeAttendanceState
}

/** A user id has no space, so two different entries never share a key. */
export const entryKey = (sessionId: string, user: UserId): string => `${sessionId} ${user}`
