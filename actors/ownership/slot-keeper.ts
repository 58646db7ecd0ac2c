/**
 * Decides which slots this process should own, and gets them: its home slots, and those that a dead process left.
 *
 * Home slots are those whose shard this process hears. They are taken from nobody, from a dead owner, or by planned
 * handoff from a living one. A slot whose owner's lease has ended belongs to whoever is chosen by slot % survivors; if
 * the chosen one does not come, to anybody. A slot whose owner's lease is alive is never taken without the owner's word:
 * its answers from memory are covered by that lease (I6). After Redis forgot its leases nobody is dead by absence until
 * a lease's time has passed.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Generation, Incarnation, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { LeaseStore, OwnershipStore, SlotOwner } from '../runtime/ports.ts'
import type { SlotTable } from '../runtime/slot-table.ts'
import type { Handoff } from './handoff.ts'
import type { Takeover } from './takeover.ts'

/** How often all slots are looked at, whatever the leases say: also finds what a missed change left. */
const fullLookIntervalMs = 2_000
/** After this long without its chosen survivor an orphaned slot is anybody's. */
const chosenPatienceMs = 500

export interface SlotKeeperDeps {
  readonly me: Incarnation
  readonly generation: Generation
  readonly clock: Clock
  readonly slots: SlotTable
  readonly ownership: Pick<OwnershipStore, 'readSlots'>
  readonly leases: Pick<LeaseStore, 'liveness' | 'releaseLease'>
  readonly takeover: Takeover
  readonly handoff: Handoff
  readonly log: Log
}

const allSlots = Array.from({ length: limits.slotCount }, (_, slot) => slot as Slot)

export class SlotKeeper {
  readonly #deps: SlotKeeperDeps
  #home = new Set<Slot>()
  /** Of these, wanted even from an owner of a newer generation. */
  readonly #insisted = new Set<Slot>()
  readonly #reportedDead = new Set<Incarnation>()
  #liveBefore = ''
  #lookedAtMs = -Infinity
  /** Somebody wants a look whatever the leases say; one that fails does not count. */
  #isAsked = true
  readonly #orphanedSinceMs = new Map<Slot, number>()
  /** Slots that were home and went to another generation by plan. */
  readonly #lent = new Set<Slot>()
  /** Slots that were home until somebody asked for them, and were lost without a word of who has them; by who asked. */
  readonly #askedFor = new Map<Slot, Incarnation>()
  /** Asked for and not handed over, last time: others come first, or these would be all that is ever asked for. */
  readonly #refused = new Set<Slot>()
  #timer: Timer | null = null
  #looking: Promise<void> = Promise.resolve()
  #waiters: (() => void)[] = []
  #stopped = false
  #failing = false

  constructor(deps: SlotKeeperDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#lookLater(0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#looking
    this.disownAll()
  }

  /**
   * Wants these slots for good; resolves when all of them serve here or are no longer wanted, or the keeper stops. From an
   * owner of a newer generation a slot is only asked back when somebody says so (`evenFromNewer`): a process that comes late
   * must not undo a rescale.
   */
  async own(slots: readonly Slot[], { evenFromNewer = false } = {}): Promise<void> {
    for (const slot of slots) {
      this.want(slot)
      if (evenFromNewer) this.#insisted.add(slot)
    }
    this.lookNow()
    while (!this.#stopped && !slots.every((slot) => this.#deps.slots.at(slot).stays || !this.#home.has(slot))) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  /**
   * The slot goes to another by plan: it is that one's home now, and asking for it back would never end. One that went to
   * another generation and comes back to ours is wanted again: that rescale is over, one way or the other, and nobody else
   * of us hears the slot.
   */
  disown(slot: Slot, to: Generation | null = null): void {
    if (this.#home.has(slot) && to !== null && to !== this.#deps.generation) this.#lent.add(slot)
    this.#home.delete(slot)
    this.#insisted.delete(slot)
  }

  /** Wants this slot for good, without asking for a look. */
  want(slot: Slot): void {
    this.#lent.delete(slot)
    this.#home.add(slot)
  }

  /** It went to somebody and nobody knows to whom: wanted again, unless it turns out to be the one who asked for it. */
  wantBack(slot: Slot, asker: Incarnation): void {
    this.#askedFor.set(slot, asker)
  }

  wants(slot: Slot): boolean {
    return this.#home.has(slot)
  }

  /** Wants no slot any more; what is served goes on until others ask for it. */
  disownAll(): void {
    this.#home.clear()
    this.#insisted.clear()
    this.#lent.clear()
    this.#askedFor.clear()
    for (const resolve of this.#waiters.splice(0)) resolve()
  }

  /** Somebody who knows (the manager saw the exit) says that this process is dead: its lease need not end first. */
  reportDead(incarnation: Incarnation): void {
    this.#reportedDead.add(incarnation)
    // Who begins later is not told of it: without its lease all choose among the same survivors.
    this.#deps.leases.releaseLease(incarnation).catch((thrown: unknown) => {
      this.#deps.log.debug('lease of a dead process could not be released', { error: coerceError(thrown) })
    })
    this.lookNow()
  }

  /** Looks at once instead of at the next tick. */
  lookNow(): void {
    this.#isAsked = true
    this.#timer?.cancel()
    this.#lookLater(0)
  }

  #lookLater(delayMs: number): void {
    if (this.#stopped) return
    this.#timer = this.#deps.clock.after(delayMs, () => {
      this.#looking = this.#looking.then(() => this.#look())
      void this.#looking.then(() => {
        for (const resolve of this.#waiters.splice(0)) resolve()
        this.#timer?.cancel()
        this.#lookLater(this.#isAsked && !this.#failing ? 0 : limits.livenessPollMs)
      })
    })
  }

  #homeIsComplete(): boolean {
    for (const slot of this.#home) if (!this.#deps.slots.at(slot).stays) return false
    return true
  }

  async #look(): Promise<void> {
    // Cleared before the look: who asks while it runs wants another one.
    const wasAsked = this.#isAsked
    this.#isAsked = false
    try {
      // Who asked need not wait for the leases to be compared first: a look reads them anyway.
      if (!wasAsked && !(await this.#isDue())) return
      this.#lookedAtMs = this.#deps.clock.monotonicMs()
      await this.#act()
      this.#failing = false
    } catch (thrown) {
      this.#isAsked ||= wasAsked
      if (!this.#failing) this.#deps.log.warn('slots could not be looked at', { error: coerceError(thrown) })
      this.#failing = true
    }
  }

  /** Something changed, is missing, or was not looked at for long. */
  async #isDue(): Promise<boolean> {
    const { live } = await this.#deps.leases.liveness()
    const liveNow = live.join(' ')
    const hasChanged = liveNow !== this.#liveBefore
    this.#liveBefore = liveNow
    const isOld = this.#deps.clock.monotonicMs() - this.#lookedAtMs >= fullLookIntervalMs
    return isOld || hasChanged || !this.#homeIsComplete() || this.#orphanedSinceMs.size > 0
  }

  async #act(): Promise<void> {
    // Insisted on until it is here: lost again, later, it may be to the next rescale.
    for (const slot of this.#insisted) if (this.#deps.slots.at(slot).stays) this.#insisted.delete(slot)
    const foreign = allSlots.filter((slot) => this.#deps.slots.at(slot).state === 'foreign')
    if (foreign.length === 0) return
    const rows = await this.#deps.ownership.readSlots(foreign)
    // After the rows, never before: an owner that is in them and not among the living had its lease and lost it.
    const { live, rememberedForMs } = await this.#deps.leases.liveness()
    const canTrustAbsence = rememberedForMs >= limits.leaseTtlMs + limits.leaseMarginMs
    const alive = new Set<Incarnation>(live)
    // Remembered until its lease has ended too: until then it would be chosen for what the next one leaves.
    for (const dead of this.#reportedDead) {
      if (!alive.has(dead) && !rows.some(({ owner }) => owner === dead)) this.#reportedDead.delete(dead)
    }
    const isFree = ({ owner }: SlotOwner): boolean => {
      if (owner === null || owner === this.#deps.me || this.#reportedDead.has(owner)) return true
      return canTrustAbsence && !alive.has(owner)
    }
    const free = rows.filter((row) => isFree(row))
    for (const row of rows) {
      // Of a slot that nobody has each of us may be the next owner: interactions are carried to its inbox.
      const entry = this.#deps.slots.at(row.slot)
      if (entry.state === 'foreign') entry.ownerGeneration = isFree(row) ? this.#deps.generation : row.generation
    }
    this.#decideWhatToWantBack(rows)
    this.#forgetOrphansExcept(free)
    const mine = free.filter(({ slot }) => this.#home.has(slot) || this.#isChosen(slot, live))
    if (mine.length > 0) await this.#deps.takeover.take(mine)
    const mayAsk = ({ slot, generation }: SlotOwner): boolean => generation <= this.#deps.generation || this.#insisted.has(slot)
    const kept = rows.filter((row) => this.#home.has(row.slot) && !isFree(row) && row.owner !== null && alive.has(row.owner) && mayAsk(row))
    await this.#askFor(kept)
  }

  /** One survivor is chosen for each orphan, so that they do not all try; one that does not come loses its turn. */
  #isChosen(slot: Slot, live: readonly Incarnation[]): boolean {
    const candidates = live.filter((incarnation) => !this.#reportedDead.has(incarnation))
    const since = this.#orphanedSinceMs.get(slot) ?? this.#deps.clock.monotonicMs()
    this.#orphanedSinceMs.set(slot, since)
    if (candidates.length === 0) return true
    if (candidates[slot % candidates.length] === this.#deps.me) return true
    return this.#deps.clock.monotonicMs() - since >= chosenPatienceMs
  }

  #decideWhatToWantBack(rows: readonly SlotOwner[]): void {
    for (const { slot, owner, generation } of rows) {
      const asker = this.#askedFor.get(slot)
      const isBack = this.#lent.has(slot) && generation === this.#deps.generation
      if ((asker !== undefined && owner !== asker) || isBack) this.want(slot)
      this.#askedFor.delete(slot)
    }
  }

  #forgetOrphansExcept(free: readonly SlotOwner[]): void {
    const stillFree = new Set(free.map(({ slot }) => slot))
    for (const slot of this.#orphanedSinceMs.keys()) if (!stillFree.has(slot)) this.#orphanedSinceMs.delete(slot)
  }

  async #askFor(kept: readonly SlotOwner[]): Promise<void> {
    const byOwner = new Map<Incarnation, SlotOwner[]>()
    for (const row of kept) {
      if (row.owner === null) continue
      byOwner.set(row.owner, [...(byOwner.get(row.owner) ?? []), row])
    }
    for (const [owner, rows] of byOwner) {
      // A few at a time: they are silent together until the last of them is served, and a look must not take long.
      const willing = rows.filter(({ slot }) => !this.#refused.has(slot))
      const some = [...willing, ...rows.filter((row) => !willing.includes(row))].slice(0, limits.handoffSlotsMax)
      const handedOver = await this.#deps.handoff.request(owner, some)
      for (const { slot } of some) this.#refused[handedOver.has(slot) ? 'delete' : 'add'](slot)
      const released = some.filter(({ slot }) => handedOver.has(slot) && this.#home.has(slot))
      const unwanted = some.filter(({ slot }) => handedOver.has(slot) && !this.#home.has(slot))
      if (unwanted.length > 0) await this.#deps.handoff.decline(owner, unwanted)
      if (released.length === 0) continue
      const taken = await this.#deps.takeover.take(released, handedOver)
      if (taken.length > 0) await this.#deps.handoff.confirm(owner, taken)
      if (taken.length > 0 && rows.length > some.length) this.#isAsked = true
    }
  }
}
