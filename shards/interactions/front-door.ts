/**
 * The front door: every interaction is answered within Discord's three seconds, or deferred and answered later.
 *
 * The answer itself is the acknowledgement when it comes within 1.5 s of the interaction's own time; otherwise the
 * interaction is deferred and the answer edits it. Whatever goes wrong behind it, a person reads a sentence. Interactions
 * come from `raw`: discord.js would hold them until all shards of the process are ready.
 * https://docs.discord.com/developers/interactions/receiving-and-responding
 */
import type { APIChatInputApplicationCommandInteraction, APIInteraction } from 'discord-api-types/v10'
import { ApplicationCommandType, InteractionResponseType, InteractionType, MessageFlags } from 'discord-api-types/v10'
import type { Command, Outcome } from '../../actors/protocol/command.ts'
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, OpId } from '../../kernel/ids.ts'
import { guildId, isSnowflake, opId, snowflakeTimeMs } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { presentRefusal } from '../commands/refusals.ts'
import type { MessageAnswer, ProcessFacts, SlashCommand } from '../commands/slash-command.ts'

/** Discord gives three seconds; half of them are left for the callback's own way. */
const deferAfterMs = 1_500
/** An answer after this is worth nothing to the person: the token lives 15 minutes, patience does not. */
const askDeadlineMs = 30_000

/** The two ways to answer an interaction; both throw what Discord says. */
export interface InteractionResponder {
  respond(interaction: APIInteraction, type: InteractionResponseType, data?: MessageAnswer): Promise<void>
  editOriginal(interaction: APIInteraction, data: MessageAnswer): Promise<void>
}

export interface FrontDoorDeps {
  readonly clock: Clock
  readonly log: Log
  readonly commands: readonly SlashCommand[]
  readonly responder: InteractionResponder
  readonly process: ProcessFacts
  /** Unix ms by the database's clock. */
  now(): number
  ask(question: { guildId: GuildId; opId: OpId; command: Command; receivedAt: number; deadlineAt: number }): Promise<Outcome>
}

export class FrontDoor {
  readonly #deps: FrontDoorDeps
  readonly #commands: ReadonlyMap<string, SlashCommand>
  #open = 0
  #whenClosed: (() => void)[] = []

  constructor(deps: FrontDoorDeps) {
    this.#deps = deps
    this.#commands = new Map(deps.commands.map((command) => [command.definition.name, command]))
  }

  /** Takes an interaction as it came from the gateway. Never throws, never rejects. */
  onInteraction(data: unknown): void {
    const interaction = data as APIInteraction
    if (interaction.type !== InteractionType.ApplicationCommand) return
    if (interaction.data.type !== ApplicationCommandType.ChatInput) return
    this.#open += 1
    void this.#answer(interaction as APIChatInputApplicationCommandInteraction).finally(() => {
      this.#open -= 1
      if (this.#open === 0) for (const resolve of this.#whenClosed.splice(0)) resolve()
    })
  }

  /** Resolves when every interaction that came in has been answered. */
  whenIdle(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenClosed.push(resolve))
  }

  async #answer(interaction: APIChatInputApplicationCommandInteraction): Promise<void> {
    const { log, clock } = this.#deps
    const scope = log.scope({ interactionId: interaction.id, command: interaction.data.name, guildId: interaction.guild_id })
    const receivedAt = this.#deps.now()
    const ageMs = Math.max(0, receivedAt - snowflakeTimeMs(interaction.id))
    const answer = this.#compose(interaction, receivedAt).catch((thrown: unknown): MessageAnswer => {
      scope.error('command failed', { error: coerceError(thrown) })
      return presentRefusal('rejected')
    })
    const late = new Promise<null>((resolve) => {
      const timer = clock.after(Math.max(1, deferAfterMs - Math.min(ageMs, deferAfterMs)), () => resolve(null))
      void answer.then(() => timer.cancel())
    })
    try {
      const inTime = await Promise.race([answer, late])
      if (inTime !== null) {
        await this.#deps.responder.respond(interaction, InteractionResponseType.ChannelMessageWithSource, inTime)
        return
      }
      await this.#deps.responder.respond(interaction, InteractionResponseType.DeferredChannelMessageWithSource, {
        flags: MessageFlags.Ephemeral,
      })
      await this.#deps.responder.editOriginal(interaction, await answer)
    } catch (thrown) {
      // What was decided is durable whatever Discord says; the person sees "did not respond" and may ask again.
      scope.warn('interaction could not be answered', { error: coerceError(thrown), ageMs })
    }
  }

  async #compose(interaction: APIChatInputApplicationCommandInteraction, receivedAt: number): Promise<MessageAnswer> {
    const command = this.#commands.get(interaction.data.name)
    const id = interaction.guild_id
    if (command === undefined || id === undefined || !isSnowflake(id)) {
      return {
        content: 'This command is not known here any more. Reload Discord (Ctrl+R) to get the current list.',
        flags: MessageFlags.Ephemeral,
      }
    }
    const guild = guildId(id)
    return await command.answer({
      interaction,
      guildId: guild,
      process: this.#deps.process,
      ask: (question) =>
        this.#deps.ask({
          guildId: guild,
          opId: opId(interaction.id),
          command: question,
          receivedAt,
          deadlineAt: receivedAt + askDeadlineMs,
        }),
    })
  }
}
