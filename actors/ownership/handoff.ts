/**
 * The planned handoff of slots between two living processes: nothing is lost, nothing is answered twice.
 *
 *   new owner                               old owner
 *   ── hand-over {slots, fences} ─────────▶ snapshots are written, and everything is served meanwhile
 *                                           handing-over: no turn runs, what comes is held, 1 s begins
 *                                           lane finishes
 *   ◀─ handed-over {slots, fences, since} ─
 *   takes the fences, loads, serves
 *   ── taken {slots, fences} ─────────────▶ drops its memory, forwards what it held
 *   or wants them no more (a rescale that is given up)
 *   ── declined {slots, fences} ──────────▶ takes them back at once
 *
 * A snapshot only saves the next owner a replay, so it is written before the silence: what is decided after it is replayed.
 * `since` is when the old owner stopped: until then it watched, and from then on the guild is silent. Gateway events that
 * only tell a state are not forwarded: the new owner has a feed of its own (FeedSwitch). A slot whose own switch of feeds
 * is still to come is not handed over yet; the asker asks again.
 *
 * The old owner's word is for one fence: a word that comes late, after it took the slot back, lets nobody take the slot
 * from under its lease. It gives none while a fence of its own is under way (taking, doubt), because the asker may have
 * seen just that fence. No answer in 500 ms: the new owner asks again for as long as the old one's lease lives, and takes the slot by the crash
 * path when it has ended: answers from the old owner's memory are covered until then (I6). An old owner that hears nothing for 1 s takes a slot back by compare-and-set on its own fence; if that
 * fails somebody has it, and what was held is forwarded.
 */
import { z } from 'zod'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Fence, Generation, Incarnation, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { MessageBus, SlotFence } from '../runtime/ports.ts'
import type { SlotTable } from '../runtime/slot-table.ts'

const slotFence = z.object({
  slot: z.number().int().min(0).max(limits.slotCount - 1),
  fence: z.number().int().min(0),
  /** Unix ms, database's clock: handed over by an owner that served it until then. */
  since: z.number().optional(),
})
const messageSchema = z.object({
  kind: z.enum(['hand-over', 'handed-over', 'taken', 'declined']),
  from: z.string().min(1).max(200),
  slots: z.array(slotFence).max(limits.slotCount),
  /** With `handed-over`: slots that were asked for and stay for now, so that nobody waits for them while others are silent. */
  stay: z.array(slotFence).max(limits.slotCount).optional(),
  /** Of who sends it. */
  generation: z.number().int().min(0).optional(),
})
type HandoffMessage = z.infer<typeof messageSchema>

/** A slot as a message names it; `since` only where an owner that served it hands it over. */
interface NamedSlot extends SlotFence {
  readonly since?: number
}

/** Slots that an owner let go, and until when it served each; null: it did not have the slot. */
export type HandedOver = ReadonlyMap<Slot, number | null>

/** Who asks for a slot. */
export interface Asker {
  readonly incarnation: Incarnation
  /** Null: of one that does not say. */
  readonly generation: Generation | null
}

export interface HandoffDeps {
  readonly me: Incarnation
  readonly generation: Generation
  readonly clock: Clock
  readonly bus: MessageBus
  readonly slots: SlotTable
  readonly log: Log
  /** Unix ms by the database's clock. */
  now(): number
  /** True when this process has a feed of the slot. */
  hears(slot: Slot): boolean
  /** The slot is about to be silent for `asker`: the last word to its guilds. False: it cannot go yet. */
  prepareToLeave(slot: Slot, asker: Asker): boolean
  /**
   * The slots are about to go and serve until then: their guilds are left where the next owner loads them fast. Never
   * rejects, and takes its time within a bound.
   */
  snapshotSlots(slots: readonly Slot[]): Promise<void>
  /** Resolves when nothing of the slot is undurable here. */
  finishSlot(slot: Slot): Promise<void>
  /** Nobody took them: fences them anew and serves them again, or finds that they are somebody else's. */
  takeBack(slots: readonly Slot[]): Promise<void>
  /** The slot is somebody else's, a process of that generation; null: of one that does not say. */
  lose(slot: Slot, generation: Generation | null): void
}

const channelOf = (incarnation: Incarnation): string => `process:${incarnation}`

export class Handoff {
  readonly #deps: HandoffDeps
  readonly #waiting = new Map<Slot, { readonly from: string; readonly fence: Fence; answered(since: number | null): void; refused(): void }>()
  readonly #takeBackTimers = new Map<Slot, Timer>()
  /** Slots in handing-over: since when. */
  readonly #silentSince = new Map<Slot, number>()
  #overdue: Slot[] = []
  #unsubscribe: (() => Promise<void>) | null = null

  constructor(deps: HandoffDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    const subscription = await this.#deps.bus.subscribe(channelOf(this.#deps.me), (text) => this.#onMessage(text))
    this.#unsubscribe = subscription.unsubscribe
  }

  async stop(): Promise<void> {
    for (const timer of this.#takeBackTimers.values()) timer.cancel()
    this.#takeBackTimers.clear()
    await this.#unsubscribe?.()
    this.#unsubscribe = null
  }

  /** Asks a living owner for slots under these fences; resolves with those it handed over before the time was up. */
  async request(owner: Incarnation, slots: readonly SlotFence[]): Promise<HandedOver> {
    const handedOver = new Map<Slot, number | null>()
    const answers = slots.map(
      ({ slot, fence }) =>
        new Promise<void>((resolve) => {
          const answered = (since: number | null): void => {
            handedOver.set(slot, since)
            resolve()
          }
          this.#waiting.set(slot, { from: owner, fence, answered, refused: resolve })
        }),
    )
    const timeout = new Promise<void>((resolve) => this.#deps.clock.after(limits.handoffAnswerMs, resolve))
    await this.#send(owner, 'hand-over', slots)
    await Promise.race([Promise.all(answers), timeout])
    for (const { slot } of slots) this.#waiting.delete(slot)
    return handedOver
  }

  /** Tells the old owner that its slots are served here. */
  async confirm(owner: Incarnation, slots: readonly SlotFence[]): Promise<void> {
    await this.#send(owner, 'taken', slots)
  }

  /** Tells the old owner that what it handed over is not wanted here any more: it need not wait for its own timer. */
  async decline(owner: Incarnation, slots: readonly SlotFence[]): Promise<void> {
    await this.#send(owner, 'declined', slots)
  }

  async #send(to: Incarnation, kind: HandoffMessage['kind'], slots: readonly NamedSlot[], stay: readonly SlotFence[] = []): Promise<void> {
    const { me, generation } = this.#deps
    const named = slots.map(({ slot, fence, since }) => ({ slot, fence, ...(since === undefined ? {} : { since }) }))
    const kept = stay.map(({ slot, fence }) => ({ slot, fence }))
    const message: HandoffMessage = { kind, from: me, generation, slots: named, ...(kept.length === 0 ? {} : { stay: kept }) }
    try {
      await this.#deps.bus.publish(channelOf(to), JSON.stringify(message))
    } catch (thrown) {
      // Redis is away: the other side's timer decides, as it would for a lost message.
      this.#deps.log.warn('handoff message could not be sent', { kind, error: coerceError(thrown) })
    }
  }

  #onMessage(text: string): void {
    let message: HandoffMessage
    try {
      message = messageSchema.parse(JSON.parse(text))
    } catch (thrown) {
      this.#deps.log.error('handoff message is not understood', { error: coerceError(thrown) })
      return
    }
    const slots = message.slots as NamedSlot[]
    const generation = (message.generation ?? null) as Generation | null
    if (message.kind === 'hand-over') void this.#handOver({ incarnation: message.from as Incarnation, generation }, slots)
    else if (message.kind === 'handed-over') this.#onAnswer(message, slots)
    else if (message.kind === 'declined') for (const declined of slots) this.#onDeclined(declined)
    else for (const taken of slots) this.#onTaken(taken, generation)
  }

  async #handOver(to: Asker, asked: readonly SlotFence[]): Promise<void> {
    await this.#deps.snapshotSlots(asked.filter((held) => this.#servesUnder(held)).map(({ slot }) => slot))
    // What is not ours is as good as handed over: whoever has it raised the fence that the asker saw, or will fail to.
    const foreign = asked.filter(({ slot }) => this.#deps.slots.at(slot).state === 'foreign')
    const leaving = asked.filter((held) => this.#beginToLeave(held, to))
    await Promise.all(leaving.map(({ slot }) => this.#deps.finishSlot(slot)))
    const left = leaving.filter((held) => this.#isLeaving(held))
    const gone = [...foreign, ...left]
    const stay = asked.filter(({ slot }) => gone.every((other) => other.slot !== slot))
    await this.#send(to.incarnation, 'handed-over', [...foreign, ...left.map((held) => this.#withSince(held))], stay)
  }

  /** True when the slot is ours under the fence that was seen; it is then held until it is taken, or taken back. */
  #beginToLeave(held: SlotFence, asker: Asker): boolean {
    const { slot } = held
    const entry = this.#deps.slots.at(slot)
    if (this.#servesUnder(held) && this.#deps.prepareToLeave(slot, asker)) {
      entry.setState('handing-over')
      // What was heard and has not had its effect is as good as not heard: it is dropped with the slot.
      // Who did not hear the slot (a caretaker) has no word on until when it was watched.
      if (this.#deps.hears(slot)) this.#silentSince.set(slot, Math.min(this.#deps.now(), entry.feedDoneUntil))
      else this.#silentSince.delete(slot)
    }
    if (!this.#isLeaving(held)) return false
    this.#takeBackTimers.get(slot)?.cancel()
    this.#takeBackTimers.set(
      slot,
      this.#deps.clock.after(limits.handoffTakeBackMs, () => this.#isOverdue(slot)),
    )
    return true
  }

  #withSince({ slot, fence }: SlotFence): NamedSlot {
    const since = this.#silentSince.get(slot)
    return since === undefined ? { slot, fence } : { slot, fence, since }
  }

  #servesUnder({ slot, fence }: SlotFence): boolean {
    const entry = this.#deps.slots.at(slot)
    return entry.state === 'serving' && entry.fence === fence
  }

  #isLeaving({ slot, fence }: SlotFence): boolean {
    const entry = this.#deps.slots.at(slot)
    return entry.state === 'handing-over' && entry.fence === fence
  }

  #onAnswer({ from, stay = [] }: HandoffMessage, handedOver: readonly NamedSlot[]): void {
    const waitingFor = ({ slot, fence }: NamedSlot) => {
      const waiting = this.#waiting.get(slot)
      return waiting?.from === from && waiting.fence === fence ? waiting : undefined
    }
    for (const named of handedOver) waitingFor(named)?.answered(named.since ?? null)
    for (const named of stay as NamedSlot[]) waitingFor(named)?.refused()
  }

  #onTaken({ slot, fence }: SlotFence, generation: Generation | null): void {
    const entry = this.#deps.slots.at(slot)
    if (entry.state !== 'handing-over' || fence <= entry.fence) return
    this.#takeBackTimers.get(slot)?.cancel()
    this.#takeBackTimers.delete(slot)
    this.#silentSince.delete(slot)
    this.#deps.lose(slot, generation)
  }

  #onDeclined(held: SlotFence): void {
    if (!this.#isLeaving(held)) return
    this.#takeBackTimers.get(held.slot)?.cancel()
    this.#isOverdue(held.slot)
  }

  /** Slots that were asked for together are overdue together: one statement takes them back. */
  #isOverdue(slot: Slot): void {
    this.#takeBackTimers.delete(slot)
    this.#overdue.push(slot)
    if (this.#overdue.length === 1) this.#deps.clock.after(0, () => void this.#takeBack())
  }

  async #takeBack(): Promise<void> {
    const slots = this.#overdue.splice(0).filter((slot) => this.#deps.slots.at(slot).state === 'handing-over')
    if (slots.length === 0) return
    this.#deps.log.info('taking back slots that nobody took', { slots: slots.length, first: slots[0] })
    await this.#deps.takeBack(slots)
  }
}
