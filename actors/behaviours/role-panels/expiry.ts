/**
 * Grants that end by themselves, and what is looked at again after a change of owner.
 */
import type { RoleId, UserId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { Effect } from '../../protocol/effect.ts'
import type { RolePanelsEvent } from '../../protocol/role-panels.ts'
import type { PanelDecision, State } from './state.ts'
import { findPanel, recentKeptMs } from './state.ts'

const reply = { kind: 'panel-noted' } as const

/** As many as fit a turn, those due first; the rest is the next alarm's. */
export function expireRoles(state: State, context: DecideContext): PanelDecision {
  const due = Object.entries(state.temporary)
    .filter(([, { until }]) => until <= context.now)
    .sort(([keyA, a], [keyB, b]) => a.until - b.until || (keyA < keyB ? -1 : 1))
    .slice(0, limits.expiriesPerTurnMax)
  const events: RolePanelsEvent[] = []
  const effects: Effect[] = []
  for (const [index, [key, { panelId }]] of due.entries()) {
    const [userId, roleId] = key.split(' ') as [UserId, RoleId]
    const changeId = `${context.opId}:${index}`
    const panelName = findPanel(state, panelId)?.name ?? ''
    events.push({ kind: 'role-change-begun', changeId, userId, panelId, panelName, how: 'expiry', added: [], removed: [roleId], refused: [], seats: [] })
    effects.push({ delivery: 'outbox', kind: 'remove-role', target: `role:${userId}`, payload: { userId, roleId, changeId, reason: 'Role panel: its time is over' } })
  }
  return { events, effects, reply }
}

/** A late request of the owner before may still arrive: its connection is given so long, or is gone. */
const confirmAfterMs = 5_000

export function confirmRoles(state: State, { now }: DecideContext): PanelDecision {
  const isFresh = state.recent.some(({ at }) => at > now - recentKeptMs)
  const at = now + confirmAfterMs
  // Whoever takes over before the look has requests of another owner to wait for: the look is put off to be after theirs.
  if (!isFresh || (state.confirmAt !== null && state.confirmAt >= at)) return { events: [], reply }
  return { events: [{ kind: 'roles-confirming', at }], reply }
}

/** One look a member and role, behind whatever is on its way for that member; a newer change of it speaks for itself. */
export function driveRoles(state: State, { now }: DecideContext): PanelDecision {
  const newest = new Map<string, Effect>()
  for (const { userId, roleId, wanted, at } of state.recent) {
    if (at <= now - recentKeptMs || state.pending[userId]?.[roleId] !== undefined) continue
    newest.set(`${userId} ${roleId}`, { delivery: 'outbox', kind: 'confirm-role', target: `role:${userId}`, payload: { userId, roleId, wanted } })
  }
  return { events: [{ kind: 'roles-confirming', at: null }], effects: [...newest.values()], reply }
}
