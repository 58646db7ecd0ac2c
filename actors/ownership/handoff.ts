/**
 * The planned handoff of slots between two living processes: nothing is lost, nothing is answered twice.
 *
 *   new owner                               old owner
 *   ── hand-over {slots} ─────────────────▶ handing-over: no turn runs, what comes is held
 *                                           lane finishes, snapshots are written
 *   ◀──────────────── handed-over {slots} ─ starts waiting 1 s
 *   takes the fences, loads, serves
 *   ── taken {slots} ─────────────────────▶ drops its memory, forwards what it held
 *
 * No answer in 500 ms: the new owner asks again for as long as the old one's lease lives, and takes the slot by the crash
 * path when it has ended: answers from the old owner's memory are covered until then (I6). An old owner that hears nothing for 1 s takes a slot back by compare-and-set on its own fence; if that
 * fails somebody has it, and what was held is forwarded.
 */
import { z } from 'zod'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Incarnation, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { MessageBus, OwnershipStore, SlotFence } from '../runtime/ports.ts'
import type { SlotTable } from '../runtime/slot-table.ts'

const slotList = z.array(z.number().int().min(0).max(limits.slotCount - 1)).max(limits.slotCount)
const messageSchema = z.object({
  kind: z.enum(['hand-over', 'handed-over', 'taken']),
  from: z.string().min(1).max(200),
  slots: slotList,
})
type HandoffMessage = z.infer<typeof messageSchema>

export interface HandoffDeps {
  readonly me: Incarnation
  readonly clock: Clock
  readonly bus: MessageBus
  readonly slots: SlotTable
  readonly ownership: Pick<OwnershipStore, 'fenceSelf'>
  readonly log: Log
  /** Resolves when nothing of the slot is undurable here and its guilds are snapshotted. */
  finishSlot(slot: Slot): Promise<void>
  /** Serves a slot again that was handed over and not taken. */
  resume(slot: Slot): void
  /** The slot is somebody else's. */
  lose(slot: Slot): void
}

const channelOf = (incarnation: Incarnation): string => `process:${incarnation}`

export class Handoff {
  readonly #deps: HandoffDeps
  readonly #waiting = new Map<Slot, { readonly from: string; readonly answered: () => void }>()
  readonly #takeBackTimers = new Map<Slot, Timer>()
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

  /** Asks a living owner for slots; resolves with those it handed over before the time was up. */
  async request(owner: Incarnation, slots: readonly Slot[]): Promise<ReadonlySet<Slot>> {
    const handedOver = new Set<Slot>()
    const answers = slots.map(
      (slot) =>
        new Promise<void>((resolve) => {
          const answered = (): void => {
            handedOver.add(slot)
            resolve()
          }
          this.#waiting.set(slot, { from: owner, answered })
        }),
    )
    const timeout = new Promise<void>((resolve) => this.#deps.clock.after(limits.handoffAnswerMs, resolve))
    await this.#send(owner, 'hand-over', slots)
    await Promise.race([Promise.all(answers), timeout])
    for (const slot of slots) this.#waiting.delete(slot)
    return handedOver
  }

  /** Tells the old owner that its slots are served here. */
  async confirm(owner: Incarnation, slots: readonly Slot[]): Promise<void> {
    await this.#send(owner, 'taken', slots)
  }

  async #send(to: Incarnation, kind: HandoffMessage['kind'], slots: readonly Slot[]): Promise<void> {
    const message: HandoffMessage = { kind, from: this.#deps.me, slots: [...slots] }
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
    const slots = message.slots as Slot[]
    if (message.kind === 'hand-over') void this.#handOver(message.from as Incarnation, slots)
    else if (message.kind === 'handed-over') for (const slot of slots) this.#onHandedOver(slot, message.from)
    else for (const slot of slots) this.#onTaken(slot)
  }

  async #handOver(to: Incarnation, slots: readonly Slot[]): Promise<void> {
    const serving = slots.filter((slot) => this.#deps.slots.at(slot).state === 'serving')
    for (const slot of serving) this.#deps.slots.at(slot).setState('handing-over')
    for (const slot of serving) {
      this.#takeBackTimers.set(
        slot,
        this.#deps.clock.after(limits.handoffTakeBackMs, () => void this.#takeBack(slot)),
      )
    }
    await Promise.all(serving.map((slot) => this.#deps.finishSlot(slot)))
    // What is not ours any more is as good as handed over: the asker finds the fence as it is.
    const ready = slots.filter((slot) => !serving.includes(slot) || this.#deps.slots.at(slot).state === 'handing-over')
    await this.#send(to, 'handed-over', ready)
  }

  #onHandedOver(slot: Slot, from: string): void {
    const waiting = this.#waiting.get(slot)
    if (waiting?.from === from) waiting.answered()
  }

  #onTaken(slot: Slot): void {
    this.#takeBackTimers.get(slot)?.cancel()
    this.#takeBackTimers.delete(slot)
    if (this.#deps.slots.at(slot).state === 'handing-over') this.#deps.lose(slot)
  }

  async #takeBack(slot: Slot): Promise<void> {
    this.#takeBackTimers.delete(slot)
    const entry = this.#deps.slots.at(slot)
    if (entry.state !== 'handing-over') return
    let fenced: readonly SlotFence[]
    try {
      fenced = await this.#deps.ownership.fenceSelf({
        held: [{ slot, fence: entry.fence }],
        owner: this.#deps.me,
      })
    } catch (thrown) {
      this.#deps.log.warn('slot could not be taken back yet', { slot, error: coerceError(thrown) })
      this.#takeBackTimers.set(
        slot,
        this.#deps.clock.after(limits.handoffTakeBackMs, () => void this.#takeBack(slot)),
      )
      return
    }
    if (entry.state !== 'handing-over') return
    const [mine] = fenced
    if (mine === undefined) {
      this.#deps.lose(slot)
      return
    }
    entry.setFence(mine.fence)
    this.#deps.log.info('slot taken back after a handoff nobody finished', { slot, fence: mine.fence })
    this.#deps.resume(slot)
  }
}
