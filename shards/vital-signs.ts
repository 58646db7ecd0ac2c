/**
 * How a shard process is: asked over HTTP by load balancers and Prometheus, told to the manager and to `muster status`.
 *
 * It looks and counts; it changes nothing. Its server listens on a free port of this machine only, and the manager, which is
 * told the port, serves it to others under the process' name.
 */
import type { Client } from 'discord.js'
import { Status } from 'discord.js'
import type { ActorRuntime } from '../actors/runtime/actor-runtime.ts'
import type { StatusBoard } from '../actors/transport/redis-status-board.ts'
import type { ProcessStatus, ShardFacts } from '../cluster/process-status.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Health } from '../kernel/health.ts'
import { createHealth, healthAnswer, readyAnswer } from '../kernel/health.ts'
import type { Incarnation } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { VitalsServer } from '../kernel/vitals-server.ts'
import { startVitalsServer } from '../kernel/vitals-server.ts'
import type { ShardMetrics } from './metrics/shard-metrics.ts'
import type { StatusPublisher } from './status-publisher.ts'
import { createStatusPublisher } from './status-publisher.ts'

export interface VitalSignsDeps {
  readonly shard: {
    readonly client: Pick<Client, 'ws' | 'guilds'>
    readonly runtime: Pick<ActorRuntime, 'workload'>
    /** Shards whose slots or guilds are not complete yet. */
    readonly incompleteShards: ReadonlySet<number>
    readonly picturesWaiting: number
    readonly time: { now(): number }
  }
  readonly stores: {
    readonly statusBoard: StatusBoard
    readonly guilds: { databaseTime(): Promise<unknown> }
    pingRedis(): Promise<unknown>
  }
  readonly metrics: ShardMetrics
  readonly clock: Clock
  readonly log: Log
}

export interface VitalSignsOptions {
  readonly process: string
  readonly incarnation: Incarnation
  readonly generation: number
  readonly version: string
  readonly shardIds: readonly number[]
  readonly shardCount: number
}

/** Connected, whether or not its guilds have been told. */
const connected: readonly Status[] = [Status.Ready, Status.Nearly, Status.WaitingForGuilds]

export class VitalSigns {
  readonly #deps: VitalSignsDeps
  readonly #options: VitalSignsOptions
  readonly #health: Health
  readonly #publisher: StatusPublisher
  readonly #startedAt: number
  #server: VitalsServer | null = null
  #isReady = false
  #isDraining = false
  #counted: { readonly at: number; readonly events: number }

  constructor(deps: VitalSignsDeps, options: VitalSignsOptions) {
    this.#deps = deps
    this.#options = options
    const { clock, log, metrics, shard, stores } = deps
    this.#startedAt = clock.wallMs()
    this.#counted = { at: clock.monotonicMs(), events: 0 }
    this.#health = createHealth({
      clock,
      parts: [
        { name: 'gateway', ping: () => this.#pingGateway(), isRequired: true },
        { name: 'database', ping: () => stores.guilds.databaseTime(), isRequired: true },
        { name: 'redis', ping: () => stores.pingRedis(), isRequired: false },
      ],
      isDraining: () => this.#isDraining,
    })
    metrics.measure({
      workload: () => shard.runtime.workload(),
      shards: () => this.shards(),
      picturesWaiting: () => shard.picturesWaiting,
      now: () => shard.time.now(),
    })
    this.#publisher = createStatusPublisher({ board: stores.statusBoard, clock, log, look: () => this.look() }, options.incarnation)
  }

  /** Resolves with the port it answers on. */
  async start(): Promise<number> {
    const { metrics } = this.#deps
    this.#server = await startVitalsServer(
      {
        ready: async () => readyAnswer(await this.#health.check()),
        health: async () => healthAnswer(await this.#health.check()),
        metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
      },
      { host: '127.0.0.1', port: 0, settings: { host: 'HEALTH_HOST', port: 'HEALTH_PORT' } },
    )
    this.#publisher.start()
    return this.#server.port
  }

  noteReady(): void {
    this.#isReady = true
  }

  /** From here on `/health/ready` says 503 `draining`. */
  noteDraining(): void {
    this.#isDraining = true
  }

  async stop(): Promise<void> {
    await this.#publisher.stop()
    await this.#server?.stop()
  }

  /** Each shard of this process. Guilds are counted one by one: not for every command. */
  shards(): readonly ShardFacts[] {
    const { client, incompleteShards } = this.#deps.shard
    const guilds = new Map<number, number>()
    for (const { shardId } of client.guilds.cache.values()) guilds.set(shardId, (guilds.get(shardId) ?? 0) + 1)
    return this.#options.shardIds.map((id) => {
      const socket = client.ws.shards.get(id)
      const isConnected = socket !== undefined && connected.includes(socket.status)
      const ping = socket?.ping ?? -1
      return {
        id,
        state: !isConnected ? 'away' : incompleteShards.has(id) ? 'starting' : 'ready',
        pingMs: ping < 0 ? null : Math.round(ping),
        guilds: guilds.get(id) ?? 0,
      }
    })
  }

  look(): ProcessStatus {
    const { shardIds: _, ...named } = this.#options
    const load = this.#deps.shard.runtime.workload()
    const { rss, heapUsed } = process.memoryUsage()
    return {
      ...named,
      state: this.#isDraining ? 'draining' : this.#isReady ? 'ready' : 'starting',
      pid: process.pid,
      startedAt: Math.round(this.#startedAt),
      shards: [...this.shards()],
      slots: load.slots.serving,
      active: load.active,
      resting: load.resting,
      mailboxDepth: load.mailboxDepth,
      undurableEvents: load.undurableEvents,
      outboxHeld: load.outboxHeld,
      eventsPerSecond: this.#eventsPerSecond(),
      rssBytes: rss,
      heapBytes: heapUsed,
      leaseCovers: load.leaseCovers,
      healthPort: this.#server?.port ?? null,
    }
  }

  #eventsPerSecond(): number {
    const now = { at: this.#deps.clock.monotonicMs(), events: this.#deps.metrics.durableEvents }
    const seconds = (now.at - this.#counted.at) / 1000
    const rate = seconds <= 0 ? 0 : (now.events - this.#counted.events) / seconds
    this.#counted = now
    return Math.round(rate * 10) / 10
  }

  #pingGateway(): Promise<void> {
    const away = this.shards().filter(({ state }) => state !== 'ready')
    return away.length === 0 ? Promise.resolve() : Promise.reject(new Error(`${away.length} shards are not ready`))
  }
}
