/**
 * Who answers an interaction that two generations hear: the one that serves the guild's slot, or carries to its owner.
 *
 * A process answers for a slot that is its own, or whose owner is of its own generation (it died, say, and another one
 * took care). What comes for any other slot is held: the process of the generation that serves it has it too. When the
 * slot becomes ours what is held is let in, and the op id sees to it that it takes effect once; of a slot that was handed
 * over only the newest is, because the rest had reached who handed over. What nobody wanted after 2.5 s is dropped: it was
 * answered elsewhere, or is lost to Discord's three seconds.
 */
import { slotOf } from '../../actors/ownership/slots.ts'
import type { SlotTable } from '../../actors/runtime/slot-table.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Generation, Slot } from '../../kernel/ids.ts'
import { guildId, isSnowflake, snowflakeTimeMs } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'

/** How often it is looked whether one may go in or is too old. */
const lookIntervalMs = 50

export interface InteractionHoldDeps {
  readonly clock: Clock
  readonly generation: Generation
  readonly slots: Pick<SlotTable, 'at'>
  readonly log: Log
  /** Unix ms by the database's clock. */
  now(): number
  /** Answers it. */
  letIn(interaction: unknown): void
}

interface HeldInteraction {
  readonly interaction: unknown
  readonly slot: Slot
  readonly heardAtMs: number
  readonly dropAtMs: number
}

export class InteractionHold {
  readonly #deps: InteractionHoldDeps
  #held: HeldInteraction[] = []
  #timer: Timer | null = null

  constructor(deps: InteractionHoldDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#held.length
  }

  /** As it came from the gateway. */
  onInteraction(interaction: unknown): void {
    const { id, guild_id: guild } = interaction as { readonly id?: unknown; readonly guild_id?: unknown }
    // What comes from no guild is heard by the shard that hears slot 0.
    const slot = typeof guild === 'string' && isSnowflake(guild) ? slotOf(guildId(guild)) : (0 as Slot)
    if (this.#isOursToAnswer(slot)) {
      this.#deps.letIn(interaction)
      return
    }
    const heardAtMs = this.#deps.clock.monotonicMs()
    const ageMs = typeof id === 'string' && isSnowflake(id) ? Math.max(0, this.#deps.now() - snowflakeTimeMs(id)) : 0
    this.#held.push({ interaction, slot, heardAtMs, dropAtMs: heardAtMs + Math.max(0, limits.heldInteractionMs - ageMs) })
    if (this.#held.length > limits.heldInteractionsMax) this.#held.shift()
    this.#timer ??= this.#lookLater()
  }

  /** The slot is ours now. `wasHandedOver`: its owner before lives, and answers what had reached it. */
  onSlotServed(slot: Slot, { wasHandedOver }: { readonly wasHandedOver: boolean }): void {
    const since = wasHandedOver ? this.#deps.clock.monotonicMs() - limits.feedLagMs : -Infinity
    this.#letGo((held) => (held.slot !== slot ? 'keep' : held.heardAtMs >= since ? 'let in' : 'drop'))
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#held = []
  }

  #isOursToAnswer(slot: Slot): boolean {
    const entry = this.#deps.slots.at(slot)
    return entry.state !== 'foreign' || entry.ownerGeneration === this.#deps.generation
  }

  #lookLater(): Timer {
    return this.#deps.clock.after(lookIntervalMs, () => {
      const nowMs = this.#deps.clock.monotonicMs()
      this.#letGo(({ slot, dropAtMs }) => (this.#isOursToAnswer(slot) ? 'let in' : nowMs >= dropAtMs ? 'drop' : 'keep'))
      this.#timer = this.#held.length > 0 ? this.#lookLater() : null
    })
  }

  #letGo(judge: (held: HeldInteraction) => 'keep' | 'let in' | 'drop'): void {
    const kept: HeldInteraction[] = []
    const letIn: HeldInteraction[] = []
    for (const held of this.#held) {
      const what = judge(held)
      if (what === 'keep') kept.push(held)
      else if (what === 'let in') letIn.push(held)
    }
    const dropped = this.#held.length - kept.length - letIn.length
    this.#held = kept
    if (dropped > 0) this.#deps.log.debug('interactions left to another generation', { interactions: dropped })
    for (const { interaction } of letIn) this.#deps.letIn(interaction)
  }
}
