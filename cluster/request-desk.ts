/**
 * Looks for what operators ask of the manager, has it carried out, and writes down how far it has come.
 *
 * The request is a row in Postgres: it can be asked while no manager looks, survives one that dies in the middle, and tells
 * whoever reads it what became of it. Also notices that another manager has taken over: then this one must not go on.
 */
import type { Clock, Timer } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { ManagerRequestStore, StoredRequest } from '../prisma/manager-request-store.ts'
import type { WishOutcome } from './conductor.ts'
import type { RescaleProgress, Wish } from './wish.ts'
import { nameOfWish, parseProgress, parseWish } from './wish.ts'

/** One small look at an indexed row. */
const lookIntervalMs = 500
/** While one runs: a terminal follows it, and an abort is to be noticed. */
const followIntervalMs = 150

/** Even if nothing changes: a follower knows by it that the manager lives. */
const aliveIntervalMs = 2_000

export interface RequestDeskDeps {
  readonly clock: Clock
  readonly log: Log
  readonly requests: ManagerRequestStore
  /** Incarnation of this manager. */
  readonly me: string
  /** Never rejects. */
  carryOut(wish: Wish, signal: AbortSignal): Promise<WishOutcome>
  progress(): RescaleProgress
  /** Called with each look: whatever else must be noticed. */
  alsoLook(): Promise<void>
}

interface RunningRequest {
  readonly id: string
  readonly abort: AbortController
  readonly ended: Promise<void>
}

export class RequestDesk {
  readonly #deps: RequestDeskDeps
  #running: RunningRequest | null = null
  #timer: Timer | null = null
  #isStopped = false
  #isFailing = false
  #written = ''
  #writtenAtMs = 0

  constructor(deps: RequestDeskDeps) {
    this.#deps = deps
  }

  /** The name of what is being done, or null. */
  get busyWith(): string | null {
    return this.#busyWith
  }
  #busyWith: string | null = null

  start(): void {
    this.#lookLater(0)
  }

  /** Gives up what runs, and waits for it. Idempotent. */
  async stop(reason: string): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#running?.abort.abort(new Error(reason))
    await this.#running?.ended
  }

  /** Something changed that a follower wants to see soon. */
  noteProgress(): void {
    if (this.#running !== null) void this.#writeProgress(this.#running.id).catch(() => undefined)
  }

  /** What keeps a present wish from going on, such as a process that cannot run. */
  abort(sentence: string): void {
    this.#running?.abort.abort(new Error(sentence))
  }

  #lookLater(delayMs: number): void {
    if (this.#isStopped) return
    this.#timer = this.#deps.clock.after(delayMs, () => {
      void this.#look()
        .then(() => (this.#isFailing = false))
        .catch((thrown: unknown) => {
          if (!this.#isFailing) this.#deps.log.warn('requests cannot be looked at', { error: coerceError(thrown) })
          this.#isFailing = true
        })
        .finally(() => this.#lookLater(this.#running === null ? lookIntervalMs : followIntervalMs))
    })
  }

  async #look(): Promise<void> {
    await this.#deps.alsoLook()
    const running = this.#running
    const request = await this.#deps.requests.openRequest()
    if (running !== null) {
      if (request?.id === running.id && request.abortAsked) running.abort.abort(new Error('it was asked to be given up'))
      await this.#writeProgress(running.id)
    } else if (request?.state === 'asked' && !this.#isStopped) {
      if (await this.#deps.requests.takeRequest({ id: request.id, manager: this.#deps.me })) this.#begin(request)
    }
  }

  #begin(request: StoredRequest): void {
    let wish: Wish
    try {
      wish = parseWish(request.wish)
    } catch (thrown) {
      this.#deps.log.error('a request is not understood', { id: request.id, error: coerceError(thrown) })
      const sentence = 'The manager does not understand this request: it runs another version. Update it, then try again.'
      void this.#deps.requests.endRequest({ id: request.id, state: 'refused', sentence, progress: null })
      return
    }
    this.#busyWith = nameOfWish(wish)
    this.#deps.log.info('request taken', { id: request.id, wish: this.#busyWith })
    const abort = new AbortController()
    const ended = this.#deps.carryOut(wish, abort.signal).then(async (outcome) => {
      await this.#end(request.id, outcome)
      this.#busyWith = null
      this.#running = null
    })
    this.#running = { id: request.id, abort, ended }
  }

  async #writeProgress(id: string): Promise<void> {
    const progress = JSON.stringify(this.#deps.progress())
    const nowMs = this.#deps.clock.monotonicMs()
    if (progress === this.#written && nowMs - this.#writtenAtMs < aliveIntervalMs) return
    this.#writtenAtMs = nowMs
    this.#written = progress
    await this.#deps.requests.writeProgress({ id, progress })
  }

  /** A row that cannot be ended now is ended by the next manager that starts. */
  async #end(id: string, { state, sentence }: WishOutcome): Promise<void> {
    this.#deps.log.info('request ended', { id, state, sentence })
    try {
      await this.#deps.requests.endRequest({ id, state, sentence, progress: JSON.stringify(this.#deps.progress()) })
    } catch (thrown) {
      this.#deps.log.error('the end of a request could not be written', { id, error: coerceError(thrown) })
    }
  }
}

/** On start: a request that a manager left running ends by what the topology says. Null: there was none. */
export async function settleLeftRequest(
  requests: ManagerRequestStore,
  isCurrent: (generation: number) => boolean,
): Promise<WishOutcome | null> {
  const left = await requests.openRequest()
  if (left?.state !== 'running') return null
  const wanted = left.progress === null ? null : parseProgress(left.progress).plan?.to.generation
  const isDone = wanted !== undefined && wanted !== null && isCurrent(wanted)
  const outcome: WishOutcome = isDone
    ? { state: 'done', sentence: `The manager ended while the old processes were leaving; generation ${wanted} serves.` }
    : { state: 'aborted', sentence: 'The manager ended in the middle of it; the topology that served before serves on. Run it again.' }
  await requests.endRequest({ id: left.id, ...outcome, progress: null })
  return outcome
}
