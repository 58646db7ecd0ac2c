/**
 * What is asked without changing anything.
 */
import type { UserId } from '../../../kernel/ids.ts'
import type { Panel } from '../../protocol/role-panel.ts'
import type { PanelLine, PanelReadCommand, RolePanelsReply } from '../../protocol/role-panels.ts'
import { heldOf } from './click.ts'
import { foldName } from './panel-text.ts'
import type { State } from './state.ts'
import { currentRoles, findPanel, seatHolders } from './state.ts'

/** Choices of an autocompletion. */
const foundMax = 25

const unknown: RolePanelsReply = { kind: 'panel-refused', reason: 'unknown-panel' }

export function read(state: State, command: PanelReadCommand): RolePanelsReply {
  switch (command.kind) {
    case 'read-panel': {
      const panel = findPanel(state, command.panelId)
      return panel === undefined ? unknown : { kind: 'panel', panel: { ...panel, holders: holdersOf(state, panel) } }
    }
    case 'open-menus': {
      const panel = findPanel(state, command.panelId)
      return panel === undefined ? unknown : { kind: 'panel-menus', panel, held: heldOf(panel, currentRoles(state, command)) }
    }
    case 'list-panels':
      return { kind: 'panels', panels: sorted(state).map(toLine) }
    case 'find-panels': {
      const prefix = foldName(command.prefix.trim())
      const found = sorted(state).filter(({ name }) => foldName(name).startsWith(prefix))
      return { kind: 'panels', panels: found.slice(0, foundMax).map(toLine) }
    }
    case 'read-panel-config': {
      const { channelId, failure, dropped } = state.audit
      return {
        kind: 'panel-config',
        config: {
          auditChannelId: channelId,
          auditFailure: failure,
          auditDropped: dropped,
          panels: Object.keys(state.panels).length,
          changesOnTheirWay: state.underway.roles,
          temporaryRoles: Object.keys(state.temporary).length,
        },
      }
    }
  }
}

function holdersOf(state: State, { panelId, roles }: Panel): Readonly<Record<string, readonly UserId[]>> {
  return Object.fromEntries(roles.filter(({ seats }) => seats !== null).map(({ roleId }) => [roleId, seatHolders(state, panelId, roleId)]))
}

const sorted = (state: State): readonly Panel[] =>
  Object.values(state.panels).sort((a, b) => (foldName(a.name) < foldName(b.name) ? -1 : 1))

const toLine = ({ panelId, name, target, roles, style, mode }: Panel): PanelLine => ({ panelId, name, channelId: target, roles: roles.length, style, mode })
