/**
 * Discord's word on one role of a change. With the last one the person is told, and the audit has its line.
 */
import { assert } from '../../../kernel/assert.ts'
import type { ChannelId, RoleId, UserId } from '../../../kernel/ids.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { Effect, EffectResult, SettledEffect } from '../../protocol/effect.ts'
import type { ChangeAnswer, ChangeTicket, FailedRole, PanelSettleCommand, RoleChange, RolePanelsCommand } from '../../protocol/role-panels.ts'
import type { PanelDecision, State } from './state.ts'
import { entryOf, feature, findPanel, isGrantOnItsWay } from './state.ts'

/** Words of a failure that are kept. */
const reasonLengthMax = 200

export function onEffectSettled(effect: SettledEffect, result: EffectResult): RolePanelsCommand | null {
  const reason = result.kind === 'done' ? null : result.reason.slice(0, reasonLengthMax)
  switch (effect.kind) {
    case 'add-role':
    case 'remove-role': {
      const { changeId, roleId, ticket } = effect.payload as { changeId: string; roleId: RoleId; ticket?: ChangeTicket }
      return { feature, kind: 'settle-role-change', changeId, roleId, result: result.kind, reason, ticket: ticket ?? null }
    }
    case 'show-panel': {
      const panelId = effect.payload['panelId'] as string
      // The panel was deleted before its message was shown: there is nothing to note.
      if (result.kind === 'done' && result.answer['messageId'] === null) return null
      const shown = result.kind === 'done' ? (result.answer as { channelId: ChannelId; messageId: string; revision: number }) : null
      return { feature, kind: 'settle-show', panelId, shown, reason }
    }
    case 'post-audit':
      return { feature, kind: 'settle-audit', channelId: effect.payload['channelId'] as ChannelId, reason }
    default:
      return null
  }
}

export function settleChange(
  state: State,
  { changeId, roleId, reason, ticket }: Extract<PanelSettleCommand, { kind: 'settle-role-change' }>,
  context: DecideContext,
): PanelDecision {
  const change = state.changes[changeId]
  const reply = { kind: 'panel-noted' } as const
  // A row runs at least once, and its outcome takes effect once: a change that is gone was settled.
  if (change === undefined) return { events: [], reply }
  const failed: readonly FailedRole[] = reason === null ? change.failed : [...change.failed, { roleId, reason }]
  const panel = findPanel(state, change.panelId)
  const durationMs = panel === undefined ? null : (entryOf(panel, roleId)?.temporaryMs ?? null)
  const isGranted = reason === null && change.added.includes(roleId)
  const until = isGranted && durationMs !== null ? context.now + durationMs : null
  return {
    events: [{ kind: 'role-change-settled', changeId, roleId, failure: reason, until }],
    effects: ticket === null ? [] : [answer(change, { ticket, failed })],
    reply,
  }
}

function answer(change: RoleChange, { ticket, failed }: { readonly ticket: ChangeTicket; readonly failed: readonly FailedRole[] }): Effect {
  const hasFailed = (roleId: RoleId): boolean => failed.some((one) => one.roleId === roleId)
  assert(change.settled + 1 === change.added.length + change.removed.length, 'the ticket comes with the last role of a change')
  const payload: ChangeAnswer = {
    ticket,
    panelId: change.panelId,
    userId: change.userId,
    added: change.added.filter((roleId) => !hasFailed(roleId)),
    removed: change.removed.filter((roleId) => !hasFailed(roleId)),
    failed,
    refused: change.refused,
  }
  return { delivery: 'outbox', kind: 'answer-interaction', target: `answer:${ticket.interactionId}`, payload: { ...payload } }
}

/** Seats of members who left, or who lost the role by another hand. */
export function freeSeats(state: State, options: { readonly panelId: string | null; readonly roleId: RoleId; readonly userIds: readonly UserId[] }): PanelDecision {
  const { panelId, roleId, userIds } = options
  const holders = Object.entries(state.seats).filter(([id]) => panelId === null || id === panelId)
  // A grant that is on its way holds its seat although Discord does not show the role yet.
  const leaving = userIds.filter(
    (userId) => holders.some(([, roles]) => roles[roleId]?.[userId] !== undefined) && !isGrantOnItsWay(state, userId, roleId),
  )
  if (leaving.length === 0) return { events: [], reply: { kind: 'panel-noted' } }
  return { events: [{ kind: 'seats-freed', panelId, roleId, userIds: leaving }], reply: { kind: 'panel-noted' } }
}

/** With the members intent. `roles` null: the member left. */
export function observeMember(state: State, { userId, roles }: { readonly userId: UserId; readonly roles: readonly RoleId[] | null }): PanelDecision {
  const lost = new Set<RoleId>()
  for (const byRole of Object.values(state.seats)) {
    for (const [roleId, holders] of Object.entries(byRole) as [RoleId, Record<string, number>][]) {
      if (holders[userId] !== undefined && roles?.includes(roleId) !== true) lost.add(roleId)
    }
  }
  const decisions = [...lost].map((roleId) => freeSeats(state, { panelId: null, roleId, userIds: [userId] }))
  return { events: decisions.flatMap(({ events }) => events), reply: { kind: 'panel-noted' } }
}
