/**
 * Makes the message in Discord like the panel as it stands when this runs: posted, edited in place, moved, posted again.
 *
 * A post may be tried twice: Discord refuses a second message with the same nonce for some minutes; past that our own
 * message is looked for by the panel's id in its buttons. What Discord finds malformed (an emoji of another server) is
 * impossible, with its words: an admin must change the panel.
 */
import type { REST } from 'discord.js'
import { DiscordAPIError } from 'discord.js'
import type { APIMessage, RESTPostAPIChannelMessageJSONBody } from 'discord-api-types/v10'
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { Panel, PanelPost } from '../../actors/protocol/role-panel.ts'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import type { ChannelId, GuildId } from '../../kernel/ids.ts'
import { isMessageOfPanel } from '../panels/panel-components.ts'
import { panelMessage } from '../panels/panel-message.ts'
import type { Texts } from '../texts/texts.ts'
import { needsLease } from './lease-header.ts'
import { nonceOf, nonceTrustMs } from './post-message.ts'

/** Messages looked through for one of our own. */
const lookBackCount = 100

const payloadSchema = z.object({ panelId: z.string() })

export interface ShowPanelDeps {
  readonly rest: REST
  now(): number
  applicationId(): string
  textsOf(guildId: GuildId): Texts
  readPanel(guildId: GuildId, panelId: string): Promise<Panel | null>
}

interface Showing {
  readonly panel: Panel
  readonly target: ChannelId
  readonly body: RESTPostAPIChannelMessageJSONBody
  readonly signal: AbortSignal
}

export async function showPanel(deps: ShowPanelDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const { panelId } = payloadSchema.parse(attempt.payload)
  const panel = await deps.readPanel(attempt.guildId, panelId)
  const target = panel?.target ?? null
  if (panel === null || target === null) return { kind: 'done', answer: { messageId: null } }
  const showing = { panel, target, body: panelMessage(deps.textsOf(attempt.guildId), attempt.guildId, panel), signal }
  try {
    const post = (await edit(deps, showing)) ?? (await create(deps, showing, attempt))
    if (panel.post !== null && panel.post.channelId !== target) await removeFormer(deps, panel.post, signal)
    return { kind: 'done', answer: { ...post, revision: panel.revision } }
  } catch (thrown) {
    if (thrown instanceof DiscordAPIError && thrown.code === RESTJSONErrorCodes.InvalidFormBodyOrContentType) {
      return { kind: 'impossible', reason: `Discord refuses the message: ${thrown.message.replaceAll(/\s+/g, ' ').slice(0, 150)}` }
    }
    throw thrown
  }
}

/** Null: there is no message to edit, or it was deleted. */
async function edit(deps: ShowPanelDeps, { panel, target, body, signal }: Showing): Promise<PanelPost | null> {
  const { post } = panel
  if (post?.channelId !== target) return null
  try {
    await deps.rest.patch(Routes.channelMessage(post.channelId, post.messageId), { body, headers: needsLease, signal })
    return post
  } catch (thrown) {
    if (thrown instanceof DiscordAPIError && thrown.code === RESTJSONErrorCodes.UnknownMessage) return null
    throw thrown
  }
}

async function create(deps: ShowPanelDeps, { panel, target, body, signal }: Showing, attempt: EffectAttempt): Promise<PanelPost> {
  if (deps.now() - attempt.createdAt > nonceTrustMs) {
    const query = new URLSearchParams({ limit: String(lookBackCount) })
    const messages = (await deps.rest.get(Routes.channelMessages(target), { query, signal })) as APIMessage[]
    const own = messages.find(
      (message) =>
        message.author.id === deps.applicationId() && message.id !== panel.post?.messageId && isMessageOfPanel(message, panel.panelId),
    )
    if (own !== undefined) return { channelId: target, messageId: own.id }
  }
  const nonce = { nonce: nonceOf(attempt.opId), enforce_nonce: true }
  const message = (await deps.rest.post(Routes.channelMessages(target), { body: { ...body, ...nonce }, headers: needsLease, signal })) as APIMessage
  return { channelId: target, messageId: message.id }
}

/** It was moved: two of one panel would confuse. A former channel that cannot be reached any more keeps its message. */
async function removeFormer(deps: ShowPanelDeps, former: PanelPost, signal: AbortSignal): Promise<void> {
  try {
    await deps.rest.delete(Routes.channelMessage(former.channelId, former.messageId), { headers: needsLease, signal })
  } catch (thrown) {
    if (!(thrown instanceof DiscordAPIError)) throw thrown
  }
}
