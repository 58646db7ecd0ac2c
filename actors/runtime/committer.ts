/**
 * One lane: what was decided becomes durable, at most one statement in flight.
 *
 * Whatever gathers while a statement is out is the next batch; an idle lane commits at once and there is no timer, so a
 * guild never has two commits in flight and a command never waits for a tick. What the database answered is handed to
 * one handler per outcome; the lane itself knows only order and bounds.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { GuildId, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { PendingTurn } from './batch.ts'
import { buildBatch, takeTurns } from './batch.ts'
import type { CommitLane, CommitOutcome, CursorRow, SlotFence } from './ports.ts'
import type { SlotEntry } from './slot-table.ts'

/** What a lane tells. Every handler runs before the next statement is built; `unknown` may take long. */
export interface CommitHandler {
  /** In Postgres, under our fence. */
  onDurable(turns: readonly PendingTurn[]): void
  /** Another fence is above ours: these slots are gone, nothing of them was written. */
  onFenced(slots: readonly Slot[]): void
  /** The slot is ours and the head did not move: our bug (I2). That activation stops. */
  onHeadMissing(guild: GuildId): void
  /** Alone in its statement the guild's rows were refused; `turns` is what was in it. */
  onPoison(guild: GuildId, turns: readonly PendingTurn[], reason: string): void
  /** Written or not, nobody knows. Resolves when these slots are fenced anew or given up. */
  onUnknown(held: readonly SlotFence[], cause: Error): Promise<void>
}

export interface CommitterDeps {
  readonly lane: CommitLane
  readonly clock: Clock
  readonly handler: CommitHandler
  entryOf(slot: Slot): SlotEntry
  /** True for a guild that poisoned a batch: one turn a statement until it is well again. */
  mustGoAlone(guild: GuildId): boolean
  /** For metrics: each statement as it ended. */
  observe?(statement: ObservedStatement): void
}

/** A statement as metrics see it. */
export interface ObservedStatement {
  readonly events: number
  readonly durationMs: number
  readonly outcome: CommitOutcome['kind']
  /** Slots of it that another fence was above. */
  readonly fencedSlots: number
}

interface Statement {
  readonly turns: readonly PendingTurn[]
  readonly slots: ReadonlySet<Slot>
}

export class Committer {
  readonly #deps: CommitterDeps
  readonly #pending: PendingTurn[] = []
  #undurableEvents = 0
  #inFlight: Statement | null = null
  #running = false
  /** Slots whose cursors moved without a turn of theirs: written with the next statement. */
  readonly #cursorSlots = new Set<Slot>()
  #waiters: { readonly done: () => boolean; readonly resolve: () => void }[] = []

  constructor(deps: CommitterDeps) {
    this.#deps = deps
  }

  /** False at the bound: the caller answers `batch-full`. */
  get hasRoom(): boolean {
    return this.#undurableEvents < limits.laneUndurableEventsMax
  }

  get undurableEvents(): number {
    return this.#undurableEvents
  }

  enqueue(turn: PendingTurn): void {
    assert(turn.to > turn.from, 'a turn without events has nothing to commit')
    this.#pending.push(turn)
    this.#undurableEvents += turn.to - turn.from
    this.#kick()
  }

  /** The cursor of this slot moved by answers that wrote nothing; it goes out with the next statement. */
  noteCursor(slot: Slot): void {
    this.#cursorSlots.add(slot)
  }

  /** Writes moved cursors although nothing else is to be written. */
  flushCursors(): void {
    if (this.#cursorSlots.size > 0) this.#kick()
  }

  /** Forgets decided turns that are not in flight; their requests are decided again elsewhere or later. */
  drop(matches: (turn: PendingTurn) => boolean): void {
    for (let index = this.#pending.length - 1; index >= 0; index -= 1) {
      const turn = this.#pending[index]
      if (turn === undefined || !matches(turn)) continue
      this.#pending.splice(index, 1)
      this.#undurableEvents -= turn.to - turn.from
    }
    this.#wake()
  }

  /** Resolves when nothing of this guild is in flight. */
  whenGuildLanded(guild: GuildId): Promise<void> {
    return this.#when(() => this.#inFlight?.turns.every((turn) => turn.guildId !== guild) ?? true)
  }

  /** Resolves when nothing of this slot is pending or in flight. */
  whenSlotIdle(slot: Slot): Promise<void> {
    return this.#when(
      () => !(this.#inFlight?.slots.has(slot) ?? false) && this.#pending.every((turn) => turn.slot !== slot),
    )
  }

  /** Resolves when the lane takes turns again. */
  whenRoom(): Promise<void> {
    return this.#when(() => this.hasRoom)
  }

  whenIdle(): Promise<void> {
    return this.#when(() => !this.#running)
  }

  #when(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ done, resolve }))
  }

  #wake(): void {
    if (this.#waiters.length === 0) return
    const ready = this.#waiters.filter((waiter) => waiter.done())
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter))
    for (const waiter of ready) waiter.resolve()
  }

  #kick(): void {
    if (this.#running) return
    this.#running = true
    // Turns of the same breath share a statement: the lane starts when the code that is running has ended.
    queueMicrotask(() => void this.#run())
  }

  async #run(): Promise<void> {
    while (this.#pending.length > 0 || this.#cursorSlots.size > 0) {
      const turns = takeTurns(this.#pending, this.#deps.mustGoAlone)
      await this.#commit(turns, { alone: false })
    }
    this.#running = false
    this.#wake()
  }

  async #commit(turns: readonly PendingTurn[], options: { readonly alone: boolean }): Promise<void> {
    const slots = new Set(turns.map((turn) => turn.slot))
    if (!options.alone) {
      for (const slot of this.#cursorSlots) if (this.#deps.entryOf(slot).state === 'serving') slots.add(slot)
      this.#cursorSlots.clear()
    }
    if (slots.size === 0) return
    const { batch } = buildBatch(turns, [...slots].map((slot) => this.#deps.entryOf(slot)))
    if (batch.heads.length === 0 && batch.cursors.length === 0) return
    this.#inFlight = { turns, slots }
    const startedAt = this.#deps.clock.monotonicMs()
    const outcome = await this.#deps.lane.commit(batch)
    this.#deps.observe?.({
      events: batch.journal.length,
      durationMs: this.#deps.clock.monotonicMs() - startedAt,
      outcome: outcome.kind,
      fencedSlots: outcome.kind === 'committed' ? batch.slots.length - outcome.owned.size : 0,
    })
    if (outcome.kind === 'poison' && !options.alone) {
      this.#reopen(turns)
      await this.#commitEachAlone(turns)
      return
    }
    for (const turn of turns) this.#undurableEvents -= turn.to - turn.from
    await this.#handle(outcome, { turns, slots: batch.slots, cursors: batch.cursors })
    // Only now has it landed: until an unknown outcome is settled nobody may load what it may have written.
    this.#inFlight = null
    this.#wake()
  }

  /** A poison somewhere in the batch, and nothing was written: guild by guild, so that only the sick one fails. */
  async #commitEachAlone(turns: readonly PendingTurn[]): Promise<void> {
    const byGuild = new Map<GuildId, PendingTurn[]>()
    for (const turn of turns) byGuild.set(turn.guildId, [...(byGuild.get(turn.guildId) ?? []), turn])
    for (const own of byGuild.values()) {
      const [first] = own
      assert(first !== undefined, 'a group has a member')
      const isOurs = this.#deps.entryOf(first.slot).isOurs
      if (isOurs && first.epoch === first.activation.epoch) await this.#commit(own, { alone: true })
      else for (const turn of own) this.#undurableEvents -= turn.to - turn.from
    }
    this.#inFlight = null
    this.#wake()
  }

  async #handle(
    outcome: CommitOutcome,
    sent: { turns: readonly PendingTurn[]; slots: readonly SlotFence[]; cursors: readonly CursorRow[] },
  ): Promise<void> {
    switch (outcome.kind) {
      case 'committed':
        this.#handleCommitted(outcome, sent)
        return
      case 'poison': {
        this.#reopen(sent.turns)
        const guild = sent.turns[0]?.guildId
        assert(guild !== undefined, 'a poisoned statement had a turn: cursors alone cannot be refused')
        this.#deps.handler.onPoison(guild, sent.turns, `${outcome.sqlState}: ${outcome.message}`)
        return
      }
      case 'unknown':
        this.#reopen(sent.turns)
        await this.#deps.handler.onUnknown(sent.slots, outcome.cause)
    }
  }

  #handleCommitted(
    outcome: Extract<CommitOutcome, { kind: 'committed' }>,
    sent: { turns: readonly PendingTurn[]; slots: readonly SlotFence[]; cursors: readonly CursorRow[] },
  ): void {
    const durable: PendingTurn[] = []
    const headMissing = new Set<GuildId>()
    for (const turn of sent.turns) {
      if (outcome.moved.has(turn.guildId)) {
        if (turn.request.lowWater !== null) turn.request.lowWater.state = 'ended'
        durable.push(turn)
      } else {
        this.#reopen([turn])
        if (outcome.owned.has(turn.slot)) headMissing.add(turn.guildId)
      }
    }
    const written = new Map<Slot, CursorRow[]>()
    for (const row of sent.cursors) {
      if (!outcome.owned.has(row.slot)) continue
      const rows = written.get(row.slot)
      if (rows === undefined) written.set(row.slot, [row])
      else rows.push(row)
    }
    for (const [slot, rows] of written) {
      const entry = this.#deps.entryOf(slot)
      if (entry.isOurs) entry.cursorsWritten(rows)
    }
    this.#deps.handler.onDurable(durable)
    for (const guild of headMissing) this.#deps.handler.onHeadMissing(guild)
    const fenced = sent.slots.map(({ slot }) => slot).filter((slot) => !outcome.owned.has(slot))
    if (fenced.length > 0) this.#deps.handler.onFenced(fenced)
  }

  #reopen(turns: readonly PendingTurn[]): void {
    for (const { request } of turns) {
      if (request.lowWater?.state === 'committing') request.lowWater.state = 'open'
    }
  }
}
