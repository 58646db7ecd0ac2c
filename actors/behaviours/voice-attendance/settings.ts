/**
 * Changes of settings: what is allowed, what is journaled. What is set already is answered and journals nothing.
 */
import { unreachable } from '../../../kernel/assert.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { VoiceAttendanceEvent } from '../../protocol/voice-attendance.ts'
import type {
  FairnessRules, PeriodSchedule, SettingsRefusal, Tier, VoiceSettings, VoiceSettingsCommand,
} from '../../protocol/voice-settings.ts'
import { deliver, changeRole, webhookDeliveriesMax } from './announce.ts'
import { isTimeZone, nextBoundary } from './calendar.ts'
import type { State, VoiceDecision } from './draft.ts'
import { Draft } from './draft.ts'
import { nextBoardAt } from './log.ts'
import type { RoleId, UserId } from '../../../kernel/ids.ts'

/** As many channels as a guild may have. https://docs.discord.com/developers/resources/guild */
const trackedChannelsMax = 500
/** Each one is a post for every happening. */
const logChannelsMax = 10
const verifiedRolesMax = 10

type Command<Kind extends VoiceSettingsCommand['kind']> = Extract<VoiceSettingsCommand, { kind: Kind }>

export function decideSettings(state: State, command: VoiceSettingsCommand, context: DecideContext): VoiceDecision {
  switch (command.kind) {
    case 'read-settings':
      return { events: [], reply: { kind: 'voice-settings', settings: readSettings(state, context.now) } }
    case 'set-tracking-mode': {
      const reply = { kind: 'tracking-mode-set', mode: command.mode, previous: state.trackingMode } as const
      if (command.mode === state.trackingMode) return { events: [], reply }
      return { events: [{ kind: 'tracking-mode-set', mode: command.mode, byUserId: command.byUserId }], reply }
    }
    case 'track-channel':
      return trackChannel(state, command)
    case 'set-fairness':
      return setFairness(state, command)
    case 'set-schedule':
      return setSchedule(state, command, context)
    case 'set-public-boards':
      return settle(command.on !== state.publicBoards, { kind: 'public-boards-set', on: command.on, byUserId: command.byUserId })
    case 'set-log-channel':
      return setLogChannel(state, command, context)
    case 'add-verified-role':
      return addVerifiedRole(state, command)
    case 'remove-verified-role':
      return removeVerifiedRole(state, command, context)
    case 'set-webhook':
      return setWebhook(state, command)
    case 'remove-webhook':
      if (state.webhook === null) return refuse('no-webhook')
      return settle(true, { kind: 'webhook-removed', byUserId: command.byUserId })
    case 'test-webhook':
      return testWebhook(state, command, context)
    case 'set-tier':
      return settle(command.tier !== state.tier, { kind: 'tier-set', tier: command.tier })
    default:
      return unreachable(command)
  }
}

function settle(changed: boolean, event: VoiceAttendanceEvent): VoiceDecision {
  return { events: changed ? [event] : [], reply: { kind: 'setting-set', changed } }
}

function refuse(reason: SettingsRefusal): VoiceDecision {
  return { events: [], reply: { kind: 'setting-refused', reason } }
}

function trackChannel(state: State, { action, channelId, byUserId }: Command<'track-channel'>): VoiceDecision {
  const isListed = state.trackedChannels.includes(channelId)
  const others = state.trackedChannels.filter((channel) => channel !== channelId)
  if (action === 'add' && others.length >= trackedChannelsMax) return refuse('too-many-channels')
  const channels = action === 'add' ? [...others, channelId] : others
  return settle(isListed !== (action === 'add'), { kind: 'tracked-channels-set', channels, byUserId })
}

function setFairness(state: State, { rules, byUserId }: Command<'set-fairness'>): VoiceDecision {
  const fairness: FairnessRules = { ...state.fairness, ...rules }
  const names = Object.keys(fairness) as (keyof FairnessRules)[]
  const changed = names.some((name) => fairness[name] !== state.fairness[name])
  return settle(changed, { kind: 'fairness-set', fairness, byUserId })
}

/** The running period goes on and ends at the first boundary that the new schedule has after now. */
function setSchedule(state: State, { changes, byUserId }: Command<'set-schedule'>, context: DecideContext): VoiceDecision {
  if (changes.timeZone !== undefined && !isTimeZone(changes.timeZone)) return refuse('unknown-time-zone')
  const wanted: PeriodSchedule = { ...state.schedule, ...changes }
  const names = Object.keys(wanted) as (keyof PeriodSchedule)[]
  const changed = names.some((name) => wanted[name] !== state.schedule[name])
  const countsAnew = changed && wanted.anchor === 'rolling' && (changes.anchor !== undefined || changes.interval !== undefined)
  const schedule = countsAnew ? { ...wanted, anchorAt: context.now } : wanted
  return settle(changed, {
    kind: 'schedule-set',
    schedule,
    endsAt: state.period === null ? null : nextBoundary(schedule, context.now),
    boardAt: nextBoardAt(state.logs, schedule, context.now),
    byUserId,
  })
}

function setLogChannel(
  state: State,
  { channelId, events, byUserId }: Command<'set-log-channel'>,
  { now }: DecideContext,
): VoiceDecision {
  const before = state.logs[channelId]?.events ?? []
  if (before.length === 0 && events.length > 0 && Object.keys(state.logs).length >= logChannelsMax) return refuse('too-many-log-channels')
  const { [channelId]: _, ...others } = state.logs
  const logs = events.length === 0 ? others : { ...others, [channelId]: { events } }
  const changed = before.length !== events.length || before.some((event) => !events.includes(event))
  return settle(changed, { kind: 'log-channel-set', channelId, events, boardAt: nextBoardAt(logs, state.schedule, now), byUserId })
}

/** The guild's own tier, or the cluster's default where none was given to it. */
const isPro = (state: State, defaultTier: Tier): boolean => (state.tier ?? defaultTier) === 'pro'

function addVerifiedRole(state: State, { roleId, role, byUserId, defaultTier }: Command<'add-verified-role'>): VoiceDecision {
  if (!isPro(state, defaultTier)) return refuse('needs-pro')
  const before = state.verifiedRoles[roleId]
  if (before === undefined && Object.keys(state.verifiedRoles).length >= verifiedRolesMax) return refuse('too-many-roles')
  const changed = before?.minimumSeconds !== role.minimumSeconds || before.within !== role.within
  return settle(changed, { kind: 'verified-role-set', roleId, role, byUserId })
}

/** What was given for it is taken back. */
function removeVerifiedRole(state: State, { roleId, byUserId }: Command<'remove-verified-role'>, context: DecideContext): VoiceDecision {
  const before = state.verifiedRoles[roleId]
  const draft = new Draft(state, context)
  if (before !== undefined) {
    changeRole(draft, roleId, { added: [], removed: Object.keys(before.holders) as UserId[] })
    draft.events.push({ kind: 'verified-role-set', roleId, role: null, byUserId })
  }
  return draft.decision({ kind: 'setting-set', changed: before !== undefined })
}

function setWebhook(state: State, { url, sealedSecret, events, byUserId, defaultTier }: Command<'set-webhook'>): VoiceDecision {
  if (!isPro(state, defaultTier)) return refuse('needs-pro')
  return settle(true, { kind: 'webhook-set', url, sealedSecret, events, byUserId })
}

function testWebhook(state: State, { byUserId }: Command<'test-webhook'>, context: DecideContext): VoiceDecision {
  if (state.webhook === null) return refuse('no-webhook')
  if (state.webhook.pending >= webhookDeliveriesMax) return refuse('too-many-deliveries')
  const draft = new Draft(state, context)
  draft.events.push({ kind: 'webhook-tested', byUserId })
  deliver(draft, 'test', [])
  return draft.decision({ kind: 'setting-set', changed: true })
}

function readSettings(state: State, now: number): VoiceSettings {
  const { webhook } = state
  return {
    trackingMode: state.trackingMode,
    trackedChannels: state.trackedChannels,
    fairness: state.fairness,
    rulesVersion: state.rulesVersion,
    schedule: state.schedule,
    period: state.period === null ? null : { index: state.period.index, startedAt: state.period.startedAt },
    nextBoundaryAt: state.period?.endsAt ?? nextBoundary(state.schedule, now),
    logs: state.logs,
    verifiedRoles: Object.fromEntries(
      Object.entries(state.verifiedRoles).map(([role, { minimumSeconds, within, holders, failure }]) => [
        role as RoleId,
        { minimumSeconds, within, holders: Object.keys(holders).length, failure },
      ]),
    ),
    webhook: webhook === null ? null : {
      url: webhook.url, events: webhook.events, pending: webhook.pending, dead: webhook.dead, skipped: webhook.skipped,
      lastDelivery: webhook.lastDelivery, isActive: webhook.isActive,
    },
    publicBoards: state.publicBoards,
    tier: state.tier,
  }
}
