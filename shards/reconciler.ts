/**
 * Tells actors who is in voice, whenever nobody can be sure that they know: when a slot is won, when a shard's guilds
 * are told again, when tracking is switched on. And tells them when nobody watches.
 *
 * A guild is only reconciled from here while its slot is ours; whoever owns it otherwise has its own truth.
 */
import type { Activation } from '../actors/runtime/activation.ts'
import type { VoiceTracker } from './gateway/voice-tracker.ts'
import type { ActorRuntime } from '../actors/runtime/actor-runtime.ts'
import type { Outcome } from '../actors/protocol/command.ts'
import type { GuildId, Slot } from '../kernel/ids.ts'
import { opId } from '../kernel/ids.ts'
import { uuidV7 } from '../kernel/uuid.ts'
import type { Log } from '../kernel/log.ts'

export interface ReconcilerDeps {
  readonly runtime: Pick<ActorRuntime, 'askHere' | 'slots'>
  readonly tracker: VoiceTracker
  readonly log: Log
  now(): number
  random(length: number): Uint8Array
  /** From when on nobody watched the slot's shard before this process did, Unix ms. Never rejects. */
  readWatchedUntil(slot: Slot): Promise<number>
  /** True when the guild has sessions open. */
  hasOpenWork(activation: Activation): boolean
  /** True when this process hears the slot's shard. */
  hears(slot: Slot): boolean
}

export class Reconciler {
  readonly #deps: ReconcilerDeps
  /** When slots that we hear were lost: their actors may have missed what we heard since. */
  readonly #lostAt = new Map<Slot, number>()
  readonly #open = new Set<Promise<Outcome>>()

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps
  }

  /** All guilds of a slot that was just won; `gapSince` is where the watch of its shard began anew. */
  reconcileSlot(slot: Slot, gapSince: number): void {
    if (!this.#deps.hears(slot)) return
    const watchedUntil = this.#lostAt.get(slot) ?? gapSince
    this.#lostAt.delete(slot)
    for (const guild of this.#deps.tracker.guildsOf(slot)) this.reconcileGuild(guild, watchedUntil)
  }

  noteSlotLost(slot: Slot): void {
    this.#lostAt.set(slot, this.#deps.now())
  }

  reconcileGuild(guildId: GuildId, watchedUntil: number): void {
    const now = this.#deps.now()
    const asked = this.#deps.runtime.askHere({
      guildId,
      opId: opId(uuidV7(now, this.#deps.random(16))),
      command: {
        feature: 'voice-attendance',
        kind: 'reconcile-voice',
        voices: this.#deps.tracker.voicesOf(guildId),
        watchedUntil: Math.min(watchedUntil, now),
      },
      receivedAt: now,
      deadlineAt: null,
    })
    this.#track(guildId, asked)
  }

  /** A guild came into memory in a process that does not hear it: what happens there from now on nobody sees. */
  onLoaded(activation: Activation): void {
    if (this.#deps.hears(activation.slot) || !this.#deps.hasOpenWork(activation)) return
    void this.#deps.readWatchedUntil(activation.slot).then((since) => {
      const now = this.#deps.now()
      const asked = this.#deps.runtime.askHere({
        guildId: activation.guildId,
        opId: opId(uuidV7(now, this.#deps.random(16))),
        command: { feature: 'voice-attendance', kind: 'lose-feed', since: Math.min(since, now) },
        receivedAt: now,
        deadlineAt: null,
      })
      this.#track(activation.guildId, asked)
    })
  }

  /** Resolves when every reconcile that was asked for so far has been decided and is durable. */
  async settled(): Promise<void> {
    await Promise.all(this.#open)
  }

  #track(guildId: GuildId, asked: Promise<Outcome>): void {
    this.#open.add(asked)
    void asked.then((outcome) => {
      this.#open.delete(asked)
      if (outcome.status === 'refused') this.#deps.log.warn('guild not reconciled', { guildId, reason: outcome.reason })
    })
  }
}
