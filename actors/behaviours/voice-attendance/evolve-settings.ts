/**
 * How settings, and what became of the effects that they wish for, change what is kept.
 */
import { unreachable } from '../../../kernel/assert.ts'
import type { VoiceAttendanceEvent } from '../../protocol/voice-attendance.ts'
import type { VerifiedRole } from '../../protocol/voice-settings.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'

type SettingsEvent = Exclude<
  VoiceAttendanceEvent,
  {
    kind:
      | `voice-session-${string}` | `voice-feed-${string}` | `voice-period-${string}` | 'voice-flags-changed'
      | 'voice-bystander-noted' | 'voice-afk-channel-noted' | 'fairness-set'
  }
>
type Event<Kind extends SettingsEvent['kind']> = Extract<SettingsEvent, { kind: Kind }>

export function evolveSettings(state: VoiceAttendanceState, event: SettingsEvent, at: number): VoiceAttendanceState {
  switch (event.kind) {
    case 'tracking-mode-set':
      state.trackingMode = event.mode
      return state
    case 'tracked-channels-set':
      state.trackedChannels = [...event.channels]
      return state
    case 'schedule-set':
      state.schedule = event.schedule
      state.boardAt = event.boardAt
      if (state.period !== null) state.period.endsAt = event.endsAt
      return state
    case 'public-boards-set':
      state.publicBoards = event.on
      return state
    case 'voice-export-announced':
      // Told to others; nothing here depends on it.
      return state
    case 'tier-set':
      state.tier = event.tier
      return state
    case 'log-channel-set':
    case 'voice-log-flushed':
    case 'voice-log-settled':
    case 'voice-board-posted':
      evolveLog(state, event)
      return state
    case 'verified-role-set':
      setRole(state, event.roleId, event.role)
      return state
    case 'voice-roles-changed':
    case 'voice-role-failed':
      evolveHolders(state, event)
      return state
    case 'webhook-set':
    case 'webhook-removed':
    case 'webhook-tested':
    case 'voice-webhook-queued':
    case 'voice-webhook-settled':
      evolveWebhook(state, event, at)
      return state
    default:
      return unreachable(event)
  }
}

function evolveLog(
  state: VoiceAttendanceState,
  event: Event<'log-channel-set' | 'voice-log-flushed' | 'voice-log-settled' | 'voice-board-posted'>,
): void {
  switch (event.kind) {
    case 'log-channel-set':
      if (event.events.length === 0) delete state.logs[event.channelId]
      else state.logs[event.channelId] = { events: event.events }
      state.boardAt = event.boardAt
      return
    case 'voice-log-flushed':
      state.logQueue = []
      return
    case 'voice-board-posted':
      state.boardAt = event.boardAt
      return
    case 'voice-log-settled': {
      const known = state.logs[event.channelId]
      if (known === undefined) return
      state.logs[event.channelId] = event.failure === null ? { events: known.events } : { events: known.events, failure: event.failure }
    }
  }
}

function setRole(state: VoiceAttendanceState, roleId: string, role: VerifiedRole | null): void {
  if (role === null) {
    delete state.verifiedRoles[roleId]
    return
  }
  state.verifiedRoles[roleId] = { ...role, holders: state.verifiedRoles[roleId]?.holders ?? {}, failure: null }
}

function evolveHolders(state: VoiceAttendanceState, event: Event<'voice-roles-changed' | 'voice-role-failed'>): void {
  const role = state.verifiedRoles[event.roleId]
  if (role === undefined) return
  if (event.kind === 'voice-roles-changed') {
    for (const user of event.added) role.holders[user] = true
    for (const user of event.removed) delete role.holders[user]
    role.failure = null
    return
  }
  role.failure = event.failure
  // Not given: tried again when the member's next session closes. Not taken: nobody is asked twice to lack a permission.
  if (event.wasAdded) delete role.holders[event.userId]
}

function evolveWebhook(
  state: VoiceAttendanceState,
  event: Event<'webhook-set' | 'webhook-removed' | 'webhook-tested' | 'voice-webhook-queued' | 'voice-webhook-settled'>,
  at: number,
): void {
  if (event.kind === 'webhook-set') {
    const { url, sealedSecret, events } = event
    const pending = state.webhook?.pending ?? 0
    state.webhook = { url, sealedSecret, events, pending, dead: 0, skipped: 0, lastDelivery: null, isActive: true }
    return
  }
  const { webhook } = state
  if (event.kind === 'webhook-removed' || webhook === null) {
    state.webhook = null
    return
  }
  if (event.kind === 'webhook-tested') webhook.pending += 1
  else if (event.kind === 'voice-webhook-queued') {
    if (event.skipped) webhook.skipped += 1
    else webhook.pending += 1
  } else {
    webhook.pending = Math.max(0, webhook.pending - 1)
    webhook.lastDelivery = { at, failure: event.failure }
    if (event.result !== 'done') webhook.dead += 1
    if (event.isGone) webhook.isActive = false
  }
}
