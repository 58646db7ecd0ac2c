/**
 * How an event changes what is kept. Never refuses: an event has happened.
 */
import { assert, unreachable } from '../../../kernel/assert.ts'
import type { Panel } from '../../protocol/role-panel.ts'
import type { RolePanelsEvent, RolePanelsState } from '../../protocol/role-panels.ts'
import { beginChange, freeSeat, settleChange } from './evolve-changes.ts'

export function evolve(state: RolePanelsState, event: RolePanelsEvent, at: number): RolePanelsState {
  switch (event.kind) {
    case 'role-change-begun':
      beginChange(state, event, at)
      return state
    case 'role-change-settled':
      settleChange(state, event, at)
      return state
    case 'seats-freed':
      for (const panelId of event.panelId === null ? Object.keys(state.seats) : [event.panelId]) {
        for (const userId of event.userIds) freeSeat(state, { panelId, roleId: event.roleId, userId })
      }
      return state
    case 'roles-confirming':
      state.confirmAt = event.at
      return state
    case 'audit-channel-set':
      state.audit = { channelId: event.channelId, failure: null, queue: [], posting: state.audit.posting, dropped: 0 }
      return state
    case 'audit-posted':
      state.audit.queue = state.audit.queue.slice(event.count)
      state.audit.posting += 1
      return state
    case 'audit-settled':
      state.audit.posting = Math.max(0, state.audit.posting - 1)
      if (event.channelId === state.audit.channelId) state.audit.failure = event.failure
      return state
    case 'orphan-removed':
      return state
    default:
      evolvePanel(state, event)
      return state
  }
}

export type PanelEvent = Extract<RolePanelsEvent, { kind: `panel-${string}` }>

function evolvePanel(state: RolePanelsState, event: PanelEvent): void {
  if (event.kind === 'panel-created') {
    state.panels[event.panel.panelId] = event.panel
    return
  }
  const { panelId } = event
  const panel = state.panels[panelId]
  assert(panel !== undefined, 'an event of a panel is of one that is there')
  if (event.kind === 'panel-deleted') {
    delete state.panels[panelId]
    delete state.seats[panelId]
    return
  }
  state.panels[panelId] = applyToPanel(panel, event)
  if (event.kind === 'panel-roles-removed') dropSeats(state, panelId, event.roleIds)
  if (event.kind === 'panel-role-edited' && event.changes.seats === null) dropSeats(state, panelId, [event.roleId])
}

/** A panel after one event of it. */
export const applyToPanel = (panel: Panel, event: Exclude<PanelEvent, { kind: 'panel-created' | 'panel-deleted' }>): Panel => ({ ...panel, ...changesOf(panel, event) })

/** What changes the message counts its revision up. */
function changesOf(panel: Panel, event: Exclude<PanelEvent, { kind: 'panel-created' | 'panel-deleted' }>): Partial<Panel> {
  const revision = panel.revision + 1
  switch (event.kind) {
    case 'panel-changed':
      return { ...event.changes, revision }
    case 'panel-roles-added':
      return { roles: [...panel.roles, ...event.roles], revision }
    case 'panel-role-edited':
      return { roles: panel.roles.map((entry) => (entry.roleId === event.roleId ? { ...entry, ...event.changes } : entry)), revision }
    case 'panel-roles-removed':
      return { roles: panel.roles.filter(({ roleId }) => !event.roleIds.includes(roleId)), revision }
    case 'panel-posted':
      return { target: event.channelId, revision }
    case 'panel-show-begun':
      return { isShowing: true }
    case 'panel-shown': {
      const { channelId, messageId } = event
      return { isShowing: false, failure: null, post: { channelId, messageId }, shownRevision: event.revision }
    }
    case 'panel-show-failed':
      return { isShowing: false, failure: event.failure }
    default:
      return unreachable(event)
  }
}

function dropSeats(state: RolePanelsState, panelId: string, roleIds: readonly string[]): void {
  const roles = state.seats[panelId]
  if (roles === undefined) return
  for (const roleId of roleIds) delete roles[roleId]
  if (Object.keys(roles).length === 0) delete state.seats[panelId]
}
