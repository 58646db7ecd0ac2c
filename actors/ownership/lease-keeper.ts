/**
 * Keeps this process' lease alive and knows, without asking anybody, until when it may be relied on.
 *
 *   stopped ──start──▶ keeping ──stop──▶ stopped
 *
 * stopped: no lease; covers() is false. keeping: a renewal is sent every 750 ms whatever became of the last one.
 * The deadline is computed before each renewal is sent and only ever taken from renewals that were answered (I6). A lost
 * Redis ends the cover when the deadline passes and nothing else: the process goes on, and so do its commits.
 *
 * A lease that ended, noticed here or not, and was renewed later is another lease: whoever was told in between that this
 * process is dead may still take its slots. `epoch` names the lease; what was won under an earlier one is not covered by
 * it until its fence is raised anew.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Incarnation } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { LeaseStore } from '../runtime/ports.ts'
import { leaseCovers, leaseDeadline } from './lease.ts'
import type { Watchdog } from './watchdog.ts'

export interface LeaseKeeperDeps {
  readonly store: Pick<LeaseStore, 'renewLease' | 'releaseLease'>
  readonly clock: Clock
  readonly me: Incarnation
  readonly log: Log
  /** A renewal was answered: slots that the present lease does not cover may be fenced anew. */
  onRenewed(): void
  /** Null where nobody watches the event loop (simulation, tools). */
  readonly watchdog: Watchdog | null
}

export class LeaseKeeper {
  readonly #deps: LeaseKeeperDeps
  #deadlineMs = -Infinity
  #timer: Timer | null = null
  #keeping = false
  #failing = false
  #renewals = 0
  /** The newest renewal that was answered. */
  #answered = 0
  /** The renewal that began the present lease; null before the first answer. */
  #epoch: number | null = null
  /** Answers to renewals up to this one are of no use: the watchdog let the lease go after they were sent. */
  #uselessUntil = 0

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps
  }

  /** True while an answer from memory needs no other proof. */
  covers(): boolean {
    if (!this.#keeping || this.#deps.watchdog?.isTripped() === true) return false
    return leaseCovers(this.#deadlineMs, this.#deps.clock.monotonicMs())
  }

  /** Names the present lease: another number means that it ended in between. Null before the first. */
  get epoch(): number | null {
    return this.#epoch
  }

  /** Monotonic ms of the deadline; -Infinity without a lease. */
  get deadlineMs(): number {
    return this.#deadlineMs
  }

  /** Resolves after the first renewal was tried. */
  async start(): Promise<void> {
    this.#keeping = true
    await this.#renew()
  }

  /** Lets the lease go, so that others need not wait for it to end. */
  async stop(): Promise<void> {
    if (!this.#keeping) return
    this.#keeping = false
    this.#deadlineMs = -Infinity
    this.#timer?.cancel()
    await this.#deps.store.releaseLease(this.#deps.me).catch((thrown: unknown) => {
      // It ends by itself after its time.
      this.#deps.log.debug('lease could not be released', { error: coerceError(thrown) })
    })
  }

  async #renew(): Promise<void> {
    if (this.#deps.watchdog?.isTripped() === true) {
      // The lease is gone: what was known of it ends, and only renewals sent from here on count.
      this.#deadlineMs = -Infinity
      this.#uselessUntil = this.#renewals
      if (!this.#deps.watchdog.tryReset()) {
        this.#timer = this.#deps.clock.after(limits.livenessPollMs, () => void this.#renew())
        return
      }
    }
    this.#renewals += 1
    const renewal = this.#renewals
    const sentAtMs = this.#deps.clock.monotonicMs()
    const deadlineMs = leaseDeadline(sentAtMs)
    this.#timer = this.#deps.clock.after(limits.leaseRenewIntervalMs, () => void this.#renew())
    try {
      const { begunBy } = await this.#deps.store.renewLease({ incarnation: this.#deps.me, ttlMs: limits.leaseTtlMs, renewal })
      if (!this.#keeping || renewal <= this.#uselessUntil || renewal < this.#answered) return
      this.#answered = renewal
      this.#enterEpoch(begunBy)
      this.#deadlineMs = deadlineMs
      if (this.#failing) this.#deps.log.info('lease renewed again')
      this.#failing = false
      this.#deps.onRenewed()
    } catch (thrown) {
      if (!this.#failing) this.#deps.log.warn('lease could not be renewed', { error: coerceError(thrown) })
      this.#failing = true
    }
  }

  #enterEpoch(begunBy: number): void {
    if (this.#epoch === begunBy) return
    if (this.#epoch !== null) this.#deps.log.info('lease had ended and begins anew', { was: this.#epoch, is: begunBy })
    this.#epoch = begunBy
  }
}
