/**
 * What voice attendance keeps of a guild, how a new guild starts, and how older states become today's.
 */
import { assert } from '../../../kernel/assert.ts'
import type { ChannelId } from '../../../kernel/ids.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'

export const stateVersion = 1

export function initialState(): VoiceAttendanceState {
  return {
    trackingMode: 'off',
    trackedChannels: [],
    rulesVersion: 1,
    period: null,
    open: {},
    totals: {},
    feedLostSince: null,
  }
}

/** Turns a stored state into today's. Version 1 is the first. */
export function upgradeState(state: unknown, fromVersion: number): VoiceAttendanceState {
  assert(fromVersion === stateVersion, `voice-attendance state version ${fromVersion} is unknown`)
  return state as VoiceAttendanceState
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
