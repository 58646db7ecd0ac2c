/**
 * One shard process of one generation: spawned, told its role, watched, killed when it is wedged, spawned again.
 *
 *   waiting ──spawn──▶ starting ──started──▶ started ──heard──▶ heard ──ready──▶ serving
 *      ▲                   │                    │                 │                 │
 *      └──── pause ────────┴────────────────────┴──── exit ───────┴─────────────────┘──▶ ended
 *
 * waiting: a pause after a bad life, or Discord's budget is spent. It has a role at any time, whatever its state:
 * holding hears and takes nothing; serving wants the slots of its shards; yielding wants none but serves what it has until
 * others ask, and if it is spawned again begins holding; returning and retiring want none, and are not spawned again. A role is told when it changes, and again when a respawned process has come far enough to follow it.
 */
import type { ChildProcess } from 'node:child_process'
import type { Cluster } from 'discord-hybrid-sharding'
import type { Clock, Timer } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Generation } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { ManagerMessage, ShardMessage } from './protocol.ts'
import { parseShardMessage, placeVariables, wrapMessage } from './protocol.ts'
import type { SpawnPermit } from './spawn-permit.ts'

/** Above the drain time of a shard process. */
const drainTimeoutMs = 28_000
/** Ten heartbeats: longer than any pause of a healthy loop, shorter than Discord's patience with a silent socket. */
const wedgedAfterMs = 10_000
/** Loading the program on a busy machine takes seconds; one that has not even started by then never will. */
const startTimeoutMs = 60_000

export type ChildRole = 'holding' | 'serving' | 'yielding' | 'returning' | 'retiring'
export type ChildState = 'waiting' | 'starting' | 'started' | 'heard' | 'serving' | 'ended'

export interface ChildFacts {
  readonly clusterId: number
  readonly generation: Generation
  readonly shards: readonly number[]
  readonly role: ChildRole
  readonly state: ChildState
  readonly pid: number | null
  readonly incarnation: string | null
  readonly guilds: number
  /** Slots that it said it serves. */
  readonly owned: number
  /** Times it was spawned. */
  readonly lives: number
  /** Why it is not running; null while it is. */
  readonly waitsFor: string | null
}

export interface ChildExit {
  readonly pid: number
  readonly exitCode: number | null
  readonly signal: string | null
  /** It was told to end, or its slots are elsewhere. */
  readonly isPlanned: boolean
  /** Null: its lease never stood. */
  readonly incarnation: string | null
}

export interface ChildEvents {
  /** It answers /health and /metrics there; called again after a respawn. */
  onListening(child: ShardChild, door: { readonly process: string; readonly port: number }): void
  onReady(child: ShardChild): void
  onExit(child: ShardChild, exit: ChildExit): void
  /** It never was ready and says that it cannot run: nothing is gained by trying again. */
  onHopeless(child: ShardChild, failure: { readonly exitCode: number; readonly sentence: string }): void
  /** Anything that facts() tells. */
  onChange(): void
}

export interface ShardChildDeps {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Log
  readonly permit: SpawnPermit
  readonly events: ChildEvents
}

export class ShardChild {
  readonly #deps: ShardChildDeps
  readonly #generation: Generation
  #role: ChildRole
  #state: ChildState = 'waiting'
  #process: ChildProcess | null = null
  #incarnation: string | null = null
  #failure: { readonly exitCode: number; readonly sentence: string } | null = null
  #guilds = 0
  #owned = 0
  #lives = 0
  /** In any of its lives: what works once is tried again. */
  #wasReady = false
  #waitsFor: string | null = null
  #isEnding = false
  /** Of the newest switch that it was told. */
  #order = 0
  /** It is to be told to switch, as soon as it can follow. */
  #mustSwitch = false
  #heardAtMs = 0
  #drainTimer: Timer | null = null
  #abort = new AbortController()

  constructor(deps: ShardChildDeps, options: { readonly generation: Generation; readonly role: ChildRole }) {
    this.#deps = deps
    this.#generation = options.generation
    this.#role = options.role
    deps.cluster.on('spawn', (thread) => this.#onSpawn(thread as ChildProcess))
    deps.cluster.on('message', (message) => {
      const ours = parseShardMessage(message)
      if (ours !== null) this.#onMessage(ours)
    })
  }

  facts(): ChildFacts {
    return {
      clusterId: this.#deps.cluster.id,
      generation: this.#generation,
      shards: this.#deps.cluster.shardList,
      role: this.#role,
      state: this.#state,
      pid: this.#process?.pid ?? null,
      incarnation: this.#incarnation,
      guilds: this.#guilds,
      owned: this.#owned,
      lives: this.#lives,
      waitsFor: this.#waitsFor,
    }
  }

  /** The first spawn of a wave that was allowed as a whole. */
  async spawn(): Promise<void> {
    const { cluster } = this.#deps
    this.#waitsFor = null
    this.#order = 0
    // One that starts serving takes its slots by itself.
    this.#mustSwitch = false
    Object.assign(cluster.env, {
      [placeVariables.generation]: String(this.#generation),
      [placeVariables.startsHolding]: this.#role === 'serving' ? 'no' : 'yes',
    })
    await cluster.spawn()
  }

  /** Tells it what it is to be. Serving said a second time makes it take back what others took from it. */
  setRole(role: ChildRole): void {
    this.#role = role
    this.#mustSwitch = role === 'serving'
    if (this.#mustSwitch && this.#state === 'serving') this.#state = 'heard'
    this.#follow()
    // A process that is not there, and shall not be, has left already.
    if (this.#process === null && (role === 'returning' || role === 'retiring')) this.end()
    else this.#deps.events.onChange()
  }

  /**
   * Tells it something, such as that nobody need wait for a dead process' lease to end. Not by the library's own `send`: of
   * an object it drops the promise, so a child that ended a moment ago would end the manager with a rejection.
   */
  tell(message: ManagerMessage): void {
    if (this.#process?.connected !== true) return
    this.#process.send(wrapMessage(message), (error) => {
      // A child that is gone in the meantime needs no news.
      if (error !== null) this.#deps.log.debug('child could not be told', { cluster: this.#deps.cluster.id, error })
    })
  }

  /** Drains it, and kills it when it does not end in time; it is not spawned again. */
  end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#abort.abort(new Error('ended'))
    if (this.#process === null) {
      this.#become('ended')
      return
    }
    const { pid } = this.#process
    this.#drainTimer = this.#deps.clock.after(drainTimeoutMs, () => {
      this.#deps.log.error('shard process did not drain in time, killing it', { cluster: this.#deps.cluster.id, pid })
      this.#process?.kill('SIGKILL')
    })
    this.#process.kill('SIGTERM')
  }

  /** Looks whether it is wedged; `sleptMs`: our own loop stood still for so long, which says nothing about the child. */
  look(sleptMs: number): void {
    if (this.#process === null) return
    this.#heardAtMs += sleptMs
    const silentMs = this.#deps.clock.monotonicMs() - this.#heardAtMs
    if (silentMs < (this.#state === 'starting' ? startTimeoutMs : wedgedAfterMs)) return
    const { id: cluster } = this.#deps.cluster
    this.#deps.log.error('shard process is wedged, killing it', { cluster, pid: this.#process.pid, silentMs: Math.round(silentMs) })
    this.#process.kill('SIGKILL')
  }

  #onSpawn(child: ChildProcess): void {
    this.#process = child
    this.#lives += 1
    this.#heardAtMs = this.#deps.clock.monotonicMs()
    this.#become('starting')
    child.once('exit', (exitCode, signal) => this.#onExit({ pid: child.pid ?? 0, exitCode, signal }))
    if (this.#isEnding) child.kill('SIGTERM')
  }

  #onMessage(message: ShardMessage): void {
    this.#heardAtMs = this.#deps.clock.monotonicMs()
    switch (message.kind) {
      case 'started':
        this.#incarnation = message.incarnation
        this.#become('started')
        return
      case 'listening':
        this.#deps.events.onListening(this, { process: message.process, port: message.port })
        return
      case 'heard':
        this.#guilds = message.guilds
        this.#become('heard')
        this.#follow()
        return
      case 'ready':
        this.#onReady(message)
        return
      case 'heartbeat':
        if (message.owned === this.#owned) return
        this.#owned = message.owned
        this.#deps.events.onChange()
        return
      case 'failed':
        this.#failure = { exitCode: message.exitCode, sentence: message.sentence }
    }
  }

  #onReady({ guilds, order }: { readonly guilds: number; readonly order: number }): void {
    if (order !== this.#order) return
    this.#wasReady = true
    this.#guilds = guilds
    this.#deps.permit.noteReady(this.#deps.cluster.id)
    this.#become('serving')
    this.#deps.events.onReady(this)
  }

  /** Tells the process its role, as far as it can follow it yet. */
  #follow(): void {
    if (this.#role === 'serving') {
      if (!this.#mustSwitch || this.#state !== 'heard') return
      this.#mustSwitch = false
      this.#order += 1
      this.tell({ kind: 'switch', order: this.#order })
    } else if (this.#role === 'returning' || this.#role === 'yielding') this.tell({ kind: 'hand-back' })
    else if (this.#role === 'retiring') this.tell({ kind: 'retire' })
  }

  #onExit(exit: { readonly pid: number; readonly exitCode: number | null; readonly signal: string | null }): void {
    const { events } = this.#deps
    const isPlanned = this.#isEnding || this.#role === 'returning' || this.#role === 'retiring'
    const incarnation = this.#incarnation
    const failure = this.#failure
    this.#drainTimer?.cancel()
    this.#process = null
    this.#incarnation = null
    this.#failure = null
    this.#owned = 0
    this.#become(isPlanned ? 'ended' : 'waiting')
    events.onExit(this, { ...exit, isPlanned, incarnation })
    if (isPlanned) return
    if (failure !== null && !this.#wasReady) {
      this.#waitsFor = failure.sentence
      events.onHopeless(this, failure)
      return
    }
    this.#deps.log.warn('shard process exited', { cluster: this.#deps.cluster.id, ...exit, sentence: failure?.sentence ?? null })
    void this.#spawnAgain()
  }

  async #spawnAgain(): Promise<void> {
    const { cluster, permit, log } = this.#deps
    try {
      await permit.wait({ clusterId: cluster.id, shards: cluster.shardList.length }, this.#abort.signal, (reason) => {
        this.#waitsFor = reason
        this.#deps.events.onChange()
      })
      await this.spawn()
    } catch (thrown) {
      if (this.#abort.signal.aborted) return
      log.error('shard process could not be spawned', { cluster: cluster.id, error: coerceError(thrown) })
    }
  }

  #become(state: ChildState): void {
    this.#state = state
    this.#deps.events.onChange()
  }
}
