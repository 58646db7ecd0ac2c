/**
 * Takes slots: raises their fences in Postgres, then loads what the old owner left, then serves.
 *
 * Safety is the compare-and-set alone: two that try at once cannot both succeed, whatever Redis says. The lock around it
 * only saves work. Cursors, alarms and outbox are read in later statements, never together with the fence: they would
 * miss the old owner's last commit.
 */
import type { Generation, Incarnation, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import { assert } from '../../kernel/assert.ts'
import type { AdvisoryLock, CursorRow, GuildStore, LeaseStore, OwnershipStore, SlotFence, SlotOwner } from '../runtime/ports.ts'
import type { SlotEntry, SlotTable } from '../runtime/slot-table.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { HandedOver } from './handoff.ts'

export interface TakeoverDeps {
  readonly me: Incarnation
  readonly generation: Generation
  readonly slots: SlotTable
  readonly ownership: OwnershipStore
  readonly guilds: Pick<GuildStore, 'loadCursors'>
  readonly leases: Pick<LeaseStore, 'writeDirectory'>
  readonly lock: AdvisoryLock
  readonly log: Log
  /** Names the lease of this process as it stands. */
  leaseEpoch(): number | null
  /** The fences are ours and nothing serves yet: what must be known before the first command is found out here. Never rejects. */
  prepareServing(slots: readonly Slot[]): Promise<void>
  /**
   * Starts serving: held commands run; the inbox is read from the given position. `silentSince`, Unix ms: until then the
   * owner before served and watched, and handed over; null: it did not say.
   */
  serve(entry: SlotEntry, taken: { readonly inboxPosition: string; readonly silentSince: number | null }): void
  /** The takeover did not succeed for this slot: what was held for it must go to whoever has it. */
  giveUp(slot: Slot): void
}

export class Takeover {
  readonly #deps: TakeoverDeps

  constructor(deps: TakeoverDeps) {
    this.#deps = deps
  }

  /**
   * Takes those of the given slots whose fence is still as seen. Returns the slots that now serve, with their fences. Throws
   * `postgres-unavailable`; then nothing is held any more.
   */
  async take(seen: readonly SlotOwner[], handedOver: HandedOver = handedOverByNobody): Promise<readonly SlotFence[]> {
    const wanted = seen.filter(({ slot }) => this.#deps.slots.at(slot).state === 'foreign')
    for (const { slot } of wanted) this.#deps.slots.at(slot).setState('taking')
    const served: SlotFence[] = []
    try {
      for (let from = 0; from < wanted.length; from += limits.takeoverSlotsMax) {
        served.push(...(await this.#takeSome(wanted.slice(from, from + limits.takeoverSlotsMax), handedOver)))
      }
    } finally {
      for (const { slot } of wanted) {
        if (this.#deps.slots.at(slot).state === 'taking') this.#deps.giveUp(slot)
      }
    }
    return served
  }

  async #takeSome(seen: readonly SlotOwner[], handedOver: HandedOver): Promise<readonly SlotFence[]> {
    const { me, generation, ownership } = this.#deps
    const leaseEpoch = this.#deps.leaseEpoch()
    const resource = `takeover:${seen[0]?.slot ?? 0}`
    const raise = (): Promise<readonly SlotFence[]> => ownership.takeSlots({ seen, owner: me, generation })
    // With its owner's word a slot is silent and nobody else goes for it: it must not wait. Else the same shards' slots are
    // what two would take at once; one lock a residue keeps them from trying together.
    const hasWord = seen.every(({ slot }) => typeof handedOver.get(slot) === 'number')
    const taken = await (hasWord ? raise() : this.#deps.lock.withLock({ resource, waitMs: limits.takeoverLockWaitMs }, raise))
    if (taken.length === 0) return []
    const slots = taken.map(({ slot }) => slot)
    const [cursors] = await Promise.all([this.#deps.guilds.loadCursors(slots), this.#deps.prepareServing(slots)])
    const cursorsOf = new Map<Slot, CursorRow[]>()
    for (const row of cursors) cursorsOf.set(row.slot, [...(cursorsOf.get(row.slot) ?? []), row])
    for (const { slot, fence } of taken) {
      const entry = this.#deps.slots.at(slot)
      assert(entry.state === 'taking', 'a slot that is being taken is left alone')
      entry.setFence(fence, leaseEpoch)
      const inboxPosition = entry.restoreCursors(cursorsOf.get(slot) ?? [])
      this.#deps.serve(entry, { inboxPosition, silentSince: handedOver.get(slot) ?? null })
    }
    this.#deps.log.info('slots taken', { slots: taken.length, first: taken[0]?.slot })
    await this.announce(taken)
    return taken
  }

  /** Writes the directory. It is advice: a failure is logged, and it is written again when Redis is back. */
  async announce(held: readonly SlotFence[]): Promise<void> {
    const { me, generation, leases, log } = this.#deps
    try {
      await leases.writeDirectory(held.map(({ slot, fence }) => ({ slot, fence, incarnation: me, generation })))
    } catch (thrown) {
      log.warn('directory could not be written', { error: coerceError(thrown), slots: held.length })
    }
  }
}

const handedOverByNobody: HandedOver = new Map()
