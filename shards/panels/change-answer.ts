/**
 * What a member reads when Discord has spoken: what was added, what was removed, and why the rest was not.
 */
import { MessageFlags } from 'discord-api-types/v10'
import type { Panel } from '../../actors/protocol/role-panel.ts'
import type { ChangeAnswer, FailedRole, RefusedRole } from '../../actors/protocol/role-panels.ts'
import type { GuildId, RoleId } from '../../kernel/ids.ts'
import { truncateText } from '../../kernel/text.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import { sayFailure } from '../texts/effect-failure.ts'
import type { Texts } from '../texts/texts.ts'
import { memberMenus } from './panel-components.ts'

const contentLengthMax = 2_000

export interface ToldChange {
  readonly added: readonly RoleId[]
  readonly removed: readonly RoleId[]
  readonly failed: readonly FailedRole[]
  readonly refused: readonly RefusedRole[]
}

export function changeText(texts: Texts, { added, removed, failed, refused }: ToldChange): string {
  const reasons = new Map<string, RoleId[]>()
  const note = (sentence: string, roleId: RoleId): void => void reasons.set(sentence, [...(reasons.get(sentence) ?? []), roleId])
  for (const { roleId, reason } of refused) note(texts.panels.obstacles[reason], roleId)
  for (const { roleId, reason } of failed) note(sayFailure(texts, reason), roleId)
  const lines = [
    ...(added.length === 0 ? [] : [texts.panels.added(mentions(added))]),
    ...(removed.length === 0 ? [] : [texts.panels.removed(mentions(removed))]),
    ...[...reasons].map(([sentence, roles]) => texts.panels.notChanged(mentions(roles), sentence)),
  ]
  return truncateText(lines.length === 0 ? texts.panels.nothingToChange : lines.join('\n'), contentLengthMax)
}

const mentions = (roles: readonly RoleId[]): string => roles.map((role) => `<@&${role}>`).join(', ')

/** The answer to a button. */
export function changeMessage(texts: Texts, change: ToldChange): MessageAnswer {
  return { content: changeText(texts, change), flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] } }
}

/** The answer to a menu, in place of the message with the menus: they show what is held now. */
export function menuMessage(texts: Texts, guildId: GuildId, options: { readonly panel: Panel; readonly held: readonly RoleId[]; readonly content: string }): MessageAnswer {
  const { panel, held, content } = options
  return { content, flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] }, components: memberMenus(texts, guildId, { panel, held }) }
}

/** `panel` null: it was deleted meanwhile, or could not be read; its menus stay as they are. */
export function answerOf(texts: Texts, guildId: GuildId, { answer, panel }: { readonly answer: ChangeAnswer; readonly panel: Panel | null }): MessageAnswer {
  const { ticket, added, removed } = answer
  if (ticket.how === 'button' || panel === null) return changeMessage(texts, answer)
  const held = [...ticket.held.filter((roleId) => !removed.includes(roleId)), ...added]
  return menuMessage(texts, guildId, { panel, held, content: changeText(texts, answer) })
}
