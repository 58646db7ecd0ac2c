/**
 * All shard processes of this manager, of whatever generation, and which generations serve.
 *
 * A process that exits is told to all others at once, so that they take its slots without waiting for its lease. The
 * parent (pm2, `muster up`, a test) hears of the serving ones only: ready, gone, and the whole list after each change of
 * topology.
 */
import type { Log } from '../kernel/log.ts'
import type { StoredTopology } from '../prisma/topology-store.ts'
import type { GenerationEvents, RunningGeneration } from './generation.ts'
import type { ManagerVitals } from './manager-vitals.ts'
import { planShards } from './plan.ts'
import type { ChildExit, ChildFacts } from './shard-child.ts'
import type { Shape } from './wish.ts'

export interface FleetDeps {
  readonly log: Log
  readonly vitals: Pick<ManagerVitals, 'noteListening' | 'noteExit'>
  createGeneration(options: {
    readonly row: Pick<StoredTopology, 'generation' | 'shardCount'>
    readonly plan: readonly (readonly number[])[]
    readonly events: GenerationEvents
  }): RunningGeneration
  /** To the process that started this one; nobody listens when there is none. */
  tellParent(message: object): void
  /** A process says that it cannot run at all. `isServing`: without it the topology is not whole. */
  onHopeless(failure: { readonly exitCode: number; readonly sentence: string; readonly generation: number }): void
}

export interface FleetStrength {
  readonly expected: number
  /** Processes of the serving generations, by pid. */
  readonly serving: ReadonlySet<number>
  readonly ready: ReadonlySet<number>
}

export class Fleet {
  readonly #deps: FleetDeps
  readonly #generations = new Set<RunningGeneration>()
  #serving: readonly RunningGeneration[] = []

  constructor(deps: FleetDeps) {
    this.#deps = deps
  }

  /** Processes of a topology, none of them spawned yet. */
  add(row: Pick<StoredTopology, 'generation' | 'shardCount' | 'processCount'>): RunningGeneration {
    const { shardCount, processCount } = row
    const generation = this.#deps.createGeneration({ row, plan: planShards({ shardCount, processCount }), events: this.#events() })
    this.#generations.add(generation)
    return generation
  }

  /** They have ended; nothing more is told of them. */
  remove(generation: RunningGeneration): void {
    this.#generations.delete(generation)
  }

  get serving(): readonly RunningGeneration[] {
    return this.#serving
  }

  /** From here on these are the ones that the parent hears of. */
  setServing(generations: readonly RunningGeneration[]): void {
    this.#serving = generations
    const ready = this.#servingFacts().filter(({ state }) => state === 'serving')
    const processes = ready.map(({ clusterId, generation, pid }) => ({ clusterId, generation, pid }))
    this.#deps.tellParent({ kind: 'topology', ...this.shape(), processes, all: this.isWhole() })
  }

  shape(): Shape | null {
    const newest = this.#serving.at(-1)
    if (newest === undefined) return null
    return { generation: newest.generation, shardCount: newest.shardCount, processCount: newest.plan.length }
  }

  /** Of all generations, the serving ones first. */
  facts(): readonly ChildFacts[] {
    const others = [...this.#generations].filter((one) => !this.#serving.includes(one))
    return [...this.#serving, ...others].flatMap((one) => one.facts())
  }

  /** Every shard has a process that is ready (I12). */
  isWhole(): boolean {
    const wanted = this.#serving.at(-1)?.plan.length ?? 0
    const ready = new Set(this.#servingFacts().filter(({ state }) => state === 'serving').map(({ clusterId }) => clusterId))
    return wanted > 0 && ready.size === wanted
  }

  /** Drains everything. Resolves when no process is left. */
  async stop(): Promise<void> {
    await Promise.all([...this.#generations].map((one) => one.stop()))
  }

  /** How many processes there should be, and which of them are ready: what a load balancer is told. */
  strength(): FleetStrength {
    const facts = this.#servingFacts().filter(({ state }) => state !== 'ended')
    const pids = (state: readonly ChildFacts[]): ReadonlySet<number> => new Set(state.flatMap(({ pid }) => (pid === null ? [] : [pid])))
    return { expected: this.#serving.at(-1)?.plan.length ?? 0, serving: pids(facts), ready: pids(facts.filter(({ state }) => state === 'serving')) }
  }

  #servingFacts(): readonly ChildFacts[] {
    return this.#serving.flatMap((one) => one.facts())
  }

  #events(): GenerationEvents {
    return {
      onListening: ({ pid, generation }, door) => this.#deps.vitals.noteListening({ ...door, generation, pid: pid ?? 0 }),
      onReady: (facts) => {
        const { clusterId, generation, pid, guilds } = facts
        this.#deps.log.info('shard process ready', { cluster: clusterId, generation, pid, guilds })
        if (!this.#isServing(facts)) return
        this.#deps.tellParent({ kind: 'shard-ready', clusterId, generation, pid, guilds, all: this.isWhole() })
      },
      onExit: (facts, exit) => this.#onExit(facts, exit),
      onHopeless: ({ generation }, failure) => this.#deps.onHopeless({ ...failure, generation }),
    }
  }

  #onExit(facts: ChildFacts, { pid, exitCode, signal, isPlanned, incarnation }: ChildExit): void {
    const { clusterId, generation } = facts
    this.#deps.vitals.noteExit(pid, { isPlanned })
    // Whoever ended by plan has let its slots and its lease go.
    if (incarnation !== null) for (const one of this.#generations) one.tellAll({ kind: 'process-dead', incarnation })
    this.#deps.log.info('shard process ended', { cluster: clusterId, generation, pid, exitCode, signal, isPlanned })
    this.#deps.tellParent({ kind: 'shard-exit', clusterId, generation, pid, exitCode, signal, isPlanned })
  }

  #isServing({ generation }: ChildFacts): boolean {
    return this.#serving.some((one) => one.generation === generation)
  }
}
