/**
 * After slots were won: guilds whose roles changed lately are told to look at them again.
 *
 * REST is not fenced. A request of the owner before may reach Discord after ours, and undo what the next owner did; what
 * both did within the last minute is compared with the member, and driven to what was intended. Rows that were not done are
 * run again by the outbox anyway. It saves nothing to hurry: the slots of one takeover are asked for together.
 */
import type { Command, CommandEnvelope, Outcome } from '../../actors/protocol/command.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, Slot } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { uuidV7 } from '../../kernel/uuid.ts'

/** Takeovers come in groups of slots. */
const gatherMs = 500
/** As long as the actors remember what was done. */
const withinMs = 60_000

export interface RoleConfirmerDeps {
  readonly clock: Clock
  readonly log: Log
  findRecent(wanted: { readonly slots: readonly Slot[]; readonly withinMs: number }): Promise<readonly GuildId[]>
  /** Refused when the guild is not ours any more: then it is another owner's to look. */
  askHere(envelope: CommandEnvelope): Promise<Outcome>
  now(): number
  random(length: number): Uint8Array
}

const command: Command = { feature: 'role-panels', kind: 'confirm-roles' }

export class RoleConfirmer {
  readonly #deps: RoleConfirmerDeps
  readonly #slots = new Set<Slot>()
  #timer: Timer | null = null
  #confirming: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(deps: RoleConfirmerDeps) {
    this.#deps = deps
  }

  onSlotServed(slot: Slot): void {
    if (this.#stopped) return
    this.#slots.add(slot)
    this.#timer ??= this.#deps.clock.after(gatherMs, () => {
      this.#timer = null
      const slots = [...this.#slots]
      this.#slots.clear()
      this.#confirming = this.#confirming.then(() => this.#confirm(slots))
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#confirming
  }

  async #confirm(slots: readonly Slot[]): Promise<void> {
    const { log, now, random } = this.#deps
    try {
      for (const guildId of await this.#deps.findRecent({ slots, withinMs })) {
        if (this.#stopped) return
        await this.#deps.askHere({ guildId, opId: opId(uuidV7(now(), random(16))), command, receivedAt: null, deadlineAt: null })
      }
    } catch (thrown) {
      // The rows are what they are: what was not looked at is right unless a late request came.
      log.warn('recent role changes could not be read', { slots: slots.length, error: coerceError(thrown) })
    }
  }
}
