/**
 * Panels as rows, written with the events that change them: for dashboards and operators. The bot reads none of them.
 */
import type { Panel, PanelRow } from '../../protocol/role-panel.ts'
import type { RolePanelsEvent } from '../../protocol/role-panels.ts'
import type { PanelEvent } from './evolve.ts'
import { applyToPanel } from './evolve.ts'
import type { PanelDecision, State } from './state.ts'
import { findPanel } from './state.ts'

const isOfPanel = (event: RolePanelsEvent): event is PanelEvent => event.kind.startsWith('panel-')

/** The decision with the row of the panel that its events change; one turn changes one panel. */
export function withPanelRow(state: State, decision: PanelDecision): PanelDecision {
  const events = decision.events.filter(isOfPanel)
  const [first] = events
  if (first === undefined) return decision
  const panelId = first.kind === 'panel-created' ? first.panel.panelId : first.panelId
  const row: PanelRow = { panelId, panel: after(findPanel(state, panelId) ?? null, events) }
  return { ...decision, panelRows: [row] }
}

function after(before: Panel | null, events: readonly PanelEvent[]): Panel | null {
  let panel = before
  for (const event of events) {
    if (event.kind === 'panel-created') panel = event.panel
    else if (event.kind === 'panel-deleted') panel = null
    else if (panel !== null) panel = applyToPanel(panel, event)
  }
  return panel
}
