/**
 * The slots as this process sees them: which it serves, under which fence, and what waits while one changes hands.
 *
 *   foreign ──take──▶ taking ──taken──▶ serving ──unknown outcome──▶ doubt ──fenced over own row──▶ serving
 *      ▲                │                 │  ▲                          │
 *      │◀──not taken────┘                 │  └──nobody came─── handing-over
 *      │◀──────────── lost ───────────────┴──────────────────────────────┘
 *
 * foreign: nothing of the slot is in memory; commands go to its inbox.
 * taking: the takeover statement or the loads after it run; commands are held in order, bounded.
 * serving: turns run; `fence` is what every commit names.
 * doubt: a commit's outcome is unknown; no turn runs and nothing is answered until the fence is ours anew.
 * handing-over: a new owner asked; nothing is written or answered, what comes is held for it.
 */
import { assert } from '../../kernel/assert.ts'
import type { Fence, Generation, GuildId, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { LowWater } from './low-water.ts'
import type { CursorRow } from './ports.ts'
import type { Request } from './request.ts'

export const slotStates = ['foreign', 'taking', 'serving', 'doubt', 'handing-over'] as const
export type SlotState = (typeof slotStates)[number]

const transitions: Readonly<Record<SlotState, readonly SlotState[]>> = {
  foreign: ['taking'],
  taking: ['serving', 'foreign'],
  serving: ['doubt', 'handing-over', 'foreign'],
  doubt: ['serving', 'foreign'],
  'handing-over': ['serving', 'doubt', 'foreign'],
}

/** How far one gateway session's dispatches of this slot have come. */
interface FeedMark {
  highest: number
  readonly lowWater: LowWater
  written: string | null
}

const inboxSource = 'inbox'
const feedPrefix = 'feed:'

export class SlotEntry {
  readonly slot: Slot
  /** Activations of this slot, by guild. */
  readonly guilds = new Set<GuildId>()
  /** Unix ms by the database's clock, after the present fence was taken: what was asked later, nobody before us knew. */
  servedSince = Infinity
  /** Of the process that has the slot, as far as is known here; null: unknown or nobody. */
  ownerGeneration: Generation | null = null
  #state: SlotState = 'foreign'
  #fence: Fence | null = null
  /** The lease under which the fence was raised (LeaseKeeper.epoch): only that one covers answers from memory. */
  #leaseEpoch: number | null = null
  #held: Request[] = []
  #inbox = new LowWater(null)
  #inboxWritten: string | null = null
  #feeds = new Map<string, FeedMark>()
  /** I8: the generation whose gateway events this slot applies. Null while it is not ours, or what was held is not told. */
  #feedGeneration: Generation | null = null
  /** When each dispatch was heard that has not had its effect, Unix ms. */
  readonly #feedUndone = new Set<{ readonly heardAt: number }>()

  constructor(slot: Slot) {
    this.slot = slot
  }

  get state(): SlotState {
    return this.#state
  }

  /** The fence of the present ownership; asserted to exist, so only for slots that are ours. */
  get fence(): Fence {
    assert(this.#fence !== null, 'a slot that is not ours has no fence')
    return this.#fence
  }

  get isOurs(): boolean {
    return this.#state === 'serving' || this.#state === 'doubt' || this.#state === 'handing-over'
  }

  /** Ours, and not about to be another's. */
  get stays(): boolean {
    return this.#state === 'serving' || this.#state === 'doubt'
  }

  setState(next: SlotState): void {
    assert(transitions[this.#state].includes(next), `slot ${this.slot}: ${this.#state} → ${next}`)
    this.#state = next
    if (next === 'foreign') this.#forget()
  }

  get leaseEpoch(): number | null {
    return this.#leaseEpoch
  }

  /** A takeover or a fence over one's own row succeeded; `leaseEpoch` is the lease that stood when it was sent. */
  setFence(fence: Fence, leaseEpoch: number | null): void {
    assert(this.#fence === null || fence > this.#fence, 'I1: a fence only grows')
    this.#fence = fence
    this.#leaseEpoch = leaseEpoch
  }

  /**
   * Starts the marks where Postgres says everything below is dealt with. Returns where to read the inbox from. Dispatches
   * that came while the slot was being taken have their marks already.
   */
  restoreCursors(rows: readonly CursorRow[]): string {
    this.#inboxWritten = null
    for (const { source, position } of rows) {
      if (source === inboxSource) this.#inboxWritten = position
      if (!source.startsWith(feedPrefix)) continue
      const mark = this.#feedMark(source.slice(feedPrefix.length))
      mark.lowWater.endThrough(position, (seq) => Number(seq) <= Number(position))
      mark.highest = Math.max(mark.highest, Number(position))
      mark.written = position
    }
    this.#inbox = new LowWater(this.#inboxWritten)
    return this.#inboxWritten ?? '0-0'
  }

  /** A lost stream starts again at 0: its positions are no longer comparable with the old ones. */
  restartInbox(): void {
    this.#inbox = new LowWater(null)
  }

  beginInboxEntry(position: string): ReturnType<LowWater['begin']> {
    return this.#inbox.begin(position)
  }

  get feedGeneration(): Generation | null {
    return this.#feedGeneration
  }

  /** What this process heard of the slot so far is told to its guilds: it applies what comes from here on. */
  openFeed(generation: Generation): void {
    assert(this.isOurs, 'I8: a slot that is not ours applies no gateway event')
    assert(this.#feedGeneration === null || this.#feedGeneration === generation, 'I8: a slot applies one generation’s events')
    this.#feedGeneration = generation
  }

  /** A dispatch begins to have its effect; `end` when it had it, or has none. */
  beginFeedEffect(heardAt: number): { end(): void } {
    const undone = { heardAt }
    this.#feedUndone.add(undone)
    return { end: () => void this.#feedUndone.delete(undone) }
  }

  /** Whatever was heard before this instant, Unix ms, had its effect; Infinity: all of it. */
  get feedDoneUntil(): number {
    let earliest = Infinity
    for (const { heardAt } of this.#feedUndone) earliest = Math.min(earliest, heardAt)
    return earliest
  }

  /** Null: this dispatch of the session was seen here before. */
  beginFeedEntry(session: string, seq: number): ReturnType<LowWater['begin']> | null {
    const mark = this.#feedMark(session)
    if (seq <= mark.highest) return null
    mark.highest = seq
    return mark.lowWater.begin(String(seq))
  }

  #feedMark(session: string): FeedMark {
    let mark = this.#feeds.get(session)
    if (mark === undefined) {
      mark = { highest: 0, lowWater: new LowWater(null), written: null }
      this.#feeds.set(session, mark)
    }
    return mark
  }

  /** Cursor rows that have moved since they were last written. */
  movedCursors(): CursorRow[] {
    const rows: CursorRow[] = []
    const inbox = this.#inbox.position()
    if (inbox !== null && inbox !== this.#inboxWritten) rows.push({ slot: this.slot, source: inboxSource, position: inbox })
    for (const [session, mark] of this.#feeds) {
      const position = mark.lowWater.position()
      if (position === null || position === mark.written) continue
      rows.push({ slot: this.slot, source: feedPrefix + session, position })
    }
    return rows
  }

  /** These cursor rows are durable. */
  cursorsWritten(rows: readonly CursorRow[]): void {
    for (const row of rows) {
      if (row.source === inboxSource) this.#inboxWritten = row.position
      else {
        const mark = this.#feeds.get(row.source.slice(feedPrefix.length))
        if (mark !== undefined) mark.written = row.position
      }
    }
  }

  get inboxCursor(): string | null {
    return this.#inboxWritten
  }

  /** Keeps a command while the slot changes hands; false at the bound. */
  hold(request: Request): boolean {
    if (this.#held.length >= limits.heldCommandsPerSlotMax) return false
    this.#held.push(request)
    return true
  }

  takeHeld(): Request[] {
    return this.#held.splice(0)
  }

  #forget(): void {
    assert(this.guilds.size === 0, 'a foreign slot has no activation')
    assert(this.#held.length === 0, 'a foreign slot holds no command')
    this.#fence = null
    this.#leaseEpoch = null
    this.#feeds = new Map()
    this.#feedGeneration = null
    this.#feedUndone.clear()
    this.#inbox = new LowWater(null)
    this.#inboxWritten = null
  }
}

export class SlotTable {
  readonly #entries: readonly SlotEntry[]

  constructor() {
    this.#entries = Array.from({ length: limits.slotCount }, (_, slot) => new SlotEntry(slot as Slot))
  }

  at(slot: Slot): SlotEntry {
    const entry = this.#entries[slot]
    assert(entry !== undefined, `slot ${slot} is out of range`)
    return entry
  }

  /** Slots in the given states. */
  inState(...states: readonly SlotState[]): SlotEntry[] {
    return this.#entries.filter((entry) => states.includes(entry.state))
  }
}
