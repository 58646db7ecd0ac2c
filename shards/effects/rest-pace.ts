/**
 * Who may ask Discord next: roles before codes before posts before audits, within the limits that are known beforehand.
 *
 * discord.js keeps to Discord's headers, but only request by request: what waits in it has taken a place already, and it
 * knows no order of importance. So whatever an actor wishes for waits here first. Two limits are known: the share of this
 * process of all requests of the token, and for each guild or channel the bucket that its requests use up. A bucket's
 * window is counted from its first request, as Discord does, plus a margin for the way there; it is never the only guard.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'

/** code: the next code of a class on its screen. It is of no use later, and has a budget of its own that leaves room for posts. */
export const paceClasses = ['role', 'code', 'message', 'audit'] as const
export type PaceClass = (typeof paceClasses)[number]

/**
 * What a bucket takes in a window, until Discord's headers have told more: they are the same for all guilds and channels.
 * https://docs.discord.com/developers/topics/rate-limits
 */
const bucketRules = {
  roles: { requests: 10, windowMs: 10_000 },
  looks: { requests: 10, windowMs: 10_000 },
  posts: { requests: 5, windowMs: 5_000 },
  edits: { requests: 5, windowMs: 5_000 },
} as const

export type PaceBucketKind = keyof typeof bucketRules

export interface PaceBucket {
  readonly kind: PaceBucketKind
  /** The guild's or channel's id. */
  readonly id: string
}

interface Waiting {
  readonly bucket: PaceBucket
  readonly resolve: () => void
  isOver: boolean
}

interface Window {
  endsAtMs: number
  used: number
}

/** What one window's end may be off by: the time a request takes to Discord. */
const marginMs = 150
/** Of a process' share, so many may leave at once, the rest evenly: never more than the share in any second. */
const burstMax = 4
const secondMs = 1_000

export class RestPace {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #waiting: Readonly<Record<PaceClass, Map<string, Waiting[]>>> = {
    role: new Map(),
    code: new Map(),
    message: new Map(),
    audit: new Map(),
  }
  readonly #windows = new Map<string, Window>()
  readonly #learned = new Map<PaceBucketKind, number>()
  #tokens = burstMax
  /** When the newest requests left, oldest first, as many as the share of a second. */
  readonly #leftAtMs: number[] = []
  #countedAtMs: number
  #timer: Timer | null = null

  constructor(deps: { readonly clock: Clock }, options: { readonly requestsPerSecond: number }) {
    this.#clock = deps.clock
    this.#perSecond = options.requestsPerSecond
    this.#countedAtMs = deps.clock.monotonicMs()
  }

  /** Resolves when it is this request's turn; rejects with the signal's reason when that aborts. */
  admit(paceClass: PaceClass, bucket: PaceBucket, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error)
        return
      }
      const onAbort = (): void => {
        waiting.isOver = true
        reject(signal.reason as Error)
      }
      const waiting: Waiting = {
        bucket,
        isOver: false,
        resolve: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      const queues = this.#waiting[paceClass]
      const key = keyOf(bucket)
      const queue = queues.get(key)
      if (queue === undefined) queues.set(key, [waiting])
      else queue.push(waiting)
      this.#release()
    })
  }

  /** What the headers of an answer say of its bucket: its size, and in how many ms its window ends. */
  learn(bucket: PaceBucket, told: { readonly requests: number; readonly resetAfterMs: number }): void {
    const { requests, resetAfterMs } = told
    if (!Number.isInteger(requests) || requests <= 0 || !(resetAfterMs >= 0)) return
    this.#learned.set(bucket.kind, requests)
    const window = this.#windows.get(keyOf(bucket))
    if (window !== undefined) window.endsAtMs = Math.max(window.endsAtMs, this.#clock.monotonicMs() + resetAfterMs + marginMs)
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** Lets go whoever may go now, and wakes again when the next one may. */
  #release(): void {
    const nowMs = this.#clock.monotonicMs()
    this.#tokens = Math.min(this.#isShareUsed(nowMs) ? 1 : burstMax, this.#tokens + ((nowMs - this.#countedAtMs) / secondMs) * this.#perSecond)
    this.#countedAtMs = nowMs
    let nextMs = Infinity
    for (const paceClass of paceClasses) {
      const queues = this.#waiting[paceClass]
      // Whoever had its turn goes to the end, where this same walk meets it again: while shares are short nobody starves.
      for (const [key, queue] of queues) {
        const when = this.#releaseFirst(queue, nowMs)
        if (when === 'now' || queue.length === 0) queues.delete(key)
        if (when === 'now' && queue.length > 0) queues.set(key, queue)
        if (when !== 'now') nextMs = Math.min(nextMs, when)
        if (this.#shareFreeAtMs(nowMs) > nowMs) break
      }
    }
    const shareFreeAtMs = this.#shareFreeAtMs(nowMs)
    if (shareFreeAtMs > nowMs) nextMs = Math.min(nextMs, shareFreeAtMs)
    this.#forgetWindows(nowMs)
    this.#timer?.cancel()
    this.#timer = null
    const isIdle = paceClasses.every((paceClass) => this.#waiting[paceClass].size === 0)
    if (!isIdle && Number.isFinite(nextMs)) this.#timer = this.#clock.after(Math.max(1, Math.ceil(nextMs - nowMs)), () => this.#release())
  }

  /** From when on the share of this process has room for one more; now or earlier: it has. */
  #shareFreeAtMs(nowMs: number): number {
    const evenlyAtMs = this.#tokens >= 1 ? nowMs : nowMs + ((1 - this.#tokens) / this.#perSecond) * secondMs
    return this.#isShareUsed(nowMs) ? Math.max(evenlyAtMs, (this.#leftAtMs[0] ?? nowMs) + secondMs) : evenlyAtMs
  }

  /** Who has used a second up saves nothing for a burst in the next one: the two may be one of Discord's. */
  #isShareUsed(nowMs: number): boolean {
    return this.#leftAtMs.length >= this.#perSecond && (this.#leftAtMs[0] ?? nowMs) + secondMs > nowMs
  }

  /** `now`: the first of the queue left. Otherwise when it may, as far as its bucket says; Infinity: none is left, or it waits for the share. */
  #releaseFirst(queue: Waiting[], nowMs: number): 'now' | number {
    while (queue[0]?.isOver === true) queue.shift()
    const first = queue[0]
    if (first === undefined || this.#shareFreeAtMs(nowMs) > nowMs) return Infinity
    const { kind } = first.bucket
    const window = this.#windowOf(first.bucket, nowMs)
    if (window.used >= (this.#learned.get(kind) ?? bucketRules[kind].requests)) return window.endsAtMs
    window.used += 1
    this.#tokens -= 1
    this.#leftAtMs.push(nowMs)
    if (this.#leftAtMs.length > this.#perSecond) this.#leftAtMs.shift()
    queue.shift()
    first.resolve()
    return 'now'
  }

  #windowOf(bucket: PaceBucket, nowMs: number): Window {
    const key = keyOf(bucket)
    const known = this.#windows.get(key)
    if (known !== undefined && known.endsAtMs > nowMs) return known
    const fresh = { endsAtMs: nowMs + bucketRules[bucket.kind].windowMs + marginMs, used: 0 }
    // Anew at the end: windows lie in the order in which they end, nearly.
    this.#windows.delete(key)
    this.#windows.set(key, fresh)
    return fresh
  }

  #forgetWindows(nowMs: number): void {
    for (const [key, window] of this.#windows) {
      if (window.endsAtMs > nowMs) return
      this.#windows.delete(key)
    }
  }
}

const keyOf = ({ kind, id }: PaceBucket): string => `${kind} ${id}`
