/**
 * The front door: every interaction is answered within Discord's three seconds, or deferred and answered later.
 *
 * The answer itself is the acknowledgement when it comes within 1.5 s of the interaction's own time; otherwise the
 * interaction is deferred and the answer edits it. A modal cannot follow a deferral, so it is given at once. Whatever goes
 * wrong behind it, a person reads a sentence. Interactions come from `raw`: discord.js would hold them until all shards of
 * the process are ready. What a member types into a modal is nobody's business here: it is neither logged nor kept.
 * https://docs.discord.com/developers/interactions/receiving-and-responding
 */
import type { APIInteraction, APIModalInteractionResponseCallbackData } from 'discord-api-types/v10'
import { InteractionResponseType, MessageFlags } from 'discord-api-types/v10'
import type { Command, Outcome } from '../../actors/protocol/command.ts'
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, OpId } from '../../kernel/ids.ts'
import { guildId, isSnowflake, opId, snowflakeTimeMs, userId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { presentRefusal } from '../commands/refusals.ts'
import type { Answer, InteractionContext, MessageAnswer, ModalAnswer, SlashCommand } from '../commands/slash-command.ts'
import type { ComponentHandler } from './component-handler.ts'
import type { Routed, Routes } from './interaction-router.ts'
import { routeInteraction } from './interaction-router.ts'
import { textsForInteraction } from '../texts/choose-texts.ts'

/** Discord gives three seconds; half of them are left for the callback's own way. */
const deferAfterMs = 1_500
/** An answer after this is worth nothing to the person: the token lives 15 minutes, patience does not. */
const askDeadlineMs = 30_000

/** The ways to answer an interaction; each throws what Discord says. */
export interface InteractionResponder {
  respond(interaction: APIInteraction, type: InteractionResponseType, data?: MessageAnswer): Promise<void>
  openModal(interaction: APIInteraction, modal: APIModalInteractionResponseCallbackData): Promise<void>
  editOriginal(interaction: APIInteraction, data: MessageAnswer): Promise<void>
}

export interface FrontDoorDeps extends Pick<InteractionContext, 'process' | 'signing' | 'records' | 'voice'> {
  readonly clock: Clock
  readonly log: Log
  readonly commands: readonly SlashCommand[]
  readonly components: readonly ComponentHandler[]
  readonly responder: InteractionResponder
  /** Unix ms by the database's clock. */
  now(): number
  ask(question: { guildId: GuildId; opId: OpId; command: Command; receivedAt: number; deadlineAt: number }): Promise<Outcome>
}

export class FrontDoor {
  readonly #deps: FrontDoorDeps
  readonly #routes: Routes
  #open = 0
  #whenClosed: (() => void)[] = []

  constructor(deps: FrontDoorDeps) {
    this.#deps = deps
    this.#routes = {
      commands: new Map(deps.commands.map((command) => [command.definition.name, command])),
      components: new Map(deps.components.map((handler) => [handler.feature, handler])),
    }
  }

  /** Takes an interaction as it came from the gateway. Never throws, never rejects. */
  onInteraction(data: unknown): void {
    const interaction = data as APIInteraction
    const routed = routeInteraction(this.#routes, interaction)
    if (routed === null) return
    this.#open += 1
    void this.#answer(interaction, routed).finally(() => {
      this.#open -= 1
      if (this.#open === 0) for (const resolve of this.#whenClosed.splice(0)) resolve()
    })
  }

  /** Resolves when every interaction that came in has been answered. */
  whenIdle(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenClosed.push(resolve))
  }

  async #answer(interaction: APIInteraction, routed: Routed): Promise<void> {
    const { log, responder } = this.#deps
    const scope = log.scope({ interactionId: interaction.id, command: routed.name, guildId: interaction.guild_id })
    const receivedAt = this.#deps.now()
    const ageMs = isSnowflake(interaction.id) ? Math.max(0, receivedAt - snowflakeTimeMs(interaction.id)) : 0
    const failed = (thrown: unknown): MessageAnswer => {
      scope.error('command failed', { error: coerceError(thrown) })
      return presentRefusal('rejected', textsForInteraction(interaction))
    }
    try {
      const answer = this.#compose(interaction, routed, { receivedAt, failed })
      if (!(answer instanceof Promise) && isModal(answer)) await responder.openModal(interaction, answer.modal)
      else await this.#respond(interaction, routed, { answer: Promise.resolve(answer).catch(failed), ageMs })
    } catch (thrown) {
      if (isAcknowledged(thrown)) {
        // In a rescale two processes may hold it: the other one was faster, with the answer to the same op id.
        scope.debug('interaction was answered by another process', { ageMs })
        return
      }
      // What was decided is durable whatever Discord says; the person sees "did not respond" and may ask again.
      scope.warn('interaction could not be answered', { error: coerceError(thrown), ageMs })
    }
  }

  async #respond(
    interaction: APIInteraction,
    { replacesMessage }: Routed,
    { answer, ageMs }: { readonly answer: Promise<MessageAnswer>; readonly ageMs: number },
  ): Promise<void> {
    const { responder, clock } = this.#deps
    const late = new Promise<null>((resolve) => {
      const timer = clock.after(Math.max(1, deferAfterMs - Math.min(ageMs, deferAfterMs)), () => resolve(null))
      void answer.then(() => timer.cancel())
    })
    const inTime = await Promise.race([answer, late])
    if (inTime !== null) {
      const type = replacesMessage ? InteractionResponseType.UpdateMessage : InteractionResponseType.ChannelMessageWithSource
      await responder.respond(interaction, type, inTime)
      return
    }
    if (replacesMessage) await responder.respond(interaction, InteractionResponseType.DeferredMessageUpdate)
    else {
      const flags = MessageFlags.Ephemeral
      await responder.respond(interaction, InteractionResponseType.DeferredChannelMessageWithSource, { flags })
    }
    await responder.editOriginal(interaction, await answer)
  }

  #compose(
    interaction: APIInteraction,
    routed: Routed,
    { receivedAt, failed }: { readonly receivedAt: number; failed(thrown: unknown): MessageAnswer },
  ): Answer {
    const { process, signing, records, voice } = this.#deps
    // The router has refused what comes from no guild; such an answer asks nobody.
    const guild = isSnowflake(interaction.guild_id ?? '') ? guildId(interaction.guild_id ?? '') : guildId('0')
    try {
      return routed.answer({
        guildId: guild,
        byUserId: userId(interaction.member?.user.id ?? '0'),
        process,
        signing,
        records,
        voice,
        ask: (command, step) =>
          this.#deps.ask({
            guildId: guild,
            opId: opId(step === undefined ? interaction.id : `${interaction.id}/${step}`),
            command,
            receivedAt,
            deadlineAt: receivedAt + askDeadlineMs,
          }),
      })
    } catch (thrown) {
      return failed(thrown)
    }
  }
}

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json: interaction has already been acknowledged. */
const alreadyAcknowledged = 40_060

function isAcknowledged(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === alreadyAcknowledged
}

function isModal(answer: ModalAnswer | MessageAnswer): answer is ModalAnswer {
  return 'modal' in answer
}
