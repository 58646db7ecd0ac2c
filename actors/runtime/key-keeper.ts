/**
 * Keeps signing unlocked for guilds whose key a passphrase opened: over a reload, an idle release, a crash, a change of
 * owner. Over a restart of everything, or a Redis that forgot, it does not: then signing is locked, and that is journaled.
 *
 *   unlocked in a turn ──durable──▶ held here, its copy put into Redis for ten minutes
 *   held ──every few seconds──▶ prolonged; gone there ⇒ forgotten here, and the guild is told
 *   loaded, an unlocking in force ──▶ held here, or the copy is asked for; absent ⇒ the guild is told that it is locked
 *
 * The state of the guild names the unlocking in force; a copy of any other opens nothing. While Redis does not answer
 * nothing is concluded: what is held stays, what is asked for is asked for again, and records wait meanwhile.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import { slotOf } from '../ownership/slots.ts'
import { decodeBase64 } from '../records/base64.ts'
import type { Sealer } from '../records/sealer.ts'
import type { UnlockedKey } from '../records/unlocked-key.ts'
import type { Activation } from './activation.ts'
import type { UnlockedKeyStore } from './ports.ts'

/** A flushed Redis is noticed within this. */
const prolongIntervalMs = 5_000
/** Guilds in one question. */
const prolongedAtOnceMax = 500

export interface KeyKeeperDeps {
  readonly store: UnlockedKeyStore
  readonly sealer: Sealer
  readonly clock: Clock
  readonly log: Log
  /** Tells a guild of ours that its unlocking was forgotten. False: it could not be told now. */
  forget(guildId: GuildId, unlockId: string): Promise<boolean>
  /** The key is in memory again: what waits may be sealed. */
  onKey(activation: Activation): void
}

interface HeldKey {
  readonly key: UnlockedKey
  readonly unlockId: string
  readonly copy: Uint8Array
  /** False until Redis has taken the copy. */
  isStored: boolean
}

export class KeyKeeper {
  readonly #deps: KeyKeeperDeps
  readonly #held = new Map<GuildId, HeldKey>()
  /** Loaded, and Redis has not said yet whether there is a copy. */
  readonly #wanting = new Map<GuildId, Activation>()
  /** Unlockings of which the guild has yet to be told that they are forgotten. */
  readonly #forgotten = new Map<GuildId, string>()
  #timer: Timer | null = null
  #working: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(deps: KeyKeeperDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = this.#deps.clock.after(prolongIntervalMs, () => {
      this.#working = this.#look()
      void this.#working.finally(() => {
        if (!this.#stopped) this.start()
      })
    })
  }

  /** The copies stay for the next owners. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#working
    this.#held.clear()
    this.#wanting.clear()
    this.#forgotten.clear()
  }

  /** A guild is in memory again; its key, if a passphrase unlocked it, is not. */
  onLoaded(activation: Activation): void {
    const unlockId = activation.state.signing?.unlockId ?? null
    if (unlockId === null || activation.key !== null) return
    const held = this.#held.get(activation.guildId)
    if (held?.unlockId === unlockId) {
      activation.key = held.key
      return
    }
    this.#wanting.set(activation.guildId, activation)
    void this.#find(activation)
  }

  /** Turns of this guild are in Postgres: one may have unlocked or locked it. */
  onDurable(activation: Activation): void {
    const { guildId, key } = activation
    const held = this.#held.get(guildId)
    if (key?.unlocked === undefined) {
      // Not in memory though an unlocking is in force: being loaded, or asked for.
      if (held === undefined || activation.state.signing?.unlockId === held.unlockId || activation.phase !== 'active') return
      this.#held.delete(guildId)
      void this.#remove(guildId)
      return
    }
    if (held?.key === key) return
    this.#hold(key, { isStored: false })
    void this.#put(guildId)
  }

  dropSlot(slot: Slot): void {
    for (const guilds of [this.#held, this.#wanting, this.#forgotten]) {
      for (const guildId of guilds.keys()) if (slotOf(guildId) === slot) guilds.delete(guildId)
    }
  }

  #hold(key: UnlockedKey, { isStored }: { readonly isStored: boolean }): void {
    if (key.unlocked === undefined) return
    this.#held.set(key.guildId, { key, ...key.unlocked, isStored })
  }

  async #put(guildId: GuildId): Promise<void> {
    const held = this.#held.get(guildId)
    if (held === undefined) return
    try {
      await this.#deps.store.put({ guildId, copy: held.copy, ttlMs: limits.unlockedKeyTtlMs })
      held.isStored = true
      // Locked again meanwhile: its removal may have come first.
      if (this.#held.get(guildId) === undefined && !this.#stopped) await this.#remove(guildId)
    } catch (thrown) {
      this.#deps.log.warn('copy of an unlocked key not kept', { guildId, error: coerceError(thrown) })
    }
  }

  /** A copy that stays after all opens nothing: the state names no unlocking any more. */
  async #remove(guildId: GuildId): Promise<void> {
    try {
      await this.#deps.store.remove(guildId)
    } catch (thrown) {
      this.#deps.log.warn('copy of a locked key not removed', { guildId, error: coerceError(thrown) })
    }
  }

  async #look(): Promise<void> {
    for (const [guildId, unlockId] of this.#forgotten) await this.#forget(guildId, unlockId)
    for (const activation of this.#wanting.values()) await this.#find(activation)
    for (const [guildId, held] of this.#held) if (!held.isStored) await this.#put(guildId)
    const stored = [...this.#held].filter(([, held]) => held.isStored)
    for (let from = 0; from < stored.length && !this.#stopped; from += prolongedAtOnceMax) {
      await this.#prolong(stored.slice(from, from + prolongedAtOnceMax))
    }
  }

  async #prolong(asked: readonly (readonly [GuildId, HeldKey])[]): Promise<void> {
    try {
      const guildIds = asked.map(([guildId]) => guildId)
      const gone = await this.#deps.store.prolong({ guildIds, ttlMs: limits.unlockedKeyTtlMs })
      for (const [guildId, held] of asked) {
        if (!gone.has(guildId) || this.#held.get(guildId) !== held) continue
        this.#held.delete(guildId)
        this.#deps.log.warn('unlocked key forgotten by Redis, signing is locked', { guildId })
        await this.#forget(guildId, held.unlockId)
      }
    } catch (thrown) {
      this.#deps.log.warn('copies of unlocked keys not prolonged', { guilds: asked.length, error: coerceError(thrown) })
    }
  }

  async #find(activation: Activation): Promise<void> {
    const { guildId, epoch } = activation
    let copy: Uint8Array | null
    try {
      copy = await this.#deps.store.find(guildId)
    } catch (thrown) {
      this.#deps.log.warn('copy of an unlocked key not read', { guildId, error: coerceError(thrown) })
      return
    }
    if (this.#wanting.get(guildId) !== activation) return
    if (activation.phase === 'dropped') this.#wanting.delete(guildId)
    // Loading again: onLoaded asks once more.
    if (activation.epoch !== epoch || activation.phase !== 'active') return
    this.#wanting.delete(guildId)
    const unlockId = activation.state.signing?.unlockId ?? null
    if (unlockId === null || activation.key !== null) return
    const key = copy === null ? null : this.#tryOpen(activation, { unlockId, copy })
    if (key === null) {
      await this.#forget(guildId, unlockId)
      return
    }
    activation.key = key
    this.#hold(key, { isStored: true })
    this.#deps.onKey(activation)
  }

  async #forget(guildId: GuildId, unlockId: string): Promise<void> {
    this.#forgotten.set(guildId, unlockId)
    const isTold = await this.#deps.forget(guildId, unlockId)
    if (isTold && this.#forgotten.get(guildId) === unlockId) this.#forgotten.delete(guildId)
  }

  /** null: a copy of another unlocking, or somebody's doing. */
  #tryOpen({ guildId, state }: Activation, unlocked: { unlockId: string; copy: Uint8Array }): UnlockedKey | null {
    const key = state.signing?.key ?? null
    const publicKey = key === null ? null : decodeBase64(key.publicKey, 32)
    if (key === null || publicKey === null || !publicKey.ok) return null
    try {
      const { keyId, firstSequence } = key
      return this.#deps.sealer.openUnlocked({ guildId, keyId, firstSequence, publicKey: publicKey.value }, unlocked)
    } catch (thrown) {
      this.#deps.log.error('copy of an unlocked key does not open', { guildId, error: coerceError(thrown) })
      return null
    }
  }
}
