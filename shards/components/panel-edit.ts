/**
 * The edit interface of panels: every button, menu and form behind `/panel create` and `/panel edit`.
 *
 * Manage Roles is looked at again at every click (the router does), whom an editor may hand which role at every adding.
 * An edit is one question to the guild's actor, then the view is made from what it says now: two admins see each other's
 * work, and what one removed is told to the other.
 */
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { PanelEditCommand } from '../../actors/protocol/role-panels.ts'
import type { PanelMode, PanelSettings, PanelStyle } from '../../actors/protocol/role-panel.ts'
import { panelModes, panelStyles } from '../../actors/protocol/role-panel.ts'
import type { RoleId } from '../../kernel/ids.ts'
import { isSnowflake } from '../../kernel/ids.ts'
import { wellFormedText } from '../../kernel/text.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import type { Answer, MessageAnswer } from '../commands/slash-command.ts'
import type { ClickContext, ComponentHandler, SubmitContext } from '../interactions/component-handler.ts'
import { addChosen, addDangerous } from '../panels/add-roles.ts'
import { askPanels, readPanel, wordsFor } from '../panels/ask-panels.ts'
import { colorForm, entryForm, limitsForm, textForm } from '../panels/edit-forms.ts'
import { mainView } from '../panels/edit-view.ts'
import type { NamedColor } from '../panels/edit-views.ts'
import { addView, colorView, deleteView, entryView, modeView, namedColors, pickView, previewAnswer } from '../panels/edit-views.ts'
import { editFeature } from '../panels/panel-components.ts'
import { showPostView, postTo, removeOrphan } from '../panels/post-panel.ts'
import { parseSpan } from '../panels/span.ts'
import { textsFor } from '../texts/choose-texts.ts'

type Act = (context: ClickContext, panelId: string) => Answer

export const panelEditComponents: ComponentHandler = {
  feature: editFeature,
  permission: PermissionFlagsBits.ManageRoles,
  // A preview stands beside the interface: its rows are all taken.
  replacesMessage: (action) => action !== 'preview',
  click(context) {
    const act = Object.hasOwn(clicks, context.action) ? clicks[context.action] : undefined
    return act === undefined ? done(wordsFor(context).goneComponent) : act(context, context.args[0] ?? '')
  },
  submit(context) {
    const act = Object.hasOwn(forms, context.action) ? forms[context.action] : undefined
    return act === undefined ? ephemeral(wordsFor(context).goneComponent) : act(context, context.args[0] ?? '')
  },
}

/** In place of the message that was clicked: its buttons go with it. */
const done = (content: string): MessageAnswer => ({ ...ephemeral(content), components: [], embeds: [] })

const page = (text: string | undefined): number => (/^\d{1,3}$/.test(text ?? '') ? Number(text) : 0)
const valuesOf = ({ interaction }: ClickContext): readonly string[] => ('values' in interaction.data ? interaction.data.values : [])
const rolesChosen = (context: ClickContext): readonly RoleId[] => valuesOf(context).filter(isSnowflake) as RoleId[]
const idsOf = ({ guildId }: ClickContext, panelId: string) => ({ guildId, panelId })

const clicks: Readonly<Record<string, Act>> = {
  main: (context, panelId) => showMain(context, panelId),
  add: (context, panelId) => addView(wordsFor(context), context.guildId, panelId),
  'add-pick': (context, panelId) => addChosen(context, panelId, rolesChosen(context)),
  'danger-pick': (context, panelId) => addDangerous(context, panelId, rolesChosen(context)),
  edit: (context, panelId) => showPick(context, panelId, 'edit'),
  remove: (context, panelId) => showPick(context, panelId, 'remove'),
  'edit-pick': (context, panelId) => showEntry(context, { panelId, roleId: valuesOf(context)[0] ?? '' }),
  'remove-pick': (context, panelId) => edit(context, { ...by(context, panelId), kind: 'remove-panel-roles', roleIds: rolesChosen(context) }),
  'entry-form': openEntryForm,
  required: (context, panelId) => setRule(context, panelId, 'required'),
  forbidden: (context, panelId) => setRule(context, panelId, 'forbidden'),
  'text-form': (context, panelId) => textForm(idsOf(context, panelId), wordsFor(context), context.interaction.message),
  style: (context, panelId) => setSetting(context, panelId, { style: panelStyles.find((one) => one === context.args[1]) ?? ('buttons' satisfies PanelStyle) }),
  mode: (context, panelId) => withPanel(context, panelId, (panel) => modeView(wordsFor(context), context.guildId, panel)),
  'mode-pick': (context, panelId) => pickMode(context, panelId),
  'limits-form': (context, panelId) => limitsForm(idsOf(context, panelId), wordsFor(context), { min: context.args[1], max: context.args[2] }),
  color: (context, panelId) => withPanel(context, panelId, (panel) => colorView(wordsFor(context), context.guildId, panel)),
  'color-pick': (context, panelId) => setSetting(context, panelId, { color: namedColors[valuesOf(context)[0] as NamedColor] ?? -1 }),
  'color-form': (context, panelId) => colorForm(idsOf(context, panelId), wordsFor(context), context.args[1]),
  preview: (context, panelId) => withPanel(context, panelId, (panel) => previewAnswer(wordsFor(context), textsFor(context.interaction.guild_locale), context.guildId, panel)),
  post: (context, panelId) => showPostView(context, panelId, page(context.args[1])),
  'post-pick': (context, panelId) => postTo(context, panelId, valuesOf(context)[0] ?? ''),
  update: (context, panelId) => postTo(context, panelId, null),
  delete: (context, panelId) => withPanel(context, panelId, (panel) => deleteView(wordsFor(context), context.guildId, panel)),
  'delete-all': (context, panelId) => deletePanel(context, panelId, false),
  'delete-panel': (context, panelId) => deletePanel(context, panelId, true),
  orphan: (context, panelId) => removeOrphan(context, panelId),
}

type Submit = (context: SubmitContext, panelId: string) => Promise<MessageAnswer>

const forms: Readonly<Record<string, Submit>> = {
  'text-set': (context, panelId) => setSetting(context, panelId, { name: textOf(context, 'name'), description: textOf(context, 'description') }),
  'color-set': (context, panelId) => setSetting(context, panelId, { color: parseColor(textOf(context, 'color')) }),
  'limits-set': (context, panelId) => setSetting(context, panelId, { mode: 'limit', min: countOf(textOf(context, 'min')), max: countOf(textOf(context, 'max')) }),
  'entry-set': setEntry,
}

/** Typed text enters the house here. */
const textOf = (context: SubmitContext, name: string): string => wellFormedText(context.text(name))
const countOf = (text: string): number => (/^\d{1,4}$/.test(text.trim()) ? Number(text.trim()) : -1)
/** -1 is no colour: the actor says what is. */
const parseColor = (text: string): number => (/^#?[0-9a-f]{6}$/i.test(text.trim()) ? Number.parseInt(text.trim().replace('#', ''), 16) : -1)

type Editing = ClickContext | SubmitContext
const by = ({ byUserId }: Editing, panelId: string) => ({ feature: 'role-panels', byUserId, panelId }) as const

async function withPanel(
  context: Editing,
  panelId: string,
  view: (panel: Extract<Awaited<ReturnType<typeof readPanel>>, { panel: unknown }>['panel']) => MessageAnswer,
): Promise<MessageAnswer> {
  const found = await readPanel(context, panelId)
  return 'refusal' in found ? { ...found.refusal, components: [], embeds: [] } : view(found.panel)
}

function showMain(context: Editing, panelId: string, note = ''): Promise<MessageAnswer> {
  return withPanel(context, panelId, (panel) => mainView(wordsFor(context), context.guildId, panel, note))
}

/** What was refused is said above the panel as it is; a panel that is gone has nothing to show. */
async function edit(context: Editing, command: PanelEditCommand & { readonly panelId: string }): Promise<MessageAnswer> {
  const { panels, unchanged } = wordsFor(context)
  const asked = await askPanels(context, { command, wanted: 'panel-set' })
  if ('refusal' in asked) return await showMain(context, command.panelId, asked.refusal.content ?? '')
  return await showMain(context, command.panelId, asked.reply.changed ? panels.saved : unchanged)
}

const setSetting = (context: Editing, panelId: string, changes: Partial<PanelSettings>): Promise<MessageAnswer> =>
  edit(context, { ...by(context, panelId), kind: 'change-panel', changes })

function showPick(context: ClickContext, panelId: string, what: 'edit' | 'remove'): Promise<MessageAnswer> {
  return withPanel(context, panelId, (panel) => pickView(wordsFor(context), context.guildId, { panel, what, page: page(context.args[1]) }))
}

function showEntry(context: Editing, { panelId, roleId, note = '' }: { readonly panelId: string; readonly roleId: string; readonly note?: string }): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  return withPanel(context, panelId, (panel) => {
    const entry = panel.roles.find((one) => one.roleId === roleId)
    if (entry === undefined) return mainView(texts, context.guildId, panel, texts.panels.refusals['unknown-role'])
    return entryView(texts, context.guildId, { panel, entry, note })
  })
}

function openEntryForm(context: ClickContext, panelId: string): Answer {
  const roleId = context.args[1] ?? ''
  if (!isSnowflake(roleId)) return showMain(context, panelId, wordsFor(context).panels.refusals['unknown-role'])
  return entryForm(idsOf(context, panelId), wordsFor(context), { roleId, message: context.interaction.message })
}

async function setEntry(context: SubmitContext, panelId: string): Promise<MessageAnswer> {
  const roleId = context.args[1] ?? ''
  const { panels } = wordsFor(context)
  const [span, seats] = [textOf(context, 'span').trim(), textOf(context, 'seats').trim()]
  const changes = {
    label: textOf(context, 'label'),
    emoji: textOf(context, 'emoji'),
    description: textOf(context, 'description'),
    temporaryMs: span === '' ? null : (parseSpan(span) ?? -1),
    seats: seats === '' ? null : countOf(seats),
  }
  if (!isSnowflake(roleId)) return await showMain(context, panelId, panels.refusals['unknown-role'])
  return await editEntry(context, panelId, { roleId: roleId as RoleId, changes })
}

function setRule(context: ClickContext, panelId: string, rule: 'required' | 'forbidden'): Promise<MessageAnswer> {
  const roleId = context.args[1] ?? ''
  if (!isSnowflake(roleId)) return showMain(context, panelId)
  return editEntry(context, panelId, { roleId: roleId as RoleId, changes: { [rule]: rolesChosen(context).filter((role) => role !== (context.guildId as string)) } })
}

async function editEntry(context: Editing, panelId: string, { roleId, changes }: Pick<Extract<PanelEditCommand, { kind: 'edit-panel-role' }>, 'roleId' | 'changes'>): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const asked = await askPanels(context, { command: { ...by(context, panelId), kind: 'edit-panel-role', roleId, changes }, wanted: 'panel-set' })
  const note = 'refusal' in asked ? (asked.refusal.content ?? '') : asked.reply.changed ? texts.panels.saved : texts.unchanged
  return await showEntry(context, { panelId, roleId, note })
}

function pickMode(context: ClickContext, panelId: string): Answer {
  const mode: PanelMode = panelModes.find((one) => one === valuesOf(context)[0]) ?? 'toggle'
  return mode === 'limit' ? limitsForm(idsOf(context, panelId), wordsFor(context), {}) : setSetting(context, panelId, { mode })
}

async function deletePanel(context: ClickContext, panelId: string, keepsMessage: boolean): Promise<MessageAnswer> {
  const asked = await askPanels(context, { command: { ...by(context, panelId), kind: 'delete-panel', keepsMessage }, wanted: 'panel-set' })
  return 'refusal' in asked ? { ...asked.refusal, components: [], embeds: [] } : done(wordsFor(context).panels.deleted)
}
