/**
 * One connection of one process to one server: requests arrive in the order they were sent, answers come back in that
 * order, and between connections there is no order at all.
 *
 * When it breaks, everybody who waits on it is told soon that it was lost. What had been sent may still arrive: a
 * statement runs on in the database although the connection that sent it is gone.
 */
import { assert } from '../../kernel/assert.ts'
import type { Random } from './random.ts'
import type { Fate } from './fate.ts'
import type { Scheduler } from './scheduler.ts'
import type { Server } from './server.ts'
import type { SimulatedProcess } from './simulated-process.ts'

export interface ConnectionDeps {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly process: SimulatedProcess
  readonly server: Server
  fateOf(operation: string, server: Server): Fate
  /** Counted and, when tracing, told. */
  onLoss(operation: string, loss: string): void
}

interface OpenCall {
  isOver: boolean
  readonly fail: (afterMs: number) => void
}

const asItIs = (error: Error): Error => error

/** A host that does not answer is noticed after this long at the latest: command and connection timeouts. */
const silenceNoticedMs = 1_000
/** A request that was on its way when its process died still arrives with this probability. */
const survivesDeathProbability = 0.5

export class Connection {
  readonly #deps: ConnectionDeps
  readonly #channel: string
  readonly #isOrdered: boolean
  readonly #life: number
  readonly #open = new Set<OpenCall>()
  readonly #onBreak: (() => void)[] = []
  #lastArrivalAt = 0
  #lastAnswerAt = 0

  constructor(deps: ConnectionDeps, options: { readonly name: string; readonly isOrdered: boolean }) {
    this.#deps = deps
    this.#channel = options.name
    this.#isOrdered = options.isOrdered
    this.#life = deps.process.life
    deps.server.onRestart(() => {
      if (deps.process.life === this.#life) this.break()
    })
  }

  /** Tells when this connection is lost: whoever holds state of it at the server starts anew. */
  onBreak(listener: () => void): void {
    this.#onBreak.push(listener)
  }

  /** Runs `effect` at the server. Rejects, with what `toError` makes of it, when it did not run or nobody knows. */
  call<Result>(operation: string, effect: () => Promise<Result>, toError = asItIs): Promise<Result> {
    const { scheduler, process, server } = this.#deps
    assert(process.isRunning && process.life === this.#life, `${process.name}: ${operation} from a process that does not run`)
    return new Promise((resolve, reject) => {
      const call = this.#openCall(operation, (error) => reject(toError(error)))
      const fate = this.#deps.fateOf(operation, server)
      if (fate.loss !== 'none') this.#deps.onLoss(operation, fate.loss)
      if (!server.isUp) {
        call.fail(fate.requestMs)
        return
      }
      if (fate.loss === 'lose-request' || !server.canReach(process)) {
        this.#loseSoon()
        return
      }
      const arrival = { at: scheduler.now + fate.requestMs }
      if (fate.loss === 'run-later') {
        arrival.at = scheduler.now + fate.laterMs
        this.#loseSoon()
      } else if (this.#isOrdered) {
        arrival.at = Math.max(arrival.at, this.#lastArrivalAt)
        this.#lastArrivalAt = arrival.at
      }
      const { strike } = fate
      if (strike?.when === 'at-once') scheduler.at(scheduler.now, strike.run)
      const { restarts } = server
      scheduler.at(arrival.at, () => {
        if (server.restarts !== restarts || !this.#arrivesThough(fate)) return
        if (strike?.when === 'sent') strike.run()
        void effect().then((result) => {
          if (strike?.when === 'taken-effect') strike.run()
          this.#answer(call, fate, () => resolve(result))
        }, reject)
      })
    })
  }

  /** Everybody who waits is told soon; what is on its way may arrive. */
  break(): void {
    for (const call of this.#open) call.fail(this.#deps.random.between(0, 2))
    this.#lastArrivalAt = 0
    this.#lastAnswerAt = 0
    for (const listener of this.#onBreak) listener()
  }

  #openCall(operation: string, reject: (error: Error) => void): OpenCall {
    const { scheduler, process } = this.#deps
    const call: OpenCall = {
      isOver: false,
      fail: (afterMs) => {
        if (call.isOver) return
        call.isOver = true
        this.#open.delete(call)
        // Whoever waited died: a later life of the process is not told.
        if (process.life !== this.#life) return
        process.post(this.#channel, scheduler.now + afterMs, () => reject(new Error(`${operation}: connection lost`)))
      },
    }
    this.#open.add(call)
    return call
  }

  /** A connection is lost as a whole: who else waits on it loses the answer too. */
  #loseSoon(): void {
    const { random, scheduler } = this.#deps
    if (random.chance(0.7)) {
      this.break()
      return
    }
    // Silence: it is noticed later, and by all at once.
    const waiting = [...this.#open]
    scheduler.after(random.between(0, silenceNoticedMs), () => {
      for (const call of waiting) call.fail(0)
    })
  }

  /** After the death of its sender a request may be lost with the sender's sockets. */
  #arrivesThough(fate: Fate): boolean {
    const { process, random } = this.#deps
    if (process.isUp && process.life === this.#life) return true
    return fate.loss === 'run-later' || random.chance(survivesDeathProbability)
  }

  #answer(call: OpenCall, fate: Fate, resolve: () => void): void {
    if (call.isOver) return
    const { scheduler, process, server } = this.#deps
    if (process.life !== this.#life) return
    if (fate.loss === 'lose-answer' || !server.canReach(process)) {
      this.#loseSoon()
      return
    }
    let at = scheduler.now + fate.answerMs
    if (this.#isOrdered) {
      at = Math.max(at, this.#lastAnswerAt)
      this.#lastAnswerAt = at
    }
    process.post(this.#channel, at, () => {
      if (call.isOver) return
      call.isOver = true
      this.#open.delete(call)
      resolve()
    })
  }
}
