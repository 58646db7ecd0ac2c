/**
 * Shows the newest state of things that may be missed: the code message, a live board. The newest wins.
 *
 * One effect a (guild, target) waits at most; a newer one replaces it, and a failed one is dropped, because the next
 * change shows everything again. Nothing of it leaves before its events are durable (I3) and the lease covers us (I6).
 */
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, Sequence, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { AdvisoryEffect } from '../protocol/effect.ts'
import type { Activation } from './activation.ts'

export interface AdvisoryRunner {
  show(guildId: GuildId, effect: AdvisoryEffect): Promise<void>
}

interface Waiting {
  readonly activation: Activation
  readonly epoch: number
  readonly seq: Sequence
  readonly effect: AdvisoryEffect
}

export class AdvisoryBoard {
  readonly #deps: { readonly runner: AdvisoryRunner; readonly log: Log; leaseCovers(slot: Slot): boolean }
  readonly #waiting = new Map<Activation, Map<string, Waiting>>()
  #waitingCount = 0
  readonly #showing = new Set<string>()

  constructor(deps: { readonly runner: AdvisoryRunner; readonly log: Log; leaseCovers(slot: Slot): boolean }) {
    this.#deps = deps
  }

  put(activation: Activation, effects: readonly AdvisoryEffect[]): void {
    for (const effect of effects) {
      const ofGuild = this.#waiting.get(activation) ?? new Map<string, Waiting>()
      const isNew = !ofGuild.has(effect.target)
      if (isNew && this.#waitingCount >= limits.advisoryTargetsMax) continue
      this.#waitingCount += isNew ? 1 : 0
      ofGuild.set(effect.target, { activation, epoch: activation.epoch, seq: activation.seq, effect })
      this.#waiting.set(activation, ofGuild)
    }
  }

  /** Something of this guild became durable. */
  onDurable(activation: Activation): void {
    for (const waiting of this.#waiting.get(activation)?.values() ?? []) this.#tryShow(waiting)
  }

  /** The guild left memory. */
  forget(activation: Activation): void {
    this.#waitingCount -= this.#waiting.get(activation)?.size ?? 0
    this.#waiting.delete(activation)
  }

  #tryShow(waiting: Waiting): void {
    const { activation, effect } = waiting
    const isStale = waiting.epoch !== activation.epoch
    const key = `${activation.guildId} ${effect.target}`
    if (!isStale && (waiting.seq > activation.gate.durable || this.#showing.has(key))) return
    this.#take(waiting)
    if (isStale || !this.#deps.leaseCovers(activation.slot)) return
    this.#showing.add(key)
    void this.#deps.runner
      .show(activation.guildId, effect)
      .catch((thrown: unknown) => {
        this.#deps.log.debug('advisory effect dropped', { target: effect.target, error: coerceError(thrown) })
      })
      .finally(() => {
        this.#showing.delete(key)
        const next = this.#waiting.get(activation)?.get(effect.target)
        if (next !== undefined) this.#tryShow(next)
      })
  }

  #take({ activation, effect }: Waiting): void {
    const ofGuild = this.#waiting.get(activation)
    if (ofGuild?.delete(effect.target) === true) this.#waitingCount -= 1
    if (ofGuild?.size === 0) this.#waiting.delete(activation)
  }
}
