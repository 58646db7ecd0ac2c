/**
 * The catalog of one process over in-memory stores, with the world in the test's hands: when a store answers, whether it
 * does, whether the lease covers, and what the clock says.
 */
import type { BehaviourRegistry } from '../../actors/behaviours/registry.ts'
import type { Command, Outcome } from '../../actors/protocol/command.ts'
import type { CatalogDeps } from '../../actors/runtime/catalog.ts'
import { Catalog } from '../../actors/runtime/catalog.ts'
import { parseJournalText } from '../../actors/runtime/journal-entry.ts'
import type { SnapshotCheck } from '../../actors/runtime/loader.ts'
import type { Request } from '../../actors/runtime/request.ts'
import { SlotTable } from '../../actors/runtime/slot-table.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { Generation, GuildId, Slot } from '../../kernel/ids.ts'
import { incarnation } from '../../kernel/ids.ts'
import type { Deferred } from './deferred.ts'
import { createDeferred } from './deferred.ts'
import { createListeningLog } from './listening-log.ts'
import type { ManualClock } from './manual-clock.ts'
import { createManualClock } from './manual-clock.ts'
import { MemoryDatabase } from './memory/memory-database.ts'
import { createMemoryCommitLane, createMemoryGuildStore, createMemoryOwnershipStore } from './memory/memory-stores.ts'
import type { Step } from './memory/step.ts'
import { createTestCluster, seededRandom } from './records.ts'
import { settle } from './settle.ts'
import type { MadeRequest } from './turns.ts'
import { makeRequest } from './turns.ts'
import { tallyRegistry } from './tally.ts'

export const me = incarnation('host:1:me')
export const somebodyElse = incarnation('host:2:other')

const { sealer } = createTestCluster()

/** Steps of stores that the test holds back or breaks: `commit before`, `findOpResults after`, … */
export class StepControl {
  readonly #held = new Map<string, Deferred<void>[]>()
  readonly #failing = new Map<string, number>()
  readonly #holding = new Set<string>()
  readonly seen: string[] = []

  readonly step: Step = async (operation, phase) => {
    const name = `${operation} ${phase}`
    this.seen.push(name)
    if (this.#holding.has(name)) {
      const held = createDeferred<void>()
      this.#held.set(name, [...(this.#held.get(name) ?? []), held])
      await held.promise
    }
    const left = this.#failing.get(name) ?? 0
    if (left > 0) {
      this.#failing.set(name, left - 1)
      throw new Error('connection lost')
    }
  }

  /** From now on such steps wait. */
  hold(name: string): void {
    this.#holding.add(name)
  }

  /** Lets those that wait go on, and the later ones too. */
  async release(name: string): Promise<void> {
    this.#holding.delete(name)
    for (const held of this.#held.get(name)?.splice(0) ?? []) held.resolve()
    await settle()
  }

  /** The next `times` such steps lose their connection. */
  fail(name: string, times = 1): void {
    this.#failing.set(name, times)
  }

  count(name: string): number {
    return this.seen.filter((seen) => seen === name).length
  }
}

export interface TestRuntime {
  readonly catalog: Catalog
  readonly clock: ReturnType<typeof createManualClock>
  readonly database: MemoryDatabase
  readonly slots: SlotTable
  readonly log: ReturnType<typeof createListeningLog>
  readonly steps: StepControl
  /** May be changed at any time. */
  readonly lease: { covers: boolean }
  readonly lost: { readonly slot: Slot; readonly requests: readonly Request[] }[]
  /** Takes the slot of this guild and serves it. */
  own(guild: GuildId): void
  /** Another process takes the slot in the database; nobody tells this one. */
  steal(guild: GuildId): void
  ask(guild: GuildId, command: Command, options?: Partial<Parameters<typeof makeRequest>[0]>): MadeRequest
  /** Asks, lets everything run, and gives the answer so far. */
  answer(guild: GuildId, command: Command, options?: Partial<Parameters<typeof makeRequest>[0]>): Promise<Outcome | undefined>
  /** Kinds of the durable events of a guild, in order; checked to be dense and under one rising fence (I1, I2). */
  journalOf(guild: GuildId): readonly string[]
}

export interface TestRuntimeOptions {
  /** Default: the tally alone. */
  readonly registry?: BehaviourRegistry
  readonly checkSnapshot?: SnapshotCheck
  readonly lanes?: number
  readonly database?: MemoryDatabase
  readonly clock?: ManualClock
  /** What else the runtime does when a guild is loaded or turns are durable. */
  readonly hooks?: Partial<Pick<CatalogDeps, 'onLoaded' | 'onDurable'>>
}

export function createTestRuntime(options: TestRuntimeOptions = {}): TestRuntime {
  const clock = options.clock ?? createManualClock()
  const database = options.database ?? new MemoryDatabase(clock)
  const steps = new StepControl()
  const slots = new SlotTable()
  const log = createListeningLog()
  const lease = { covers: true }
  const lost: { slot: Slot; requests: readonly Request[] }[] = []
  const generation = 1 as Generation
  const catalog = new Catalog({
    me,
    clock,
    log,
    slots,
    time: { now: () => clock.wallMs() },
    turn: { registry: options.registry ?? tallyRegistry, sealer, random: seededRandom('runtime') },
    lanes: Array.from({ length: options.lanes ?? 1 }, () => createMemoryCommitLane(database, steps.step)),
    ownership: createMemoryOwnershipStore(database, steps.step),
    guilds: createMemoryGuildStore(database, steps.step),
    checkSnapshots: (snapshots) => {
      const check = options.checkSnapshot ?? (() => ({ believed: false, reason: 'there is none in this test' }) as const)
      return Promise.resolve(snapshots.map((snapshot) => check(snapshot)))
    },
    leaseCovers: () => lease.covers,
    leaseEpoch: () => 1,
    onSlotLost: (slot, requests) => void lost.push({ slot, requests }),
    onLoaded: (activation) => options.hooks?.onLoaded?.(activation),
    onChange: () => undefined,
    onDropped: () => undefined,
    onDoubtSettled: () => undefined,
    onKept: () => undefined,
    onDurable: (turns) => options.hooks?.onDurable?.(turns),
  })
  const seenFence = (slot: Slot) => ({ slot, fence: database.slots.get(slot)?.fence ?? (0 as never) })
  const runtime: TestRuntime = {
    catalog, clock, database, slots, log, steps, lease, lost,
    own(guild) {
      const entry = slots.at(slotOf(guild))
      entry.setState('taking')
      const [taken] = database.raiseFences([seenFence(entry.slot)], { owner: me, generation })
      if (taken === undefined) throw new Error('the slot could not be taken')
      entry.setFence(taken.fence, 1)
      entry.restoreCursors([...database.cursors.values()].filter(({ slot }) => slot === entry.slot))
      catalog.serve(entry)
    },
    steal: (guild) => void database.raiseFences([seenFence(slotOf(guild))], { owner: somebodyElse, generation }),
    ask(guild, command, more) {
      const made = makeRequest({ guild, command, ...more })
      const taken = catalog.submit(made.request)
      if (taken === 'elsewhere') throw new Error('the slot is not ours')
      return made
    },
    async answer(guild, command, more) {
      const made = runtime.ask(guild, command, more)
      await settle()
      return made.outcome()
    },
    journalOf(guild) {
      const rows = [...(database.journal.get(guild)?.values() ?? [])]
      rows.forEach((row, index) => {
        if (row.seq !== index + 1) throw new Error(`I2: hole before ${row.seq}`)
        if (row.fence < (rows[index - 1]?.fence ?? 0)) throw new Error(`I1: fence fell at ${row.seq}`)
      })
      return rows.map(({ payload }) => parseJournalText(payload).event.kind)
    },
  }
  return runtime
}
