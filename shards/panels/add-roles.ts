/**
 * Putting roles on a panel: only those that the bot can give and the editor stands above. Those with dangerous permissions
 * are asked for a second time.
 */
import type { RoleId } from '../../kernel/ids.ts'
import { wellFormedText } from '../../kernel/text.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { ClickContext } from '../interactions/component-handler.ts'
import { askPanels, readPanel, wordsFor } from './ask-panels.ts'
import { heldRoles } from './clicking-member.ts'
import { mainView } from './edit-view.ts'
import { dangerView } from './edit-views.ts'
import type { GuildFacts, RoleFacts } from './guild-facts.ts'
import { botObstacle, dangersOf, editorObstacle } from './guild-facts.ts'

interface Sorted {
  readonly addable: readonly RoleFacts[]
  readonly dangerous: readonly RoleFacts[]
  /** A sentence a reason, with the roles it holds for. */
  readonly refusals: readonly string[]
}

export function addChosen(context: ClickContext, panelId: string, roles: readonly RoleId[]): Promise<MessageAnswer> {
  return add(context, panelId, roles, false)
}

/** The second time they are asked for: what they carry now is what is confirmed. */
export function addDangerous(context: ClickContext, panelId: string, roles: readonly RoleId[]): Promise<MessageAnswer> {
  return add(context, panelId, roles, true)
}

async function add(context: ClickContext, panelId: string, roles: readonly RoleId[], isConfirmed: boolean): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const { guildId, byUserId, panels } = context
  const facts = panels.facts(guildId)
  if (facts === null) return await show(context, panelId, texts.panels.guildUnknown)
  const { addable, dangerous, refusals } = sort(context, facts, roles)
  const wanted = isConfirmed ? [...addable, ...dangerous] : addable
  const notes = [...refusals]
  if (wanted.length > 0) {
    const named = wanted.map((role) => ({ roleId: role.id, label: wellFormedText(role.name), confirmed: String(dangersOf(role)) }))
    const asked = await askPanels(context, { command: { feature: 'role-panels', kind: 'add-panel-roles', byUserId, panelId, roles: named }, wanted: 'panel-set' })
    notes.unshift('refusal' in asked ? (asked.refusal.content ?? '') : texts.panels.rolesAdded(wanted.map(({ id }) => `<@&${id}>`).join(' ')))
  }
  if (isConfirmed || dangerous.length === 0) return await show(context, panelId, notes.join('\n'))
  const found = await readPanel(context, panelId)
  if ('refusal' in found) return { ...found.refusal, components: [], embeds: [] }
  return dangerView(texts, guildId, { panelId, roles: dangerous, note: notes.join('\n') })
}

function sort(context: ClickContext, facts: GuildFacts, roles: readonly RoleId[]): Sorted {
  const texts = wordsFor(context)
  const editor = { userId: context.byUserId, roles: heldRoles(context.interaction.member) }
  const addable: RoleFacts[] = []
  const dangerous: RoleFacts[] = []
  const refused = new Map<string, RoleId[]>()
  for (const roleId of roles) {
    const reason = botObstacle(facts, roleId) ?? editorObstacle(facts, editor, roleId)
    const role = facts.role(roleId)
    if (reason !== null) refused.set(texts.panels.obstacles[reason], [...(refused.get(texts.panels.obstacles[reason]) ?? []), roleId])
    else if (role !== null) (dangersOf(role) === 0n ? addable : dangerous).push(role)
  }
  const refusals = [...refused].map(([sentence, some]) => texts.panels.notChanged(some.map((role) => `<@&${role}>`).join(', '), sentence))
  return { addable, dangerous, refusals }
}

async function show(context: ClickContext, panelId: string, note: string): Promise<MessageAnswer> {
  const found = await readPanel(context, panelId)
  if ('refusal' in found) return { ...found.refusal, components: [], embeds: [] }
  return mainView(wordsFor(context), context.guildId, found.panel, note)
}
