/**
 * The front door: every interaction is answered within Discord's three seconds, or deferred and answered later.
 *
 * The answer itself is the acknowledgement when it comes within 1.5 s of the interaction's own time; otherwise the
 * interaction is deferred, or answered with words for the meantime, and the answer edits that. A modal cannot follow a deferral, so it is given at once. Whatever goes
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
import type { Answer, Choices, InteractionContext, MessageAnswer, ModalAnswer, SlashCommand } from '../commands/slash-command.ts'
import { answeredByOwner } from '../panels/answer-waiters.ts'
import type { ComponentHandler } from './component-handler.ts'
import type { Routed, Routes, Typing } from './interaction-router.ts'
import { routeInteraction, routeTyping } from './interaction-router.ts'
import { LateInteractions } from './late-interactions.ts'
import { textsForInteraction } from '../texts/choose-texts.ts'

/** Discord gives three seconds; half of them are left for the callback's own way. */
const deferAfterMs = 1_500
/**
 * One that comes late itself, in a storm or after an outage, is given so long even then, up to the instant below: most are
 * decided by that time, and a deferral would be a request more for each of thousands.
 */
const patienceMsMin = 250
const deferByMs = 2_500
/**
 * Past this Discord takes no answer: in a crowd that is larger than we can answer, those still in time go first, and who was
 * not answered types again. What was asked is decided all the same.
 */
const answerableMs = 3_250
/** An answer after this is worth nothing to the person: the token lives 15 minutes, patience does not. */
const askDeadlineMs = 30_000

/** Interactions remembered as taken in; Discord delivers one twice within seconds, if at all. */
const rememberedMax = 10_000

/** The ways to answer an interaction; each throws what Discord says. */
export interface InteractionResponder {
  /** Only a deferral can have been `acknowledged before`: by an attempt whose answer was lost, or by another process. */
  respond(interaction: APIInteraction, type: InteractionResponseType, data?: MessageAnswer): Promise<'acknowledged' | 'acknowledged before'>
  /** For one that was acknowledged before: has the person their answer already, or do they see that it is waited for? */
  isAnswered(interaction: APIInteraction): Promise<boolean>
  openModal(interaction: APIInteraction, modal: APIModalInteractionResponseCallbackData): Promise<void>
  editOriginal(interaction: APIInteraction, data: MessageAnswer): Promise<void>
  offer(interaction: APIInteraction, choices: Choices): Promise<void>
}

export interface FrontDoorDeps extends Pick<InteractionContext, 'process' | 'signing' | 'records' | 'voice' | 'panels' | 'attendance'> {
  readonly clock: Clock
  readonly log: Log
  readonly commands: readonly SlashCommand[]
  readonly components: readonly ComponentHandler[]
  readonly responder: InteractionResponder
  /** Unix ms by the database's clock. */
  now(): number
  ask(question: { guildId: GuildId; opId: OpId; command: Command; receivedAt: number; deadlineAt: number }): Promise<Outcome>
  /** This process is done with the interaction: answered, or in vain. */
  onDone?(interactionId: string): void
}

/** Discord's time is nearly over, or the answer is known to take longer; `meanwhile`: what the person reads until then. */
interface Late {
  readonly kind: 'late'
  readonly meanwhile: MessageAnswer | null
}

const isLate = (inTime: MessageAnswer | Late): inTime is Late => 'kind' in inTime

export class FrontDoor {
  readonly #deps: FrontDoorDeps
  readonly #routes: Routes
  #open = 0
  #whenClosed: (() => void)[] = []
  /** Interactions taken in, oldest first. */
  readonly #taken = new Set<string>()
  readonly #late: LateInteractions

  constructor(deps: FrontDoorDeps) {
    this.#deps = deps
    this.#routes = {
      commands: new Map(deps.commands.map((command) => [command.definition.name, command])),
      components: new Map(deps.components.map((handler) => [handler.feature, handler])),
      definitions: deps.commands.map(({ definition }) => definition),
    }
    this.#late = new LateInteractions({ clock: deps.clock, openCount: () => this.#open })
  }

  /** Takes an interaction as it came from the gateway. Never throws, never rejects. */
  onInteraction(data: unknown): void {
    const interaction = data as APIInteraction
    if (isSnowflake(interaction.id)) this.#deps.attendance.discordTime.note(snowflakeTimeMs(interaction.id), this.#deps.now())
    const typing = routeTyping(this.#routes, interaction)
    const routed = typing === null ? routeInteraction(this.#routes, interaction) : null
    // One that is delivered twice is answered once; in another process the op id sees to it that it takes effect once.
    if ((routed === null && typing === null) || !this.#isNew(interaction.id)) return
    const receivedAt = this.#deps.now()
    if (typing !== null) this.#begin(interaction, () => this.#offer(interaction, typing))
    else if (routed?.mayWait === true && this.#lagOf(interaction, receivedAt) > deferAfterMs) {
      const heardMs = this.#deps.clock.monotonicMs()
      this.#late.add(() => this.#begin(interaction, () => this.#answer(interaction, routed, { receivedAt, heardMs })))
    } else if (routed !== null) {
      this.#begin(interaction, () => this.#answer(interaction, routed, { receivedAt, heardMs: this.#deps.clock.monotonicMs() }))
    }
  }

  #begin(interaction: APIInteraction, answer: () => Promise<void>): void {
    this.#open += 1
    void answer().finally(() => {
      this.#deps.onDone?.(interaction.id)
      this.#open -= 1
      if (this.#open === 0) for (const resolve of this.#whenClosed.splice(0)) resolve()
    })
  }

  /** How late it reached us, ms: at most as old as it is. */
  #lagOf({ id }: APIInteraction, receivedAt: number): number {
    return isSnowflake(id) ? this.#deps.attendance.discordTime.lagMs(snowflakeTimeMs(id), receivedAt) : 0
  }

  /** Resolves when every interaction that came in has been answered. */
  whenIdle(): Promise<void> {
    this.#late.decideAll()
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenClosed.push(resolve))
  }

  #isNew(id: string): boolean {
    if (id !== '' && this.#taken.has(id)) return false
    this.#taken.add(id)
    const [oldest] = this.#taken
    if (this.#taken.size > rememberedMax && oldest !== undefined) this.#taken.delete(oldest)
    return true
  }

  /** While somebody types: nothing is deferred, and where it fails they type on without being offered anything. */
  async #offer(interaction: APIInteraction, typing: Typing): Promise<void> {
    try {
      const context = this.#contextOf(interaction, { receivedAt: this.#deps.now(), expectSlow: () => undefined })
      await this.#deps.responder.offer(interaction, await typing.offer(context))
    } catch (thrown) {
      this.#deps.log.debug('nothing could be offered', { interactionId: interaction.id, command: typing.name, error: coerceError(thrown) })
    }
  }

  async #answer(
    interaction: APIInteraction,
    routed: Routed,
    { receivedAt, heardMs }: { readonly receivedAt: number; readonly heardMs: number },
  ): Promise<void> {
    const { log, responder, clock } = this.#deps
    const about = { interactionId: interaction.id, command: routed.name, guildId: interaction.guild_id }
    const ageMs = isSnowflake(interaction.id) ? Math.max(0, receivedAt - snowflakeTimeMs(interaction.id)) : 0
    log.debug('interaction', { ...about, trace: interaction.id, ageMs })
    const failed = (thrown: unknown): MessageAnswer => {
      log.error('command failed', { ...about, error: coerceError(thrown) })
      return presentRefusal('rejected', textsForInteraction(interaction))
    }
    const patience = this.#patience(ageMs + clock.monotonicMs() - heardMs)
    const answerByMs = heardMs + answerableMs - this.#lagOf(interaction, receivedAt)
    try {
      const answer = this.#compose(interaction, routed, { receivedAt, failed, expectSlow: patience.end })
      if (!(answer instanceof Promise) && isModal(answer)) await responder.openModal(interaction, answer.modal)
      else await this.#respond(interaction, routed, { answer: Promise.resolve(answer).catch(failed), late: patience.late, answerByMs })
    } catch (thrown) {
      if (isAcknowledged(thrown)) {
        // In a rescale two processes may hold it: the other one was faster, with the answer to the same op id.
        log.debug('interaction was answered by another process', { ...about, ageMs })
        return
      }
      // What was decided is durable whatever Discord says; the person sees "did not respond" and may ask again.
      log.warn('interaction could not be answered', { ...about, error: coerceError(thrown), ageMs })
    } finally {
      patience.end()
    }
  }

  /** `late` resolves when an answer must be deferred: half of Discord's time is over, or it is known to take longer. */
  #patience(ageMs: number): { readonly late: Promise<Late>; end(meanwhile?: MessageAnswer): void } {
    let end = (_meanwhile?: MessageAnswer): void => undefined
    const late = new Promise<Late>((resolve) => {
      const timer = this.#deps.clock.after(patienceFor(ageMs), () => resolve({ kind: 'late', meanwhile: null }))
      end = (meanwhile) => {
        timer.cancel()
        resolve({ kind: 'late', meanwhile: meanwhile ?? null })
      }
    })
    return { late, end }
  }

  async #respond(
    interaction: APIInteraction,
    { replacesMessage }: Routed,
    { answer, late, answerByMs }: { readonly answer: Promise<MessageAnswer>; readonly late: Promise<Late>; readonly answerByMs: number },
  ): Promise<void> {
    const { responder, clock, log } = this.#deps
    const inTime = await Promise.race([answer, late])
    if (clock.monotonicMs() > answerByMs) {
      await answer
      log.debug('interaction was too old to be answered', { interactionId: interaction.id })
      return
    }
    if (!isLate(inTime) && inTime !== answeredByOwner) {
      const type = replacesMessage ? InteractionResponseType.UpdateMessage : InteractionResponseType.ChannelMessageWithSource
      await responder.respond(interaction, type, inTime)
      return
    }
    const acknowledged = await this.#defer(interaction, { replacesMessage, meanwhile: isLate(inTime) ? inTime.meanwhile : null })
    const final = await answer
    if (final === answeredByOwner) return
    // In a rescale the other generation's answer may stand there: ours could only replace it by "try again".
    if (acknowledged === 'acknowledged before' && (await responder.isAnswered(interaction))) {
      log.debug('interaction was answered by another process', { interactionId: interaction.id })
      return
    }
    await responder.editOriginal(interaction, final)
  }

  async #defer(
    interaction: APIInteraction,
    { replacesMessage, meanwhile }: { readonly replacesMessage: boolean; readonly meanwhile: MessageAnswer | null },
  ): Promise<'acknowledged' | 'acknowledged before'> {
    const { responder } = this.#deps
    if (meanwhile === null) {
      return replacesMessage
        ? await responder.respond(interaction, InteractionResponseType.DeferredMessageUpdate)
        : await responder.respond(interaction, InteractionResponseType.DeferredChannelMessageWithSource, { flags: MessageFlags.Ephemeral })
    }
    try {
      return await responder.respond(interaction, replacesMessage ? InteractionResponseType.UpdateMessage : InteractionResponseType.ChannelMessageWithSource, meanwhile)
    } catch (thrown) {
      if (!isAcknowledged(thrown)) throw thrown
      // Acknowledged before, by an attempt whose answer was lost or by another process. What was asked for is taken: the edit
      // that follows is its outcome, and never "try again".
      return 'acknowledged'
    }
  }

  #compose(
    interaction: APIInteraction,
    routed: Routed,
    { receivedAt, failed, expectSlow }: { readonly receivedAt: number; failed(thrown: unknown): MessageAnswer; expectSlow(meanwhile?: MessageAnswer): void },
  ): Answer {
    try {
      return routed.answer(this.#contextOf(interaction, { receivedAt, expectSlow }))
    } catch (thrown) {
      return failed(thrown)
    }
  }

  #contextOf(interaction: APIInteraction, { receivedAt, expectSlow }: { readonly receivedAt: number; expectSlow(meanwhile?: MessageAnswer): void }): InteractionContext {
    const { process, signing, records, voice, panels, attendance } = this.#deps
    // The router has refused what comes from no guild; such an answer asks nobody.
    const guild = isSnowflake(interaction.guild_id ?? '') ? guildId(interaction.guild_id ?? '') : guildId('0')
    return {
      guildId: guild,
      byUserId: userId(interaction.member?.user.id ?? '0'),
      process,
      signing,
      records,
      voice,
      panels,
      attendance,
      receivedAt,
      expectSlow,
      ask: (command, step) =>
        this.#deps.ask({
          guildId: guild,
          opId: opId(step === undefined ? interaction.id : `${interaction.id}/${step}`),
          command,
          receivedAt,
          deadlineAt: receivedAt + askDeadlineMs,
        }),
    }
  }
}

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json: interaction has already been acknowledged. */
const alreadyAcknowledged = 40_060

function isAcknowledged(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === alreadyAcknowledged
}

/** How long an answer may take before it is deferred, ms. */
function patienceFor(ageMs: number): number {
  return Math.max(1, deferAfterMs - ageMs, Math.min(patienceMsMin, deferByMs - ageMs))
}

function isModal(answer: ModalAnswer | MessageAnswer): answer is ModalAnswer {
  return 'modal' in answer
}
