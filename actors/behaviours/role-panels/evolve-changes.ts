/**
 * How role changes alter what is kept: what is on its way, what was done lately, seats, times, the audit.
 */
import { assert } from '../../../kernel/assert.ts'
import type { RoleId, UserId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import type { PanelAudit, RoleChange, RolePanelsEvent, RolePanelsState } from '../../protocol/role-panels.ts'
import { isGrantOnItsWay, pairKey, recentKeptMs } from './state.ts'

type Event<Kind extends RolePanelsEvent['kind']> = Extract<RolePanelsEvent, { kind: Kind }>

export function beginChange(state: RolePanelsState, event: Event<'role-change-begun'>, at: number): void {
  const { changeId, userId, panelId, panelName, how, added, removed, refused, seats } = event
  assert(state.changes[changeId] === undefined, 'a change begins once')
  state.changes[changeId] = { userId, panelId, panelName, how, added, removed, refused, settled: 0, failed: [] }
  state.underway = { changes: state.underway.changes + 1, roles: state.underway.roles + added.length + removed.length }
  const pending = (state.pending[userId] ??= {})
  for (const roleId of removed) pending[roleId] = { wanted: 'remove', changeId }
  for (const roleId of added) pending[roleId] = { wanted: 'add', changeId }
  for (const roleId of seats) ((state.seats[panelId] ??= {})[roleId] ??= {})[userId] ??= at
  // Its time is over, or it is given back, or it begins anew: what was to end it is not any more.
  for (const roleId of [...removed, ...added]) forgetTime(state, userId, roleId)
  if (how === 'expiry') state.expiries += 1
}

export function settleChange(state: RolePanelsState, event: Event<'role-change-settled'>, at: number): void {
  const { changeId, roleId, failure, until } = event
  const change = state.changes[changeId]
  assert(change !== undefined, 'only a change that is on its way is settled')
  const { userId, panelId } = change
  const wanted = change.added.includes(roleId) ? 'add' : 'remove'
  change.settled += 1
  state.underway.roles -= 1
  if (failure !== null) change.failed = [...change.failed, { roleId, reason: failure }]
  if (state.pending[userId]?.[roleId]?.changeId === changeId) forgetPending(state, userId, roleId)
  // What is remembered is as long as it is recent, and Discord takes one change a second.
  state.recent = state.recent.filter((one) => one.at > at - recentKeptMs && !(one.userId === userId && one.roleId === roleId && failure === null))
  if (failure === null) state.recent.push({ userId, roleId, wanted, at })
  // A seat is free when the role is gone, or was never given; a grant that is still on its way has it again.
  const isFree = (wanted === 'remove') === (failure === null)
  if (isFree && !isGrantOnItsWay(state, userId, roleId)) {
    for (const id of wanted === 'add' ? [panelId] : Object.keys(state.seats)) freeSeat(state, { panelId: id, roleId, userId })
  }
  if (until !== null) keepTime(state, { userId, roleId, panelId, until })
  if (change.settled < change.added.length + change.removed.length) return
  delete state.changes[changeId]
  state.underway.changes -= 1
  addAudit(state, change, at)
}

function forgetPending(state: RolePanelsState, userId: UserId, roleId: RoleId): void {
  const pending = state.pending[userId]
  if (pending === undefined) return
  delete pending[roleId]
  if (Object.keys(pending).length === 0) delete state.pending[userId]
}

export function freeSeat(state: RolePanelsState, { panelId, roleId, userId }: { panelId: string; roleId: RoleId; userId: UserId }): void {
  const roles = state.seats[panelId]
  const holders = roles?.[roleId]
  if (roles === undefined || holders === undefined) return
  delete holders[userId]
  if (Object.keys(holders).length === 0) delete roles[roleId]
  if (Object.keys(roles).length === 0) delete state.seats[panelId]
}

function keepTime(state: RolePanelsState, grant: { userId: UserId; roleId: RoleId; panelId: string; until: number }): void {
  const { userId, roleId, panelId, until } = grant
  // Taken or given again while this grant was on its way: that change has the last word.
  if (state.pending[userId]?.[roleId] !== undefined) return
  forgetTime(state, userId, roleId)
  state.temporary[pairKey(userId, roleId)] = { panelId, until }
  state.nextExpiryAt = Math.min(state.nextExpiryAt ?? until, until)
}

function forgetTime(state: RolePanelsState, userId: UserId, roleId: RoleId): void {
  const key = pairKey(userId, roleId)
  const grant = state.temporary[key]
  if (grant === undefined) return
  delete state.temporary[key]
  if (grant.until !== state.nextExpiryAt) return
  let next: number | null = null
  for (const { until } of Object.values(state.temporary)) if (next === null || until < next) next = until
  state.nextExpiryAt = next
}

function addAudit({ audit }: RolePanelsState, change: Readonly<RoleChange>, at: number): void {
  if (audit.channelId === null) return
  const isFailed = (roleId: RoleId): boolean => change.failed.some((one) => one.roleId === roleId)
  const added = change.added.filter((roleId) => !isFailed(roleId))
  const removed = change.removed.filter((roleId) => !isFailed(roleId))
  if (audit.queue.length >= limits.auditQueueMax) {
    audit.dropped += 1
    return
  }
  const failed = change.failed.map((one) => one.roleId)
  audit.queue.push({ userId: change.userId, panelName: change.panelName, kind: kindOf(change), added, removed, failed, at })
}

function kindOf({ how, removed }: Readonly<RoleChange>): PanelAudit['kind'] {
  if (how === 'expiry') return 'expiry'
  if (how === 'menu') return 'sync'
  return removed.length > 0 ? 'remove' : 'add'
}
