/**
 * Every command of role panels, and who decides it.
 */
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { RolePanelsCommand } from '../../protocol/role-panels.ts'
import { flushAudit, setAuditChannel, settleAudit } from './audit.ts'
import { chooseRoles, clickRole } from './click.ts'
import { changePanel, createPanel, deletePanel, postPanel, removeOrphan } from './edit-panels.ts'
import { addRoles, editRole, removeRoles } from './edit-roles.ts'
import { confirmRoles, driveRoles, expireRoles } from './expiry.ts'
import { withPanelRow } from './panel-rows.ts'
import { read } from './read.ts'
import { freeSeats, observeMember, settleChange } from './settle-change.ts'
import { settleShow } from './show.ts'
import type { PanelDecision, State } from './state.ts'

export function decide(state: State, command: RolePanelsCommand, context: DecideContext): PanelDecision {
  return withPanelRow(state, decideOne(state, command, context))
}

function decideOne(state: State, command: RolePanelsCommand, context: DecideContext): PanelDecision {
  switch (command.kind) {
    case 'create-panel':
      return createPanel(state, command, context)
    case 'change-panel':
      return changePanel(state, command)
    case 'add-panel-roles':
      return addRoles(state, command)
    case 'edit-panel-role':
      return editRole(state, command)
    case 'remove-panel-roles':
      return removeRoles(state, command)
    case 'post-panel':
      return postPanel(state, command)
    case 'delete-panel':
      return deletePanel(state, command)
    case 'remove-orphan':
      return removeOrphan(state, command)
    case 'set-audit-channel':
      return setAuditChannel(state, command)
    case 'free-seats':
      return freeSeats(state, command)
    case 'observe-member':
      return observeMember(state, command)
    case 'click-role':
      return clickRole(state, command, context)
    case 'choose-roles':
      return chooseRoles(state, command, context)
    case 'settle-role-change':
      return settleChange(state, command, context)
    case 'settle-show':
      return settleShow(state, command)
    case 'settle-audit':
      return settleAudit(command)
    case 'expire-roles':
      return expireRoles(state, context)
    case 'flush-audit':
      return flushAudit(state)
    case 'confirm-roles':
      return confirmRoles(state, context)
    case 'drive-roles':
      return driveRoles(state, context)
    default:
      return { events: [], reply: read(state, command) }
  }
}
