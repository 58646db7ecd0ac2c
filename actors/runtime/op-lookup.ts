/**
 * Looks stored results up: one query for everything that arrived since the last one was sent (I4).
 *
 * A request is looked up after the present fence of its slot was taken: then Postgres knows every result that any owner
 * before us made durable. What cannot be looked up (Postgres away) is asked again; its commands wait in their mailboxes.
 */
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, OpId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Outcome } from '../protocol/command.ts'
import type { Activation } from './activation.ts'
import type { GuildStore } from './ports.ts'
import type { Request } from './request.ts'

/** Pause before a failed look-up is sent again. */
const retryDelayMs = 100

interface Asked {
  readonly activation: Activation
  readonly epoch: number
  readonly requests: readonly Request[]
}

export class OpLookUp {
  readonly #deps: { readonly store: Pick<GuildStore, 'findOpResults'>; readonly clock: Clock; readonly log: Log }
  #asked: Asked[] = []
  #running = false
  #stopped = false

  constructor(deps: { readonly store: Pick<GuildStore, 'findOpResults'>; readonly clock: Clock; readonly log: Log }) {
    this.#deps = deps
  }

  ask(activation: Activation, requests: readonly Request[]): void {
    this.#asked.push({ activation, epoch: activation.epoch, requests })
    if (this.#running || this.#stopped) return
    this.#running = true
    queueMicrotask(() => void this.#run())
  }

  stop(): void {
    this.#stopped = true
    this.#asked = []
  }

  async #run(): Promise<void> {
    while (this.#asked.length > 0) {
      const batch = this.#asked.filter(({ activation, epoch }) => activation.epoch === epoch)
      this.#asked = []
      if (batch.length === 0) break
      try {
        await this.#answer(batch)
      } catch (thrown) {
        if (this.#stopped) break
        this.#deps.log.warn('stored results could not be looked up', { error: coerceError(thrown) })
        this.#asked = [...batch, ...this.#asked]
        await new Promise<void>((resolve) => this.#deps.clock.after(retryDelayMs, resolve))
      }
    }
    this.#running = false
  }

  async #answer(batch: readonly Asked[]): Promise<void> {
    const ops = batch.flatMap(({ activation, requests }) =>
      requests.map((request) => ({ guildId: activation.guildId, opId: request.envelope.opId })),
    )
    const found = new Map<GuildId, Map<OpId, Outcome>>()
    for (const row of await this.#deps.store.findOpResults(ops)) {
      const ofGuild = found.get(row.guildId) ?? new Map<OpId, Outcome>()
      ofGuild.set(row.opId, JSON.parse(row.result) as Outcome)
      found.set(row.guildId, ofGuild)
    }
    for (const { activation, epoch, requests } of batch) {
      const ofGuild = found.get(activation.guildId)
      const stored = new Map<OpId, Outcome>()
      for (const { envelope } of requests) {
        const outcome = ofGuild?.get(envelope.opId)
        if (outcome !== undefined) stored.set(envelope.opId, outcome)
      }
      activation.onLookedUp(requests, stored, epoch)
    }
  }
}
