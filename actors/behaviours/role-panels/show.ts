/**
 * Keeps the message in Discord like the panel: at most one update of a panel is on its way, and shows what stands when it
 * runs. What changes meanwhile makes one more.
 */
import type { ChannelId } from '../../../kernel/ids.ts'
import type { Effect } from '../../protocol/effect.ts'
import type { Panel } from '../../protocol/role-panel.ts'
import type { PanelSettleCommand, RolePanelsEvent } from '../../protocol/role-panels.ts'
import type { PanelDecision, State } from './state.ts'
import { findPanel } from './state.ts'

const showEffect = (panelId: string): Effect => ({ delivery: 'outbox', kind: 'show-panel', target: `panel:${panelId}`, payload: { panelId } })

export const removeMessage = (panelId: string, post: { readonly channelId: ChannelId; readonly messageId: string }): Effect => ({
  delivery: 'outbox',
  kind: 'remove-message',
  target: `panel:${panelId}`,
  payload: { ...post, panelId },
})

/** An edit of the panel, and the update of its message where it has one. `target` is where it is to be after the edit. */
export function withShow(panel: Panel, event: RolePanelsEvent, target: ChannelId | null = panel.target): PanelDecision {
  const { panelId } = panel
  const reply = { kind: 'panel-set', panelId, changed: true } as const
  if (target === null || panel.isShowing) return { events: [event], reply }
  return { events: [event, { kind: 'panel-show-begun', panelId }], effects: [showEffect(panelId)], reply }
}

export function settleShow(state: State, { panelId, shown, reason }: Extract<PanelSettleCommand, { kind: 'settle-show' }>): PanelDecision {
  const panel = findPanel(state, panelId)
  const reply = { kind: 'panel-noted' } as const
  if (panel === undefined) {
    // Deleted while its message was on its way: nobody would ever remove that.
    if (shown === null) return { events: [], reply }
    return { events: [{ kind: 'orphan-removed', panelId, byUserId: null }], effects: [removeMessage(panelId, shown)], reply }
  }
  if (shown === null) return { events: [{ kind: 'panel-show-failed', panelId, failure: reason ?? '' }], reply }
  const done: RolePanelsEvent = { kind: 'panel-shown', panelId, ...shown }
  if (shown.revision >= panel.revision && shown.channelId === panel.target) return { events: [done], reply }
  return { events: [done, { kind: 'panel-show-begun', panelId }], effects: [showEffect(panelId)], reply }
}
