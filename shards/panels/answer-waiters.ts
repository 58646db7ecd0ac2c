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
  whenAnswered: (() => void)[]
}

/** The token is good for fifteen minutes; what comes later reaches nobody. */
const waitMsMax = 14 * 60_000

export class AnswerWaiters {
  readonly #waiters = new Map<string, Waiter>()
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
    const waiter: Waiter = { resolve, whenAnswered: [] }
    this.#waiters.set(interactionId, waiter)
    const timer = this.#clock.after(waitMsMax, () => resolve(answeredByOwner))
    void promise.then(() => timer.cancel())
    return { answer: promise, leave: () => resolve(answeredByOwner) }
  }

  /** Null: nobody here waits for it. Otherwise resolves when whoever waited has answered the person, or could not. */
  deliver(interactionId: string, answer: MessageAnswer): Promise<void> | null {
    const waiter = this.#waiters.get(interactionId)
    if (waiter === undefined) return null
    waiter.resolve(answer)
    return new Promise((resolve) => waiter.whenAnswered.push(resolve))
  }

  /** The interaction is done with here. */
  done(interactionId: string): void {
    const waiter = this.#waiters.get(interactionId)
    this.#waiters.delete(interactionId)
    for (const resolve of waiter?.whenAnswered ?? []) resolve()
  }

  /** This process ends: whoever owns the guild next tells them. */
  leaveAll(): void {
    for (const { resolve } of this.#waiters.values()) resolve(answeredByOwner)
  }
}

function promiseOf<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((settle) => (resolve = settle))
  return { promise, resolve }
}
