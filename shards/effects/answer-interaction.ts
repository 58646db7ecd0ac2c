/**
 * Tells a person what became of the role change they asked for, whoever held their interaction.
 *
 *   held open in this process          → its holder answers, as first answer or as edit of the deferral
 *   deferred by another, or before     → the deferral is edited, by the token in the row
 *   not acknowledged yet               → its holder would defer after 1.5 s: tried again until then; if nobody has done so
 *                                        by then, and Discord still waits, this is the first answer
 *   too late                           → impossible: the role is as asked, and nobody looks any more
 */
import type { REST } from 'discord.js'
import { DiscordAPIError } from 'discord.js'
import type { RESTPatchAPIInteractionOriginalResponseJSONBody } from 'discord-api-types/v10'
import { InteractionResponseType, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { Panel } from '../../actors/protocol/role-panel.ts'
import type { ChangeAnswer } from '../../actors/protocol/role-panels.ts'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { snowflakeTimeMs } from '../../kernel/ids.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import { answerOf } from '../panels/change-answer.ts'
import { textsFor } from '../texts/choose-texts.ts'

/** Whoever holds an interaction has deferred it by then, or is gone. */
const holderGoneAfterMs = 2_000
/** Discord takes a first answer for three seconds. */
const firstAnswerWithinMs = 2_900

export interface AnswerInteractionDeps {
  /** Interaction endpoints carry no token, and no limit of all requests holds for them. */
  readonly interactionRest: REST
  now(): number
  deliver(interactionId: string, answer: MessageAnswer): Promise<void> | null
  readPanel(guildId: GuildId, panelId: string): Promise<Panel | null>
}

export async function answerInteraction(deps: AnswerInteractionDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  // The feature wrote the answer itself: its form is the protocol's.
  const answer = attempt.payload as unknown as ChangeAnswer
  const { ticket, panelId } = answer
  const panel = ticket.how === 'menu' ? await deps.readPanel(attempt.guildId, panelId) : null
  const message = answerOf(textsFor(ticket.locale), attempt.guildId, { answer, panel })
  const delivered = deps.deliver(ticket.interactionId, message)
  if (delivered !== null) {
    await delivered
    return { kind: 'done', answer: { how: 'held' } }
  }
  const { flags: _, ...body } = message
  try {
    await deps.interactionRest.patch(Routes.webhookMessage(ticket.applicationId, ticket.token, '@original'), {
      body: body as RESTPatchAPIInteractionOriginalResponseJSONBody,
      auth: false,
      signal,
    })
    return { kind: 'done', answer: { how: 'edited' } }
  } catch (thrown) {
    if (!(thrown instanceof DiscordAPIError)) throw thrown
    if (thrown.code === RESTJSONErrorCodes.UnknownWebhook) return await answerFirst(deps, { ticket, message, signal })
    if (thrown.code === RESTJSONErrorCodes.InvalidWebhookToken || thrown.code === RESTJSONErrorCodes.UnknownMessage) return tooLate
    throw thrown
  }
}

const tooLate: EffectResult = { kind: 'impossible', reason: 'Nobody waits for the answer any more.' }

async function answerFirst(
  deps: AnswerInteractionDeps,
  { ticket, message, signal }: { readonly ticket: ChangeAnswer['ticket']; readonly message: MessageAnswer; readonly signal: AbortSignal },
): Promise<EffectResult> {
  const ageMs = deps.now() - snowflakeTimeMs(ticket.interactionId)
  if (ageMs > firstAnswerWithinMs) return tooLate
  if (ageMs < holderGoneAfterMs) throw new Error('the interaction is not acknowledged yet')
  const type = ticket.how === 'menu' ? InteractionResponseType.UpdateMessage : InteractionResponseType.ChannelMessageWithSource
  const body = { type, data: message }
  await deps.interactionRest.post(Routes.interactionCallback(ticket.interactionId, ticket.token), { body, auth: false, signal })
  return { kind: 'done', answer: { how: 'first' } }
}
