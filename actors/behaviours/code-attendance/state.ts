/**
 * What code attendance keeps of a guild, how a new guild starts, and how older states become today's.
 *
 * Kept is what the next command must know at once: settings, who registered what, the open session. Entries of closed
 * sessions are rows: ten thousand students and years of sessions would be loaded, snapshotted and signed with every
 * activation, to be looked at when somebody is excused. See facts.ts for how a row is changed safely.
 */
import { assert } from '../../../kernel/assert.ts'
import type { UserId } from '../../../kernel/ids.ts'
import type { CodeAttendanceState } from '../../protocol/attendance.ts'

export const stateVersion = 3

export function initialState(): CodeAttendanceState {
  return {
    webhookSecretHash: null,
    settings: {
      adminChannelId: null,
      attendanceChannelId: null,
      staffRoleId: null,
      intervalSeconds: null,
      codeLength: null,
      alphabet: 'full',
      grace: 0,
      lateAfterMinutes: null,
      autoCloseMinutes: null,
      voicePresence: 'off',
      voiceChannelId: null,
      timeZone: null,
    },
    students: {},
    studentIds: {},
    studentCount: 0,
    lastSessionSecond: 0,
    open: null,
    last: null,
    ended: null,
    changes: 0,
    freshFrom: 0,
    touched: {},
    chainSequence: 0,
  }
}

/**
 * Turns a stored state into today's. Entries of version 1 are rows now; the migration made them of their receipts. Version 2
 * took nothing in after a class had ended, and forgot entries of a closing as they were written.
 */
export function upgradeState(state: unknown, fromVersion: number): CodeAttendanceState {
  if (fromVersion === 1) {
    const { webhookSecretHash } = state as Pick<CodeAttendanceState, 'webhookSecretHash'>
    return { ...initialState(), webhookSecretHash }
  }
  if (fromVersion === 2) return upgradeClosing({ ...(state as CodeAttendanceState), ended: null })
  assert(fromVersion === stateVersion, `code-attendance state version ${fromVersion} is unknown`)
  return state as CodeAttendanceState
}

function upgradeClosing(state: CodeAttendanceState): CodeAttendanceState {
  const { open } = state
  if (open?.closing === null || open === null) return state
  // Those written already were counted in the closing alone; nothing typed by its beginning is taken in late.
  const { entryCount } = open.closing as typeof open.closing & { readonly entryCount: number }
  return { ...state, open: { ...open, entryCount, closing: { ...open.closing, until: open.openedAt } } }
}

/** A user id has no space, so two different entries never share a key. */
export const entryKey = (sessionId: string, user: UserId): string => `${sessionId} ${user}`
