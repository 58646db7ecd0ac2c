/**
 * What voice attendance keeps of a guild, how a new guild starts, and how older states become today's.
 */
import { assert } from '../../../kernel/assert.ts'
import type { ChannelId } from '../../../kernel/ids.ts'
import type { FairnessRules, PeriodSchedule } from '../../protocol/voice-settings.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'

export const stateVersion = 2

const fairnessDefault: FairnessRules = {
  selfMute: false,
  serverMute: false,
  selfDeaf: false,
  serverDeaf: false,
  alone: false,
  afk: false,
  minimumSeconds: 0,
  minimumMembers: 1,
}

const scheduleDefault: PeriodSchedule = {
  interval: 'weekly',
  anchor: 'calendar',
  anchorAt: 0,
  timeZone: 'UTC',
  weekStart: 'monday',
}

export function initialState(): VoiceAttendanceState {
  return {
    trackingMode: 'off',
    trackedChannels: [],
    // Replaced as a whole when they change, never written into: guilds may share them.
    fairness: fairnessDefault,
    rulesVersion: 1,
    afkChannelId: null,
    schedule: scheduleDefault,
    period: null,
    periodCount: 0,
    closing: null,
    open: {},
    bystanders: {},
    totals: {},
    setAside: {},
    channelTotals: {},
    unsigned: { sessions: 0, seconds: 0 },
    activity: {},
    activitySince: null,
    logs: {},
    logQueue: [],
    boardAt: null,
    verifiedRoles: {},
    webhook: null,
    publicBoards: false,
    tier: null,
    feedLostSince: null,
  }
}

/** What version 1 kept: no pauses, and one period without an end. */
type StateVersion1 = Pick<
  VoiceAttendanceState,
  'trackingMode' | 'trackedChannels' | 'rulesVersion' | 'open' | 'totals' | 'feedLostSince'
> & { readonly period: { readonly periodId: string; readonly index: number; readonly startedAt: number } | null }

/** Turns a stored state into today's. */
export function upgradeState(state: unknown, fromVersion: number): VoiceAttendanceState {
  if (fromVersion === 1) return upgradeFrom1(state as StateVersion1)
  assert(fromVersion === stateVersion, `voice-attendance state version ${fromVersion} is unknown`)
  return state as VoiceAttendanceState
}

/** Its period is given an end by the next command: an upgrade knows no time. */
function upgradeFrom1(state: StateVersion1): VoiceAttendanceState {
  return {
    ...initialState(),
    ...state,
    period: state.period === null ? null : { ...state.period, endsAt: null },
    periodCount: state.period?.index ?? 0,
  }
}

/** True when sessions are counted in this channel under the settings in force. */
export function isTracked(state: Readonly<VoiceAttendanceState>, channel: ChannelId): boolean {
  switch (state.trackingMode) {
    case 'off':
      return false
    case 'all':
      return true
    case 'allowlist':
      return state.trackedChannels.includes(channel)
    case 'denylist':
      return !state.trackedChannels.includes(channel)
  }
}
