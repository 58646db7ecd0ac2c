/**
 * Who in this process waits to be told what became of a role change: interactions that are held open here.
 *
 * The outcome comes as an effect of the guild's actor. Where the interaction is held here, it is answered by whoever holds
 * it, as its first answer or as the edit of its deferral; elsewhere the effect edits the deferral by the token it carries.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'

/** The person is answered by whoever owns the guild: a deferral is all that is left to do here. */
export const answeredByOwner: MessageAnswer = Object.freeze({ content: '' })

interface Waiter {
  readonly resolve: (answer: MessageAnswer) => void
  /** Nobody waits here any more, although the interaction is not done with yet: it is the owner's to answer. */
  isLeft: boolean
  whenAnswered: (() => void)[]
}

/** Interactions answered lately whose outcome may still come by the longer way. */
const answeredMax = 10_000

/** The token is good for fifteen minutes; what comes later reaches nobody. */
const waitMsMax = 14 * 60_000

export class AnswerWaiters {
  readonly #waiters = new Map<string, Waiter>()
  /** Answered here, oldest first. */
  readonly #answered = new Set<string>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#waiters.size
  }

  /** Begins to wait. Must come before the question that sets the change off. `leave` ends the wait: nothing will come. */
  wait(interactionId: string): { readonly answer: Promise<MessageAnswer>; leave(): void } {
    const { promise, resolve } = promiseOf<MessageAnswer>()
    const waiter: Waiter = { resolve, isLeft: false, whenAnswered: [] }
    this.#waiters.set(interactionId, waiter)
    const timer = this.#clock.after(waitMsMax, () => leave(waiter))
    void promise.then(() => timer.cancel())
    return { answer: promise, leave: () => leave(waiter) }
  }

  /** Null: nobody here waits for it. Otherwise resolves when whoever waited has answered the person, or could not. */
  deliver(interactionId: string, answer: MessageAnswer): Promise<void> | null {
    const waiter = this.#waiters.get(interactionId)
    if (waiter === undefined || waiter.isLeft) return this.#answered.has(interactionId) ? Promise.resolve() : null
    waiter.resolve(answer)
    this.#noteAnswered(interactionId)
    return new Promise((resolve) => waiter.whenAnswered.push(resolve))
  }

  /** The interaction is done with here. */
  done(interactionId: string): void {
    const waiter = this.#waiters.get(interactionId)
    this.#waiters.delete(interactionId)
    for (const resolve of waiter?.whenAnswered ?? []) resolve()
  }

  #noteAnswered(interactionId: string): void {
    this.#answered.add(interactionId)
    const [oldest] = this.#answered
    if (this.#answered.size > answeredMax && oldest !== undefined) this.#answered.delete(oldest)
  }

  /** This process ends: whoever owns the guild next tells them. */
  leaveAll(): void {
    for (const waiter of this.#waiters.values()) leave(waiter)
  }
}

function leave(waiter: Waiter): void {
  waiter.isLeft = true
  waiter.resolve(answeredByOwner)
}

function promiseOf<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((settle) => (resolve = settle))
  return { promise, resolve }
}
