/**
 * What admins do with the roles of a panel. Who stands above whom in the guild was looked at where Discord is known: a
 * role that comes here may be handed out by whoever adds it.
 */
import { limits } from '../../../kernel/limits.ts'
import { truncateText } from '../../../kernel/text.ts'
import type { PanelRole, PanelRoleChanges } from '../../protocol/role-panel.ts'
import type { PanelEditCommand, PanelRefusal } from '../../protocol/role-panels.ts'
import { isEmoji, labelLengthMax, roleDescriptionLengthMax } from './panel-text.ts'
import { withShow } from './show.ts'
import type { PanelDecision, State } from './state.ts'
import { entryOf, findPanel, refuse } from './state.ts'

type Edit<Kind extends PanelEditCommand['kind']> = Extract<PanelEditCommand, { kind: Kind }>

const minuteMs = 60_000
const temporaryMsMax = 365 * 24 * 60 * minuteMs

export function addRoles(state: State, { panelId, roles, byUserId }: Edit<'add-panel-roles'>): PanelDecision {
  const panel = findPanel(state, panelId)
  if (panel === undefined) return refuse('unknown-panel')
  const added: PanelRole[] = []
  for (const { roleId, label, confirmed } of roles) {
    if (entryOf(panel, roleId) !== undefined || added.some((entry) => entry.roleId === roleId)) continue
    added.push({
      roleId,
      label: truncateText(label.trim(), labelLengthMax) || '-',
      emoji: null,
      description: null,
      temporaryMs: null,
      seats: null,
      required: [],
      forbidden: [],
      confirmed,
      addedBy: byUserId,
    })
  }
  if (added.length === 0) return refuse('role-twice')
  const count = panel.roles.length + added.length
  if (count > limits.panelRolesMax) return refuse('too-many-roles')
  if (panel.style === 'buttons' && count > limits.panelButtonsMax) return refuse('too-many-buttons')
  return withShow(panel, { kind: 'panel-roles-added', panelId, roles: added })
}

export function editRole(state: State, command: Edit<'edit-panel-role'>): PanelDecision {
  const { panelId, roleId, byUserId } = command
  const panel = findPanel(state, panelId)
  if (panel === undefined) return refuse('unknown-panel')
  const entry = entryOf(panel, roleId)
  if (entry === undefined) return refuse('unknown-role')
  const changes = trimmed(command.changes)
  const problem = entryProblem(changes, roleId)
  if (problem !== null) return refuse(problem)
  const isSame = Object.entries(changes).every(([key, value]) => JSON.stringify(entry[key as keyof PanelRole]) === JSON.stringify(value))
  if (isSame) return { events: [], reply: { kind: 'panel-set', panelId, changed: false } }
  return withShow(panel, { kind: 'panel-role-edited', panelId, roleId, changes, byUserId })
}

function trimmed(changes: PanelRoleChanges): PanelRoleChanges {
  const orNull = (text: string | null): string | null => (text === null || text.trim() === '' ? null : text.trim())
  return {
    ...changes,
    ...(changes.label === undefined ? {} : { label: changes.label.trim() }),
    ...(changes.emoji === undefined ? {} : { emoji: orNull(changes.emoji) }),
    ...(changes.description === undefined ? {} : { description: orNull(changes.description) }),
  }
}

function entryProblem({ label, emoji, description, temporaryMs, seats, required, forbidden }: PanelRoleChanges, roleId: string): PanelRefusal | null {
  if (label !== undefined && (label === '' || label.length > labelLengthMax)) return 'label-length'
  if (description !== undefined && (description?.length ?? 0) > roleDescriptionLengthMax) return 'role-description-too-long'
  if (emoji !== undefined && emoji !== null && !isEmoji(emoji)) return 'emoji-invalid'
  if (seats !== undefined && seats !== null && !isWithin(seats, 1, limits.panelSeatsMax)) return 'seats-out-of-range'
  if (temporaryMs !== undefined && temporaryMs !== null && !isWithin(temporaryMs, minuteMs, temporaryMsMax)) return 'duration-out-of-range'
  for (const rule of [required ?? [], forbidden ?? []]) {
    // A role that requires or forbids itself could never be had, or never be given back.
    if (rule.length > limits.panelRuleRolesMax || rule.some((one) => one === roleId)) return 'too-many-rule-roles'
  }
  return null
}

const isWithin = (count: number, min: number, max: number): boolean => Number.isInteger(count) && count >= min && count <= max

export function removeRoles(state: State, { panelId, roleIds, byUserId }: Edit<'remove-panel-roles'>): PanelDecision {
  const panel = findPanel(state, panelId)
  if (panel === undefined) return refuse('unknown-panel')
  const known = roleIds.filter((roleId) => entryOf(panel, roleId) !== undefined)
  // Another admin may have been faster: what was asked for is so.
  if (known.length === 0) return { events: [], reply: { kind: 'panel-set', panelId, changed: false } }
  return withShow(panel, { kind: 'panel-roles-removed', panelId, roleIds: known, byUserId })
}
