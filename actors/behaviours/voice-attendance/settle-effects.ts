/**
 * What became of effects: a role that could not be given is not held, a delivery is counted, a post that failed is shown.
 */
import type { ChannelId, RoleId, UserId } from '../../../kernel/ids.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { EffectResult, SettledEffect } from '../../protocol/effect.ts'
import type { VoiceAttendanceCommand, VoiceTimedCommand } from '../../protocol/voice-attendance.ts'
import type { State, VoiceDecision } from './draft.ts'
import { Draft } from './draft.ts'

const feature = 'voice-attendance' as const

/** Words of a failure that are kept. */
const reasonLengthMax = 200

/** The receiver of a webhook said 410: it does not want anything any more. Part of an `impossible`'s reason. */
export const goneReason = '410'

export function onEffectSettled(effect: SettledEffect, result: EffectResult): VoiceAttendanceCommand | null {
  const reason = result.kind === 'done' ? null : result.reason.slice(0, reasonLengthMax)
  switch (effect.kind) {
    case 'add-role':
    case 'remove-role': {
      if (reason === null) return null
      const { userId, roleId } = effect.payload as { userId: UserId; roleId: RoleId }
      return { feature, kind: 'settle-role', roleId, userId, wasAdded: effect.kind === 'add-role', reason }
    }
    case 'deliver-webhook':
      return { feature, kind: 'settle-webhook', result: result.kind, isGone: reason?.startsWith(goneReason) === true, reason }
    case 'post-log':
      return { feature, kind: 'settle-log', channelId: effect.payload['channelId'] as ChannelId, reason }
    default:
      return null
  }
}

type Settled<Kind extends VoiceTimedCommand['kind']> = Extract<VoiceTimedCommand, { kind: Kind }>

export function settleRole(state: State, command: Settled<'settle-role'>, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  const { roleId, userId, wasAdded, reason } = command
  if (state.verifiedRoles[roleId] !== undefined) draft.events.push({ kind: 'voice-role-failed', roleId, userId, wasAdded, failure: reason })
  return draft.decision({ kind: 'observed' })
}

export function settleWebhook(state: State, command: Settled<'settle-webhook'>, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  const { result, isGone, reason } = command
  if (state.webhook !== null) draft.events.push({ kind: 'voice-webhook-settled', result, isGone, failure: reason })
  return draft.decision({ kind: 'observed' })
}
