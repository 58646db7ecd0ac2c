/**
 * What members click: a panel's buttons, its menus, and what is only a preview.
 *
 * "Added" is said when Discord has agreed: the answer comes as an outcome of the guild's actor. Where many changes of the
 * guild go first, the person is told at once that theirs is on its way, and when it is due.
 */
import type { APIMessageComponentInteraction, APIMessageStringSelectInteractionData } from 'discord-api-types/v10'
import { ButtonStyle, ComponentType, PermissionFlagsBits } from 'discord-api-types/v10'
import type { RolePanelsCommand } from '../../actors/protocol/role-panels.ts'
import type { RoleId } from '../../kernel/ids.ts'
import { isSnowflake, snowflakeTimeMs } from '../../kernel/ids.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import { presentRefusal } from '../commands/refusals.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { ClickContext, ComponentHandler } from '../interactions/component-handler.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import { askPanels, wordsFor } from '../panels/ask-panels.ts'
import { changeMessage, changeText, menuMessage } from '../panels/change-answer.ts'
import { waitingMessage } from '../panels/change-waiting.ts'
import { clickingMember, heldRoles, ticketOf } from '../panels/clicking-member.ts'
import { editFeature, menusFeature, panelFeature, previewFeature, row } from '../panels/panel-components.ts'

/** Discord takes one change a second of a guild: behind more of them the answer is known to be late. */
const aheadAtOnce = 5

export const panelComponents: ComponentHandler = {
  feature: panelFeature,
  permission: null,
  replacesMessage: false,
  click(context) {
    const [panelId = '', roleId = ''] = context.args
    if (context.action === 'open') return openMenus(context, panelId)
    if (context.action !== 'role' || !isSnowflake(roleId)) return ephemeral(wordsFor(context).goneComponent)
    return clickRole(context, panelId, roleId as RoleId)
  },
}

export const panelMenusComponents: ComponentHandler = {
  feature: menusFeature,
  permission: null,
  replacesMessage: true,
  click: (context) => chooseRoles(context, context.args[0] ?? ''),
}

export const panelPreviewComponents: ComponentHandler = {
  feature: previewFeature,
  permission: null,
  replacesMessage: false,
  click: (context) => ephemeral(wordsFor(context).panels.previewOnly),
}

function clickRole(context: ClickContext, panelId: string, roleId: RoleId): Promise<MessageAnswer> {
  const { interaction, byUserId, guildId, panels } = context
  const member = clickingMember(interaction, byUserId, { facts: panels.facts(guildId), named: [roleId] })
  return change(context, { feature: 'role-panels', kind: 'click-role', panelId, roleId, member, ticket: ticketOf(interaction) })
}

async function chooseRoles(context: ClickContext, panelId: string): Promise<MessageAnswer> {
  const { interaction, byUserId, guildId, panels } = context
  const { custom_id: customId, values } = interaction.data as APIMessageStringSelectInteractionData
  const offered = offeredBy(interaction, customId)
  const selected = values.filter((value) => offered.includes(value as RoleId)) as RoleId[]
  const member = clickingMember(interaction, byUserId, { facts: panels.facts(guildId), named: offered })
  return await change(context, { feature: 'role-panels', kind: 'choose-roles', panelId, offered, selected, member, ticket: ticketOf(interaction) })
}

/** The roles of the menu that was used: each menu answers for its own, whatever became of the panel meanwhile. */
function offeredBy({ message }: APIMessageComponentInteraction, customId: string): readonly RoleId[] {
  for (const top of message.components ?? []) {
    if (top.type !== ComponentType.ActionRow) continue
    for (const inner of top.components) {
      if (inner.type !== ComponentType.StringSelect || inner.custom_id !== customId) continue
      return inner.options.map(({ value }) => value).filter(isSnowflake) as RoleId[]
    }
  }
  return []
}

async function change(context: ClickContext, command: Extract<RolePanelsCommand, { kind: 'click-role' | 'choose-roles' }>): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const waiting = context.panels.awaitAnswer(context.interaction.id)
  const outcome = await context.ask(command)
  if (outcome.status === 'answered' && outcome.reply.kind === 'role-change-begun') {
    const { ahead } = outcome.reply
    if (ahead >= aheadAtOnce) context.expectSlow(waitingMessage(texts, { ahead, now: context.receivedAt }) ?? undefined)
    return await waiting.answer
  }
  waiting.leave()
  if (outcome.status === 'refused') return inPlace(command, presentRefusal(outcome.reason, texts))
  const { reply } = outcome
  if (reply.kind === 'panel-refused') {
    if (reply.reason === 'unknown-panel') return inPlace(command, gone(context, command.panelId))
    return inPlace(command, ephemeral(texts.panels.refusals[reply.reason]))
  }
  if (reply.kind !== 'role-change-refused') return presentRefusal('rejected', texts)
  const told = { added: [], removed: [], failed: [], refused: reply.refused }
  if (command.kind === 'click-role') return changeMessage(texts, told)
  return await refreshMenus(context, { panelId: command.panelId, content: changeText(texts, told) })
}

/** The menus again, as they are: what was chosen and refused is not chosen any more. */
async function refreshMenus(context: ClickContext, { panelId, content }: { readonly panelId: string; readonly content: string }): Promise<MessageAnswer> {
  const { interaction, byUserId, guildId } = context
  const roles = heldRoles(interaction.member)
  const question = { feature: 'role-panels', kind: 'open-menus', panelId, userId: byUserId, roles, clickedAt: snowflakeTimeMs(interaction.id) } as const
  const asked = await askPanels(context, { command: question, wanted: 'panel-menus', step: 'menus' })
  if ('refusal' in asked) return { ...asked.refusal, components: [] }
  return menuMessage(wordsFor(context), guildId, { ...asked.reply, content })
}

/** A sentence in place of the menus: nothing is left to choose. */
const inPlace = ({ kind }: { readonly kind: string }, answer: MessageAnswer): MessageAnswer => (kind === 'choose-roles' ? { components: [], ...answer } : answer)

async function openMenus(context: ClickContext, panelId: string): Promise<MessageAnswer> {
  const { interaction, byUserId, guildId } = context
  const texts = wordsFor(context)
  const command = { feature: 'role-panels', kind: 'open-menus', panelId, userId: byUserId, roles: heldRoles(interaction.member), clickedAt: snowflakeTimeMs(interaction.id) } as const
  const asked = await askPanels(context, { command, wanted: 'panel-menus' })
  if ('refusal' in asked) return asked.reason === 'unknown-panel' ? gone(context, panelId) : asked.refusal
  if (asked.reply.panel.roles.length === 0) return ephemeral(texts.panels.noRolesYet)
  return menuMessage(texts, guildId, { ...asked.reply, content: texts.panels.menuQuestion(asked.reply.panel.name) })
}

/** The message outlived its panel. Staff is offered to remove it. */
function gone(context: ClickContext, panelId: string): MessageAnswer {
  const texts = wordsFor(context)
  const { interaction, guildId } = context
  const has = BigInt(interaction.member?.permissions ?? '0')
  const isStaff = (has & (PermissionFlagsBits.ManageRoles | PermissionFlagsBits.Administrator)) !== 0n
  const isPublic = interaction.data.custom_id.startsWith(`${panelFeature}:`) && /^[a-z0-9]{1,20}$/.test(panelId)
  if (!isStaff || !isPublic) return ephemeral(texts.panels.refusals['unknown-panel'])
  const args = [panelId, interaction.message.channel_id, interaction.message.id]
  return {
    ...ephemeral(texts.panels.orphanOffer),
    components: [
      row({
        type: ComponentType.Button,
        style: ButtonStyle.Danger,
        label: texts.panels.orphanRemove,
        custom_id: formatCustomId({ feature: editFeature, action: 'orphan', guildId, args }),
      }),
    ],
  }
}
