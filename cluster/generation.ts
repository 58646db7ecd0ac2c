/**
 * The processes of one topology: one ClusterManager of discord-hybrid-sharding, its children watched and respawned. Several
 * generations live side by side in one manager; each knows nothing of the others.
 *
 * A child that exits is spawned again after its pause (spawn-permit.ts), unless its role is to leave. One that has not
 * said anything for too long is killed by pid. The library's own respawn is off: it has no pause and stops for good after
 * three exits in an hour. Its re-cluster extension is not used (docs/architecture.md).
 */
import { ClusterManager } from 'discord-hybrid-sharding'
import type { Clock, Timer } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Generation } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { Bell } from './bell.ts'
import type { IdentifyGate } from './identify-gate.ts'
import type { ManagerMessage } from './protocol.ts'
import { RespawnBudget } from './respawn-budget.ts'
import type { ChildEvents, ChildExit, ChildFacts, ChildRole } from './shard-child.ts'
import { ShardChild } from './shard-child.ts'
import { SpawnPermit } from './spawn-permit.ts'

const lookIntervalMs = 1_000

export interface GenerationOptions {
  readonly generation: Generation
  /** File of the shard process, and how node is to run it. */
  readonly file: string
  readonly execArgv: readonly string[]
  readonly token: string
  /** Shards of each process, by cluster id. */
  readonly plan: readonly (readonly number[])[]
  readonly shardCount: number
  /** Longest pause before a process is spawned again. */
  readonly respawnDelayMsMax: number
}

export interface GenerationEvents {
  /** A child answers /health and /metrics there; called again after a respawn. */
  onListening(facts: ChildFacts, door: { readonly process: string; readonly port: number }): void
  /** A child is ready; called again after a respawn. */
  onReady(facts: ChildFacts): void
  onExit(facts: ChildFacts, exit: ChildExit): void
  /** A child that never was ready says that it cannot run: nothing is gained by trying again. */
  onHopeless(facts: ChildFacts, failure: { readonly exitCode: number; readonly sentence: string }): void
}

export interface GenerationDeps {
  readonly clock: Clock
  readonly log: Log
  readonly gate: IdentifyGate
  readonly events: GenerationEvents
}

/** What a rescale needs of the processes of a topology. */
export interface RunningGeneration {
  readonly generation: Generation
  readonly shardCount: number
  readonly plan: readonly (readonly number[])[]
  /**
   * Spawns all, or these, in a role. Resolves when they are spawned, not when they are ready. Holding ones come one after
   * the other, each when the one before has loaded: who serves beside them needs the processor.
   */
  start(role: ChildRole, options?: { readonly clusterIds?: readonly number[]; readonly signal?: AbortSignal }): Promise<void>
  setRole(role: ChildRole, clusterIds?: readonly number[]): void
  facts(): readonly ChildFacts[]
  /** Resolves when the facts are as wanted; rejects with the signal's reason. */
  until(check: (facts: readonly ChildFacts[]) => boolean, signal?: AbortSignal): Promise<void>
  tellAll(message: ManagerMessage): void
  /** Drains the processes, or these; who does not end in time is killed. Resolves when they have ended. */
  stop(clusterIds?: readonly number[]): Promise<void>
}

export class ShardGeneration implements RunningGeneration {
  readonly generation: Generation
  readonly shardCount: number
  readonly plan: readonly (readonly number[])[]
  readonly #deps: GenerationDeps
  readonly #manager: ClusterManager
  readonly #children = new Map<number, ShardChild>()
  readonly #permit: SpawnPermit
  readonly #bell = new Bell()
  #timer: Timer | null = null
  #lookedAtMs = 0

  constructor(deps: GenerationDeps, options: GenerationOptions) {
    this.generation = options.generation
    this.shardCount = options.shardCount
    this.plan = options.plan
    const log = deps.log.scope({ generation: options.generation })
    this.#deps = { ...deps, log }
    const budget = new RespawnBudget(deps.clock, { delayMsMax: options.respawnDelayMsMax })
    this.#permit = new SpawnPermit({ clock: deps.clock, log, budget, gate: deps.gate })
    this.#manager = new ClusterManager(options.file, {
      token: options.token,
      totalShards: options.shardCount,
      totalClusters: options.plan.length,
      mode: 'process',
      respawn: false,
      execArgv: [...options.execArgv],
      // Not 0: the library takes that for unset and waits 7 s a shard. Identifies are paced in the shard processes.
      spawnOptions: { delay: 1, timeout: -1, amount: options.shardCount },
    })
    // Errors of a child are told by its exit; without a listener the manager itself would end.
    this.#manager.on('error', (error: unknown) => log.warn('child error', { error: coerceError(error) }))
  }

  async start(role: ChildRole, options: { readonly clusterIds?: readonly number[]; readonly signal?: AbortSignal } = {}): Promise<void> {
    const { clusterIds = this.plan.map((_, id) => id), signal } = options
    this.#lookedAtMs = this.#deps.clock.monotonicMs()
    if (this.#timer === null) this.#lookLater()
    for (const clusterId of clusterIds) {
      const cluster = this.#manager.createCluster(clusterId, [...(this.plan[clusterId] ?? [])], this.shardCount)
      const { clock, log } = this.#deps
      const child = new ShardChild(
        { cluster, clock, log, permit: this.#permit, events: this.#events() },
        { generation: this.generation, role },
      )
      this.#children.set(clusterId, child)
      signal?.throwIfAborted()
      await child.spawn()
      if (role === 'holding') await this.#bell.until(() => child.facts().state !== 'starting', signal)
    }
  }

  setRole(role: ChildRole, clusterIds?: readonly number[]): void {
    for (const child of this.#some(clusterIds)) child.setRole(role)
  }

  facts(): readonly ChildFacts[] {
    return [...this.#children.values()].map((child) => child.facts())
  }

  until(check: (facts: readonly ChildFacts[]) => boolean, signal?: AbortSignal): Promise<void> {
    return this.#bell.until(() => check(this.facts()), signal)
  }

  tellAll(message: ManagerMessage): void {
    for (const child of this.#children.values()) child.tell(message)
  }

  async stop(clusterIds?: readonly number[]): Promise<void> {
    const some = this.#some(clusterIds)
    for (const child of some) child.end()
    await this.#bell.until(() => some.every((child) => child.facts().state === 'ended'))
    if (this.facts().every(({ state }) => state === 'ended')) this.#timer?.cancel()
  }

  #some(clusterIds: readonly number[] | undefined): readonly ShardChild[] {
    return [...this.#children].filter(([id]) => clusterIds?.includes(id) ?? true).map(([, child]) => child)
  }

  #events(): ChildEvents {
    const { events } = this.#deps
    return {
      onListening: (child, door) => events.onListening(child.facts(), door),
      onReady: (child) => events.onReady(child.facts()),
      onExit: (child, exit) => events.onExit(child.facts(), exit),
      onHopeless: (child, failure) => events.onHopeless(child.facts(), failure),
      onChange: () => this.#bell.ring(),
    }
  }

  /** A look that comes late means that our own loop stood still: the children may have said everything in time. */
  #lookLater(): void {
    this.#timer = this.#deps.clock.after(lookIntervalMs, () => {
      const nowMs = this.#deps.clock.monotonicMs()
      const sleptMs = Math.max(0, nowMs - this.#lookedAtMs - 2 * lookIntervalMs)
      this.#lookedAtMs = nowMs
      for (const child of this.#children.values()) child.look(sleptMs)
      this.#lookLater()
    })
  }
}
