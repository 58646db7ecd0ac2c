/**
 * Posting a panel, moving it, updating it, and removing a message that its panel did not outlive.
 */
import type { ChannelId } from '../../kernel/ids.ts'
import { isSnowflake } from '../../kernel/ids.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { ClickContext } from '../interactions/component-handler.ts'
import { askPanels, readPanel, wordsFor } from './ask-panels.ts'
import { mainView } from './edit-view.ts'
import { postView } from './edit-views.ts'
import type { GuildFacts } from './guild-facts.ts'
import { missingToPost } from './guild-facts.ts'

const gone = (refusal: MessageAnswer): MessageAnswer => ({ ...refusal, components: [], embeds: [] })

export async function showPostView(context: ClickContext, panelId: string, page: number, note = ''): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const found = await readPanel(context, panelId)
  if ('refusal' in found) return gone(found.refusal)
  const facts = context.panels.facts(context.guildId)
  if (facts === null) return mainView(texts, context.guildId, found.panel, texts.panels.guildUnknown)
  return postView(texts, context.guildId, { panel: found.panel, facts, page, note })
}

/** `channel` null: where it is. What was open when the menu was shown may be closed now. */
export async function postTo(context: ClickContext, panelId: string, channel: string | null): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const { byUserId, guildId } = context
  const facts = context.panels.facts(guildId)
  if (facts === null) return await showPostView(context, panelId, 0, texts.panels.guildUnknown)
  const problem = channel === null ? null : closed(context, facts, channel)
  if (problem !== null) return await showPostView(context, panelId, 0, problem)
  const command = { feature: 'role-panels', kind: 'post-panel', byUserId, panelId, channelId: channel as ChannelId | null } as const
  const asked = await askPanels(context, { command, wanted: 'panel-set' })
  const note = 'refusal' in asked ? (asked.refusal.content ?? '') : texts.panels.posting
  const found = await readPanel(context, panelId)
  return 'refusal' in found ? gone(found.refusal) : mainView(texts, guildId, found.panel, note)
}

function closed(context: ClickContext, facts: GuildFacts, channelId: string): string | null {
  const { panels } = wordsFor(context)
  const channel = isSnowflake(channelId) ? facts.channel(channelId as ChannelId) : null
  if (channel === null) return panels.channelGone
  const missing = missingToPost(channel)
  return missing.length === 0 ? null : panels.channelClosed(`<#${channelId}>`, missing.map(nameOf).join(', '))
}

/** Discord's name of a permission: `SendMessages` is "Send Messages". */
export const nameOf = (permission: string): string => permission.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')

export async function removeOrphan(context: ClickContext, panelId: string): Promise<MessageAnswer> {
  const [, channelId = '', messageId = ''] = context.args
  const { panels, goneComponent } = wordsFor(context)
  if (!isSnowflake(channelId) || !isSnowflake(messageId)) return gone(ephemeral(goneComponent))
  const command = { feature: 'role-panels', kind: 'remove-orphan', byUserId: context.byUserId, panelId, channelId: channelId as ChannelId, messageId } as const
  const asked = await askPanels(context, { command, wanted: 'panel-set' })
  return gone('refusal' in asked ? asked.refusal : ephemeral(panels.orphanRemoved))
}
