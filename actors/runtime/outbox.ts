/**
 * Runs what must happen outside: rows of the outbox, in order per (guild, target), until each is done or dead.
 *
 * Rows come from commits of this process, and from Postgres when a slot is won. A row is run only while the lease covers
 * us: REST is not fenced, so a process in doubt keeps its hands still. What became of a row goes back to its guild as a
 * command under the row's own op id, and is settled in the commit of that command's events: a row runs at least once,
 * and its outcome takes effect exactly once. A row whose slot is lost is run again by the next owner.
 *
 * A slot that was just won runs nothing until the rows of the owner before are here: they come first. The owned slots'
 * rows are read again now and then, which finds what an operator drove again and what did not fit.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, OpId, Slot } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { CommandEnvelope, Outcome } from '../protocol/command.ts'
import type { EffectResult, OutboxKind, SettledEffect } from '../protocol/effect.ts'
import type { GuildStore, OutboxRow, StoredOutboxRow } from './ports.ts'
import type { SlotTable } from './slot-table.ts'

/** How an effect of a kind is tried again. */
export interface RetryPolicy {
  readonly delayMsMin: number
  readonly delayMsMax: number
  /** Past this age, counted from its commit, a row that still fails is dead. */
  readonly ageMsMax: number
}

const hourMs = 3_600_000

/** A role change is worth an hour to the person who clicked, a post some hours to those who read it. */
export const retryPolicies: Readonly<Record<OutboxKind, RetryPolicy>> = {
  'add-role': { delayMsMin: 250, delayMsMax: 30_000, ageMsMax: hourMs },
  'remove-role': { delayMsMin: 250, delayMsMax: 30_000, ageMsMax: hourMs },
  'post-message': { delayMsMin: 250, delayMsMax: 60_000, ageMsMax: 6 * hourMs },
  'post-log': { delayMsMin: 250, delayMsMax: 60_000, ageMsMax: 6 * hourMs },
  'confirm-role': { delayMsMin: 250, delayMsMax: 30_000, ageMsMax: hourMs },
  'show-panel': { delayMsMin: 250, delayMsMax: 60_000, ageMsMax: 6 * hourMs },
  'remove-message': { delayMsMin: 250, delayMsMax: 60_000, ageMsMax: 6 * hourMs },
  // The interaction's token ends after fifteen minutes; the person looks at the screen.
  'answer-interaction': { delayMsMin: 250, delayMsMax: 2_000, ageMsMax: 15 * 60_000 },
  'post-audit': { delayMsMin: 1_000, delayMsMax: 60_000, ageMsMax: hourMs },
  // After a class nobody looks for its code; that it is over should be seen while somebody may look.
  'post-session': { delayMsMin: 250, delayMsMax: 10_000, ageMsMax: hourMs },
  'show-closed': { delayMsMin: 250, delayMsMax: 60_000, ageMsMax: hourMs },
  // A receiver that is being deployed is back in seconds, one that is broken may be repaired within a day.
  'deliver-webhook': { delayMsMin: 5_000, delayMsMax: hourMs, ageMsMax: 24 * hourMs },
}

/** One attempt as the runner makes it. */
export interface EffectAttempt extends SettledEffect {
  readonly guildId: GuildId
  /** The same for every attempt of this row: what a nonce is made of. */
  readonly opId: OpId
  readonly attempt: number
  /** Op id of the command that wished for it, to follow it by; null: not known. */
  readonly trace: string | null
  /** Unix ms of the commit that wished for it. */
  readonly createdAt: number
}

export interface EffectRunner {
  /**
   * Resolves when the effect may leave as far as limits are known that it shares with others; until then it takes nobody's
   * place. Rejects when `signal` aborts. Without it everything may leave at once.
   */
  admit?(attempt: EffectAttempt, signal: AbortSignal): Promise<void>
  /** Throws when it failed and may be tried again; `signal` aborts when the slot is no longer ours. */
  run(attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult>
}

export interface OutboxDeps {
  readonly store: Pick<GuildStore, 'loadPendingOutbox'>
  readonly runner: EffectRunner
  readonly slots: SlotTable
  readonly clock: Clock
  readonly log: Log
  now(): number
  /** True while this process may act for the slot. */
  leaseCovers(slot: Slot): boolean
  /** Brings the outcome back to the guild; refused when the slot is not ours any more. `isNew`: nobody can have done so before. */
  settle(envelope: CommandEnvelope, how: { readonly isNew: boolean }): Promise<Outcome>
}

/** While the lease does not cover us, or the guild's commit is refused for now. */
const waitAgainMs = 100
const sweepIntervalMs = 15_000
/** Longer than any read of rows takes: a row settled while it was being read is not run again. */
const settledRememberedMs = 60_000

interface HeldRow {
  readonly row: OutboxRow & { readonly createdAt: number }
  readonly effect: SettledEffect
  /** Op id of the command that wished for it; null in rows that were written before it went along. */
  readonly trace: string | null
  attempts: number
  /** Set once the effect was done with: what is left is to bring it back to the guild. */
  result: EffectResult | null
  /** Written by a commit of ours and never brought back yet: nobody has a result of it that could be looked up. */
  isNew: boolean
}

interface Target {
  readonly slot: Slot
  readonly rows: HeldRow[]
  readonly abort: AbortController
  timer: Timer | null
  running: boolean
}

export class Outbox {
  readonly #deps: OutboxDeps
  readonly #targets = new Map<string, Target>()
  #held = 0
  #inFlight = 0
  /** Slots with rows that did not fit: read again when there is room. */
  readonly #moreIn = new Set<Slot>()
  #waitingForRoom: (() => void)[] = []
  /** Slots whose earlier rows are still being read: nothing of them runs yet. */
  readonly #loading = new Set<Slot>()
  /** When rows were settled, monotonic ms, by their op id. */
  readonly #settledAt = new Map<OpId, number>()
  #sweepTimer: Timer | null = null
  #stopped = false

  constructor(deps: OutboxDeps) {
    this.#deps = deps
  }

  get held(): number {
    return this.#held
  }

  /** Unix ms of the commit that wished for the oldest row held; null: none is. */
  oldestAt(): number | null {
    let oldest: number | null = null
    for (const { rows } of this.#targets.values()) {
      const createdAt = rows[0]?.row.createdAt
      if (createdAt !== undefined && (oldest === null || createdAt < oldest)) oldest = createdAt
    }
    return oldest
  }

  /** Rows of a commit that just returned. */
  add(rows: readonly OutboxRow[]): void {
    const createdAt = this.#deps.now()
    for (const row of rows) this.#hold({ ...row, createdAt }, { isNew: true })
  }

  /** From now on the owned slots' rows are read again now and then. */
  start(): void {
    this.#sweepTimer = this.#deps.clock.after(sweepIntervalMs, () => {
      this.#forgetSettled()
      void this.#load(this.#deps.slots.inState('serving').map(({ slot }) => slot)).then(() => {
        if (!this.#stopped) this.start()
      })
    })
  }

  /** A slot was won: nothing of it runs until `loadSlots` has brought what its owner before left undone. */
  expectLoad(slot: Slot): void {
    this.#loading.add(slot)
  }

  async loadSlots(slots: readonly Slot[]): Promise<void> {
    if (await this.#load(slots)) {
      for (const slot of slots) this.#loading.delete(slot)
      for (const [key, target] of this.#targets) if (slots.includes(target.slot)) this.#kick(key, target)
      return
    }
    this.#deps.clock.after(waitAgainMs, () => {
      const still = slots.filter((slot) => this.#loading.has(slot))
      if (!this.#stopped && still.length > 0) void this.loadSlots(still)
    })
  }

  /** False: the rows could not be read. */
  async #load(slots: readonly Slot[]): Promise<boolean> {
    if (slots.length === 0) return true
    try {
      const limit = Math.max(1, limits.outboxHeldMax - this.#held)
      const rows = await this.#deps.store.loadPendingOutbox({ slots, limit })
      for (const row of rows) if (!this.#settledAt.has(opIdOf(row))) this.#hold(row, { isNew: false })
      if (rows.length >= limit) for (const slot of slots) this.#moreIn.add(slot)
      return true
    } catch (thrown) {
      this.#deps.log.warn('outbox could not be read', { error: coerceError(thrown), slots: slots.length })
      return false
    }
  }

  /** A slot is gone: what runs is aborted, what waits is the next owner's. */
  dropSlot(slot: Slot): void {
    this.#moreIn.delete(slot)
    this.#loading.delete(slot)
    for (const [key, target] of this.#targets) {
      if (target.slot !== slot) continue
      target.abort.abort(new Error('the slot is no longer ours'))
      target.timer?.cancel()
      this.#held -= target.rows.length
      this.#targets.delete(key)
    }
  }

  stop(): void {
    this.#stopped = true
    this.#sweepTimer?.cancel()
    for (const slot of new Set([...this.#targets.values()].map((target) => target.slot))) this.dropSlot(slot)
  }

  #hold(row: HeldRow['row'] & Partial<Pick<StoredOutboxRow, 'attempts'>>, { isNew }: Pick<HeldRow, 'isNew'>): void {
    if (this.#stopped || this.#deps.slots.at(row.slot).state === 'foreign') return
    if (this.#held >= limits.outboxHeldMax) {
      this.#moreIn.add(row.slot)
      return
    }
    const key = `${row.guildId} ${row.target}`
    let target = this.#targets.get(key)
    if (target === undefined) {
      target = { slot: row.slot, rows: [], abort: new AbortController(), timer: null, running: false }
      this.#targets.set(key, target)
    }
    // Loaded and committed here at once, around a takeover: a row is held once.
    if (target.rows.some((held) => held.row.seq === row.seq && held.row.ordinal === row.ordinal)) return
    target.rows.push({ row, ...readEffect(row), attempts: row.attempts ?? 0, result: null, isNew })
    target.rows.sort((a, b) => a.row.seq - b.row.seq || a.row.ordinal - b.row.ordinal)
    this.#held += 1
    this.#kick(key, target)
  }

  #kick(key: string, target: Target): void {
    if (target.running || target.timer !== null || this.#loading.has(target.slot)) return
    target.running = true
    void this.#runTarget(key, target)
  }

  async #runTarget(key: string, target: Target): Promise<void> {
    while (!target.abort.signal.aborted) {
      const first = target.rows[0]
      if (first === undefined) break
      if (first.result === null) await this.#admit(target, first)
      if (this.#inFlight >= limits.effectsInFlightMax) await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve))
      const waitMs = target.abort.signal.aborted ? 0 : await this.#runOnce(target, first)
      if (target.abort.signal.aborted) break
      if (waitMs === null) {
        target.rows.splice(target.rows.indexOf(first), 1)
        this.#held -= 1
        this.#settledAt.set(opIdOf(first.row), this.#deps.clock.monotonicMs())
        this.#loadMore()
        continue
      }
      target.running = false
      target.timer = this.#deps.clock.after(waitMs, () => {
        target.timer = null
        this.#kick(key, target)
      })
      return
    }
    target.running = false
    if (this.#targets.get(key) === target && target.rows.length === 0) this.#targets.delete(key)
  }

  /** Its turn among those that share a limit of Discord's: a slow bucket of one guild holds nobody else up. */
  async #admit(target: Target, held: HeldRow): Promise<void> {
    try {
      await this.#deps.runner.admit?.(attemptOf(held), target.abort.signal)
    } catch (thrown) {
      // Only a lost slot ends the wait; what is left is looked at by whoever asked.
      if (!target.abort.signal.aborted) throw thrown
    }
  }

  /** Null: the row is settled. Otherwise the pause before it is run again. */
  async #runOnce(target: Target, held: HeldRow): Promise<number | null> {
    if (!this.#deps.leaseCovers(target.slot)) return waitAgainMs
    const result = held.result ?? (await this.#attempt(target, held))
    if (target.abort.signal.aborted) return waitAgainMs
    if (typeof result === 'number') return result
    held.result = result
    const { isNew } = held
    held.isNew = false
    const outcome = await this.#deps.settle(this.#settlement(held, result), { isNew })
    if (outcome.status === 'answered' || outcome.reason === 'rejected') return null
    this.#deps.log.debug('outcome of an effect could not be settled yet', { reason: outcome.reason })
    return waitAgainMs
  }

  async #attempt(target: Target, held: HeldRow): Promise<EffectResult | number> {
    const { row } = held
    const policy = retryPolicies[row.kind]
    held.attempts += 1
    this.#inFlight += 1
    // Of its own: client libraries leave their listeners on a signal, and a target may have hundreds of rows.
    const abort = new AbortController()
    const onAbort = (): void => abort.abort(target.abort.signal.reason)
    target.abort.signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await this.#deps.runner.run(attemptOf(held), abort.signal)
    } catch (thrown) {
      const error = coerceError(thrown)
      const ageMs = this.#deps.now() - row.createdAt
      if (ageMs >= policy.ageMsMax) return { kind: 'dead', reason: error.message.slice(0, 500) }
      this.#deps.log.info('effect failed, trying again', { guildId: row.guildId, effect: row.kind, attempt: held.attempts, error })
      return Math.min(policy.delayMsMax, policy.delayMsMin * 2 ** Math.min(held.attempts - 1, 20))
    } finally {
      target.abort.signal.removeEventListener('abort', onAbort)
      this.#inFlight -= 1
      this.#waitingForRoom.shift()?.()
    }
  }

  #settlement(held: HeldRow, result: EffectResult): CommandEnvelope {
    const { row, effect, attempts } = held
    const { seq, ordinal, guildId } = row
    return {
      guildId,
      opId: opIdOf(row),
      command: { feature: 'runtime', kind: 'settle-effect', seq, ordinal, attempts, effect, result },
      receivedAt: null,
      deadlineAt: null,
    }
  }

  #loadMore(): void {
    if (this.#stopped || this.#moreIn.size === 0 || this.#held > limits.outboxHeldMax / 2) return
    const slots = [...this.#moreIn].filter((slot) => this.#deps.slots.at(slot).state === 'serving')
    this.#moreIn.clear()
    void this.#load(slots)
  }

  #forgetSettled(): void {
    const before = this.#deps.clock.monotonicMs() - settledRememberedMs
    for (const [op, at] of this.#settledAt) if (at < before) this.#settledAt.delete(op)
  }
}

const opIdOf = (row: OutboxRow): OpId => opId(`outbox:${row.guildId}:${row.seq}:${row.ordinal}`)

function attemptOf({ row, effect, trace, attempts }: HeldRow): EffectAttempt {
  return { ...effect, guildId: row.guildId, opId: opIdOf(row), attempt: attempts, createdAt: row.createdAt, trace }
}

function readEffect(row: OutboxRow): Pick<HeldRow, 'effect' | 'trace'> {
  const { feature, payload, trace } = JSON.parse(row.payload) as Pick<SettledEffect, 'feature' | 'payload'> & { readonly trace?: unknown }
  assert(typeof feature === 'string', 'an outbox row names its feature')
  return { effect: { feature, kind: row.kind, target: row.target, payload }, trace: typeof trace === 'string' ? trace : null }
}
