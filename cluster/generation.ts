/**
 * The processes of one topology: one ClusterManager of discord-hybrid-sharding, its children watched and respawned.
 *
 *   planned ──start──▶ running ──stop──▶ ending ──all exited──▶ ended
 *
 * running: a child that exits is reported to the others at once, so that they take its slots, and is spawned again with
 * a growing pause. ending: children are told to drain and are not spawned again; who does not end in time is killed by
 * pid. The library's own respawn is off: it has no pause and stops for good after three exits in an hour.
 */
import type { ChildProcess } from 'node:child_process'
import { ClusterManager } from 'discord-hybrid-sharding'
import type { Cluster } from 'discord-hybrid-sharding'
import type { Clock } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { RespawnBudget } from './respawn-budget.ts'
import type { ManagerMessage, ShardMessage } from './protocol.ts'
import { parseShardMessage, wrapMessage } from './protocol.ts'

/** Above the drain time of a shard process. */
const drainTimeoutMs = 28_000

export interface GenerationOptions {
  /** File of the shard process, and how node is to run it. */
  readonly file: string
  readonly execArgv: readonly string[]
  readonly token: string
  readonly plan: readonly (readonly number[])[]
  readonly shardCount: number
  /** Longest pause before a process is spawned again. */
  readonly respawnDelayMsMax: number
}

export interface GenerationEvents {
  /** A child answers /health and /metrics there; called again after a respawn. */
  onListening(clusterId: number, door: { readonly pid: number; readonly process: string; readonly port: number }): void
  /** A child is ready; called again after a respawn. */
  onReady(clusterId: number, facts: { readonly pid: number; readonly guilds: number }): void
  onExit(clusterId: number, facts: { readonly pid: number; readonly exitCode: number | null; readonly signal: string | null }): void
  /** A child that never was ready says that it cannot run: nothing is gained by trying again. */
  onHopeless(failure: { readonly exitCode: number; readonly sentence: string }): void
}

interface ChildState {
  incarnation: string | null
  wasReady: boolean
  failure: { exitCode: number; sentence: string } | null
}

export class ShardGeneration {
  readonly #deps: { readonly clock: Clock; readonly log: Log; readonly events: GenerationEvents }
  readonly #manager: ClusterManager
  readonly #options: GenerationOptions
  readonly #children = new Map<number, ChildState>()
  readonly #budget: RespawnBudget
  #state: 'planned' | 'running' | 'ending' | 'ended' = 'planned'

  constructor(deps: { readonly clock: Clock; readonly log: Log; readonly events: GenerationEvents }, options: GenerationOptions) {
    this.#deps = deps
    this.#options = options
    this.#budget = new RespawnBudget(deps.clock, { delayMsMax: options.respawnDelayMsMax })
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
    this.#manager.on('error', (error: unknown) => deps.log.warn('child error', { error: coerceError(error) }))
  }

  /** Spawns every process. Resolves when all have been spawned, not when they are ready. */
  async start(): Promise<void> {
    this.#state = 'running'
    const { plan, shardCount } = this.#options
    for (const [clusterId, shards] of plan.entries()) {
      const cluster = this.#manager.createCluster(clusterId, [...shards], shardCount)
      this.#watch(cluster)
      await cluster.spawn()
    }
  }

  /** Drains all children; those that do not end in time are killed. Resolves when none is left. */
  async stop(): Promise<void> {
    if (this.#state === 'ended') return
    this.#state = 'ending'
    const ended = [...this.#manager.clusters.values()].map((cluster) => this.#end(cluster))
    await Promise.all(ended)
    this.#state = 'ended'
  }

  /** Process ids of living children, by cluster id. */
  pids(): ReadonlyMap<number, number> {
    const pids = new Map<number, number>()
    for (const [id, cluster] of this.#manager.clusters) {
      const pid = processOf(cluster)?.pid
      if (pid !== undefined) pids.set(id, pid)
    }
    return pids
  }

  #watch(cluster: Cluster): void {
    this.#children.set(cluster.id, { incarnation: null, wasReady: false, failure: null })
    cluster.on('spawn', (thread) => {
      const child = thread as ChildProcess
      child.once('exit', (exitCode, signal) => this.#onExit(cluster, { pid: child.pid ?? 0, exitCode, signal }))
    })
    cluster.on('message', (message) => {
      const ours = parseShardMessage(message)
      if (ours !== null) this.#onMessage(cluster, ours)
    })
  }

  #onMessage(cluster: Cluster, message: ShardMessage): void {
    const child = this.#stateOf(cluster.id)
    switch (message.kind) {
      case 'started':
        child.incarnation = message.incarnation
        return
      case 'listening':
        this.#deps.events.onListening(cluster.id, { pid: processOf(cluster)?.pid ?? 0, process: message.process, port: message.port })
        return
      case 'ready':
        child.wasReady = true
        this.#budget.noteReady(cluster.id)
        this.#deps.events.onReady(cluster.id, { pid: processOf(cluster)?.pid ?? 0, guilds: message.guilds })
        return
      case 'failed':
        child.failure = { exitCode: message.exitCode, sentence: message.sentence }
    }
  }

  #onExit(cluster: Cluster, exit: { pid: number; exitCode: number | null; signal: string | null }): void {
    const child = this.#stateOf(cluster.id)
    const { incarnation, failure, wasReady } = child
    this.#children.set(cluster.id, { incarnation: null, wasReady, failure: null })
    if (incarnation !== null) this.#tellOthers(cluster.id, { kind: 'process-dead', incarnation })
    this.#deps.events.onExit(cluster.id, exit)
    if (this.#state !== 'running') return
    if (failure !== null && !wasReady) {
      this.#deps.events.onHopeless(failure)
      return
    }
    const delayMs = this.#budget.nextDelayMs(cluster.id)
    const sentence = failure?.sentence ?? null
    this.#deps.log.warn('shard process exited, spawning it again', { cluster: cluster.id, ...exit, sentence, delayMs })
    this.#deps.clock.after(delayMs, () => {
      if (this.#state !== 'running') return
      cluster.spawn().catch((thrown: unknown) => {
        this.#deps.log.error('shard process could not be spawned', { cluster: cluster.id, error: coerceError(thrown) })
      })
    })
  }

  #tellOthers(exceptId: number, message: ManagerMessage): void {
    for (const [id, other] of this.#manager.clusters) {
      if (id === exceptId || processOf(other)?.connected !== true) continue
      // A child that is gone in the meantime needs no news.
      other.send(wrapMessage(message))?.catch((thrown: unknown) => {
        this.#deps.log.debug('child could not be told', { cluster: id, error: coerceError(thrown) })
      })
    }
  }

  async #end(cluster: Cluster): Promise<void> {
    const child = processOf(cluster)
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const timer = this.#deps.clock.after(drainTimeoutMs, () => {
        this.#deps.log.error('shard process did not drain in time, killing it', { cluster: cluster.id, pid: child.pid })
        child.kill('SIGKILL')
      })
      child.once('exit', () => {
        timer.cancel()
        resolve()
      })
      child.kill('SIGTERM')
    })
  }

  #stateOf(clusterId: number): ChildState {
    const child = this.#children.get(clusterId)
    if (child === undefined) throw new Error(`no child ${clusterId} in this generation`)
    return child
  }
}

function processOf(cluster: Cluster): ChildProcess | null {
  return (cluster.thread?.process ?? null) as ChildProcess | null
}
