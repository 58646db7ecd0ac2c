/**
 * Asks a guild's actor from a process that does not own it: the command goes to the slot's inbox, the answer comes back
 * on this process' reply channel.
 *
 * It need not know who the owner is. A command may be appended more than once (an answer got lost, an owner changed):
 * the op id makes it take effect once. Whoever asks gets an answer, or a named refusal at the deadline; there is a bound
 * on open asks, and none of them is ever left waiting.
 *
 * A "no" speaks for one entry. While another entry of the same op may still take effect it is not passed on: who is told
 * "no" may rely on it that this asking changed nothing.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, Incarnation, OpId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import { slotOf } from '../ownership/slots.ts'
import type { Command, CommandEnvelope, Outcome } from '../protocol/command.ts'
import type { Inbox, InboxEntry, MessageBus } from '../runtime/ports.ts'
import { parseReplyText, replyChannelOf } from './reply-message.ts'

/** Pause before an append that Redis did not take is tried again. */
const appendRetryMs = 100

export interface ActorClientDeps {
  readonly me: Incarnation
  readonly clock: Clock
  readonly inbox: Pick<Inbox, 'add'>
  readonly bus: MessageBus
  readonly log: Log
  /** Unix ms by the database's clock: deadlines are compared with it by the owner. */
  now(): number
}

interface OpenAsk {
  readonly envelope: CommandEnvelope
  readonly deadlineAt: number
  readonly waiting: ((outcome: Outcome) => void)[]
  timer: Timer | null
  deadline: Timer | null
  /** Entries that lie, or may lie, in the inbox, and how many of them were answered "no". */
  appended: number
  refused: number
}

export class ActorClient {
  readonly #deps: ActorClientDeps
  readonly #open = new Map<string, OpenAsk>()
  #unsubscribe: (() => Promise<void>) | null = null

  constructor(deps: ActorClientDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    assert(this.#unsubscribe === null, 'a client starts once')
    const channel = replyChannelOf(this.#deps.me)
    const { unsubscribe } = await this.#deps.bus.subscribe(channel, (text) => this.#onReply(text))
    this.#unsubscribe = unsubscribe
  }

  /** Settles what is open, as `stopping` where it surely had no effect, and unsubscribes. */
  async stop(): Promise<void> {
    for (const ask of this.#open.values()) {
      this.#settle(ask, { status: 'refused', reason: ask.appended === 0 ? 'stopping' : 'unanswered' })
    }
    await this.#unsubscribe?.()
    this.#unsubscribe = null
  }

  get openCount(): number {
    return this.#open.size
  }

  /** Asks under an op id of the caller's; resolves at `deadlineInMs` at the latest. Never rejects. */
  ask(options: {
    readonly guildId: GuildId
    readonly opId: OpId
    readonly command: Command
    readonly deadlineInMs: number
  }): Promise<Outcome> {
    const deadlineAt = this.#deps.now() + options.deadlineInMs
    return this.carry({ ...options, receivedAt: null, deadlineAt })
  }

  /** Carries an envelope to the owner; one without a deadline is carried until it is answered or this client stops. */
  carry(envelope: CommandEnvelope): Promise<Outcome> {
    const key = `${envelope.guildId} ${envelope.opId}`
    const same = this.#open.get(key)
    // Asked twice at once: one answer serves both, because it is one op.
    if (same !== undefined) return new Promise((resolve) => same.waiting.push(resolve))
    if (this.#open.size >= limits.openAsksMax) return Promise.resolve({ status: 'refused', reason: 'mailbox-full' })
    return new Promise((resolve) => {
      const deadlineAt = envelope.deadlineAt ?? Infinity
      const ask: OpenAsk = { envelope, deadlineAt, waiting: [resolve], timer: null, deadline: null, appended: 0, refused: 0 }
      this.#open.set(key, ask)
      this.#endAtDeadline(ask)
      void this.#append(ask)
    })
  }

  /** Whatever Redis does meanwhile: who asks is told at the deadline. */
  #endAtDeadline(ask: OpenAsk): void {
    if (ask.deadlineAt === Infinity) return
    const leftMs = Math.max(1, ask.deadlineAt - this.#deps.now())
    ask.deadline = this.#deps.clock.after(leftMs, () => {
      // The time of records is slewed: what is left of it is waited for.
      if (this.#deps.now() < ask.deadlineAt) this.#endAtDeadline(ask)
      else this.#settle(ask, { status: 'refused', reason: 'unanswered' })
    })
  }

  async #append(ask: OpenAsk): Promise<void> {
    const { envelope } = ask
    // Counted before it is sent: its answer may be here before Redis' own, and a failed one may have been appended.
    ask.appended += 1
    try {
      const entry = inboxEntry(envelope, replyChannelOf(this.#deps.me))
      const added = await this.#deps.inbox.add(slotOf(envelope.guildId), entry)
      if (added === 'full') {
        ask.appended -= 1
        this.#settleIfRefused(ask, { status: 'refused', reason: 'inbox-full' })
      }
      this.#retryIn(ask, Math.min(limits.askRetryMsMax, limits.askRetryMs * 2 ** Math.max(0, ask.appended - 1)))
    } catch (thrown) {
      this.#deps.log.debug('command could not be sent to its owner', { error: coerceError(thrown) })
      this.#retryIn(ask, appendRetryMs)
    }
  }

  #retryIn(ask: OpenAsk, delayMs: number): void {
    if (!this.#isOpen(ask)) return
    ask.timer = this.#deps.clock.after(delayMs, () => void this.#append(ask))
  }

  #onReply(text: string): void {
    const { guildId, opId, outcome, deadlineAt } = parseReplyText(text)
    const ask = this.#open.get(`${guildId} ${opId}`)
    // Unknown: answered before, or given up at its deadline.
    if (ask === undefined) return
    if (outcome.status === 'answered' || outcome.reason === 'rejected') {
      this.#settle(ask, outcome)
      return
    }
    // Of an asking before this one: it says nothing about the entries of this.
    if (deadlineAt !== ask.envelope.deadlineAt) return
    ask.refused += 1
    this.#settleIfRefused(ask, outcome)
  }

  /** Passes a "no" on when no entry is left that could still say yes. */
  #settleIfRefused(ask: OpenAsk, outcome: Outcome): void {
    if (ask.refused >= ask.appended) this.#settle(ask, outcome)
  }

  #isOpen(ask: OpenAsk): boolean {
    return this.#open.get(`${ask.envelope.guildId} ${ask.envelope.opId}`) === ask
  }

  #settle(ask: OpenAsk, outcome: Outcome): void {
    if (!this.#isOpen(ask)) return
    this.#open.delete(`${ask.envelope.guildId} ${ask.envelope.opId}`)
    ask.timer?.cancel()
    ask.deadline?.cancel()
    for (const settle of ask.waiting) settle(outcome)
  }
}

/** An envelope as a slot's inbox holds it. */
export function inboxEntry(envelope: CommandEnvelope, replyTo: string | null): InboxEntry {
  return {
    guildId: envelope.guildId,
    opId: envelope.opId,
    command: JSON.stringify(envelope.command),
    receivedAt: envelope.receivedAt,
    deadlineAt: envelope.deadlineAt,
    replyTo,
  }
}
