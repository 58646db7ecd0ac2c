/**
 * What admins do with a whole panel: create, change, post, delete. Every change updates the message where it stands.
 */
import { limits } from '../../../kernel/limits.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { Panel, PanelSettings } from '../../protocol/role-panel.ts'
import type { PanelEditCommand, PanelRefusal } from '../../protocol/role-panels.ts'
import { descriptionLengthMax, nameProblem } from './panel-text.ts'
import { removeMessage, withShow } from './show.ts'
import type { PanelDecision, State } from './state.ts'
import { findPanel, refuse } from './state.ts'

type Edit<Kind extends PanelEditCommand['kind']> = Extract<PanelEditCommand, { kind: Kind }>

/** Discord's accent colour, blurple. */
const colorDefault = 0x5865f2
/** 48 bits: twelve letters in a custom id. */
const panelIdBytes = 6

export function createPanel(state: State, command: Edit<'create-panel'>, context: DecideContext): PanelDecision {
  const name = command.name.trim()
  const description = command.description.trim()
  if (Object.keys(state.panels).length >= limits.panelsMax) return refuse('too-many-panels')
  const problem = nameProblem(state, name, null)
  if (problem !== null) return refuse(problem)
  if (description.length > descriptionLengthMax) return refuse('description-too-long')
  const panelId = newPanelId(state, context)
  const panel: Panel = {
    panelId,
    name,
    description,
    style: 'buttons',
    mode: 'toggle',
    min: 0,
    max: limits.panelRolesMax,
    color: colorDefault,
    roles: [],
    revision: 1,
    target: null,
    post: null,
    shownRevision: 0,
    isShowing: false,
    failure: null,
    createdBy: command.byUserId,
  }
  return { events: [{ kind: 'panel-created', panel }], reply: { kind: 'panel-set', panelId, changed: true } }
}

function newPanelId(state: State, context: DecideContext): string {
  for (;;) {
    const digits = [...context.random(panelIdBytes)].map((byte) => byte.toString(36).padStart(2, '0')).join('')
    if (findPanel(state, digits) === undefined) return digits
  }
}

export function changePanel(state: State, command: Edit<'change-panel'>): PanelDecision {
  const { panelId, byUserId } = command
  const panel = findPanel(state, panelId)
  if (panel === undefined) return refuse('unknown-panel')
  const changes = { ...command.changes, ...trimmed(command.changes) }
  const problem = settingsProblem(state, panel, changes)
  if (problem !== null) return refuse(problem)
  const isSame = Object.entries(changes).every(([key, value]) => panel[key as keyof PanelSettings] === value)
  if (isSame) return { events: [], reply: { kind: 'panel-set', panelId, changed: false } }
  return withShow(panel, { kind: 'panel-changed', panelId, changes, byUserId })
}

function trimmed({ name, description }: Partial<PanelSettings>): Partial<PanelSettings> {
  return { ...(name === undefined ? {} : { name: name.trim() }), ...(description === undefined ? {} : { description: description.trim() }) }
}

function settingsProblem(state: State, panel: Panel, changes: Partial<PanelSettings>): PanelRefusal | null {
  if (changes.name !== undefined) {
    const problem = nameProblem(state, changes.name, panel.panelId)
    if (problem !== null) return problem
  }
  if ((changes.description?.length ?? 0) > descriptionLengthMax) return 'description-too-long'
  if (changes.style === 'buttons' && panel.roles.length > limits.panelButtonsMax) return 'too-many-buttons'
  const { min = panel.min, max = panel.max, color = panel.color } = changes
  const isCount = (count: number): boolean => Number.isInteger(count) && count >= 0 && count <= limits.panelRolesMax
  if (!isCount(min) || !isCount(max) || max < 1 || min > max) return 'limits-out-of-range'
  return Number.isInteger(color) && color >= 0 && color <= 0xffffff ? null : 'color-invalid'
}

export function postPanel(state: State, { panelId, channelId, byUserId }: Edit<'post-panel'>): PanelDecision {
  const panel = findPanel(state, panelId)
  if (panel === undefined) return refuse('unknown-panel')
  const target = channelId ?? panel.target
  if (target === null) return refuse('not-posted')
  if (panel.roles.length === 0) return refuse('nothing-to-post')
  return withShow(panel, { kind: 'panel-posted', panelId, channelId: target, byUserId }, target)
}

export function deletePanel(state: State, { panelId, byUserId, keepsMessage }: Edit<'delete-panel'>): PanelDecision {
  const panel = findPanel(state, panelId)
  if (panel === undefined) return refuse('unknown-panel')
  return {
    events: [{ kind: 'panel-deleted', panelId, byUserId }],
    effects: keepsMessage || panel.post === null ? [] : [removeMessage(panelId, panel.post)],
    reply: { kind: 'panel-set', panelId, changed: true },
  }
}

/** The message of a panel that was deleted. Whoever runs the effect looks whether the message is that. */
export function removeOrphan(state: State, { panelId, channelId, messageId, byUserId }: Edit<'remove-orphan'>): PanelDecision {
  if (findPanel(state, panelId)?.post?.messageId === messageId) return refuse('unknown-panel')
  return {
    events: [{ kind: 'orphan-removed', panelId, byUserId }],
    effects: [removeMessage(panelId, { channelId, messageId })],
    reply: { kind: 'panel-set', panelId, changed: true },
  }
}
