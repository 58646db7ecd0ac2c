/**
 * The panels of a server, paged: name, channel or draft, number of roles.
 */
import { ButtonStyle, ComponentType, MessageFlags } from 'discord-api-types/v10'
import type { PanelLine } from '../../actors/protocol/role-panels.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import type { Texts } from '../texts/texts.ts'
import { accentColor } from '../voice/board-message.ts'
import type { PanelAsking } from './ask-panels.ts'
import { askPanels, wordsFor } from './ask-panels.ts'
import { row } from './panel-components.ts'

/** Of custom ids that belong to no panel yet, or to all. */
export const listFeature = 'panels'

const pageSize = 15

export async function listPanels(context: PanelAsking, page: number): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const asked = await askPanels(context, { command: { feature: 'role-panels', kind: 'list-panels' }, wanted: 'panels' })
  if ('refusal' in asked) return asked.refusal
  const { panels } = asked.reply
  return panels.length === 0 ? ephemeral(texts.panels.listEmpty) : present(texts, context.guildId, { panels, page })
}

function present(texts: Texts, guildId: GuildId, { panels, page: wanted }: { readonly panels: readonly PanelLine[]; readonly page: number }): MessageAnswer {
  const pages = Math.ceil(panels.length / pageSize)
  const page = Math.min(Math.max(1, wanted), pages)
  const lines = panels.slice((page - 1) * pageSize, page * pageSize).map(({ name, channelId, roles }) => {
    return texts.panels.listLine(name, channelId === null ? texts.panels.listDraft : `<#${channelId}>`, roles)
  })
  const button = (action: string, label: string, to: number) =>
    ({
      type: ComponentType.Button,
      style: ButtonStyle.Secondary,
      label,
      disabled: to < 1 || to > pages,
      custom_id: formatCustomId({ feature: listFeature, action, guildId, args: [String(to)] }),
    }) as const
  return {
    flags: MessageFlags.Ephemeral,
    allowed_mentions: { parse: [] },
    embeds: [{ title: texts.panels.listTitle(panels.length), color: accentColor, description: lines.join('\n'), footer: { text: texts.pageOf(page, pages) } }],
    components: pages === 1 ? [] : [row(button('previous', texts.previousPage, page - 1), button('next', texts.nextPage, page + 1))],
  }
}
