/**
 * Role panels as one behaviour: the door plate of this folder.
 */
import { assert } from '../../../kernel/assert.ts'
import type { Alarm, Behaviour } from '../../protocol/behaviour.ts'
import type { RolePanelsCommand, RolePanelsEvent, RolePanelsReply, RolePanelsState } from '../../protocol/role-panels.ts'
import { auditDueAt } from './audit.ts'
import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import { onEffectSettled } from './settle-change.ts'
import { feature, initialState, stateVersion, upgradeState } from './state.ts'

function alarms(state: Readonly<RolePanelsState>): readonly Alarm[] {
  const wanted: Alarm[] = []
  // Named by what was ended before: one that leaves some over is followed by another alarm, at the same instant.
  if (state.nextExpiryAt !== null) wanted.push({ purpose: `expire-${state.expiries}`, dueAt: state.nextExpiryAt })
  const auditAt = auditDueAt(state)
  if (auditAt !== null) wanted.push({ purpose: 'audit', dueAt: auditAt })
  if (state.confirmAt !== null) wanted.push({ purpose: 'confirm', dueAt: state.confirmAt })
  return wanted
}

function onAlarm(purpose: string): RolePanelsCommand {
  if (purpose === 'audit') return { feature, kind: 'flush-audit' }
  if (purpose === 'confirm') return { feature, kind: 'drive-roles' }
  assert(purpose.startsWith('expire-'), `role panels have no alarm ${purpose}`)
  return { feature, kind: 'expire-roles' }
}

export const rolePanels: Behaviour<RolePanelsState, RolePanelsCommand, RolePanelsEvent, RolePanelsReply> = {
  feature,
  stateVersion,
  reads: new Set(['read-panel', 'list-panels', 'find-panels', 'open-menus', 'read-panel-config']),
  initial: initialState,
  upgrade: upgradeState,
  decide,
  evolve,
  alarms,
  onAlarm,
  onEffectSettled,
  hasOpenWork: () => false,
  entryCount: (state) =>
    Object.values(state.panels).reduce((sum, { roles }) => sum + 1 + roles.length, 0) +
    state.underway.changes +
    Object.keys(state.temporary).length,
}
