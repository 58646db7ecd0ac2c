/**
 * One shard process of the simulated cluster: the production runtime, unchanged, between simulated ports.
 *
 * Each life is a new incarnation with empty memory and new connections. It starts as main does: calibrate, start, want
 * the home slots. A start that fails ends the process, and whoever supervises boots it again.
 */
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import { incarnation as toIncarnation } from '../../kernel/ids.ts'
import type { Generation, Incarnation, Slot } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Outcome } from '../../actors/protocol/command.ts'
import type { BehaviourRegistry } from '../../actors/behaviours/registry.ts'
import type { FeedEvent } from '../../actors/runtime/actor-runtime.ts'
import { ActorRuntime } from '../../actors/runtime/actor-runtime.ts'
import { CalibratedTime } from '../../actors/runtime/database-time.ts'
import type { AdvisoryRunner } from '../../actors/runtime/advisory-board.ts'
import type { EffectRunner } from '../../actors/runtime/outbox.ts'
import { Asker, envelopeOf } from './asker.ts'
import type { AskerDeps } from './asker.ts'
import type { Operation } from './history.ts'
import { plainSealer } from './plain-sealer.ts'
import { checkPlainly, signPlainly } from './plain-snapshots.ts'
import type { PostgresPorts } from './postgres-ports.ts'
import type { Random } from './random.ts'
import type { RedisPorts } from './redis-ports.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Verdict } from './verdict.ts'

export interface ActorProcessDeps extends AskerDeps {
  readonly machine: SimulatedProcess
  readonly home: readonly Slot[]
  readonly random: Random
  readonly registry: BehaviourRegistry
  readonly log: Log
  readonly verdict: Verdict
  createPostgresPorts(): PostgresPorts
  createRedisPorts(): RedisPorts
  createOutside(): EffectRunner & AdvisoryRunner
  /** The process ended by itself: its start failed, or it was told to stop and has drained. */
  onExit(): void
  onSlotServed(slot: Slot): void
  onSlotLost(slot: Slot): void
}

/** How often the offset to the database's clock is estimated anew. */
const calibrationIntervalMs = 3_000
const restIntervalMs = 170

export class ActorProcess {
  readonly machine: SimulatedProcess
  readonly asker: Asker
  readonly #deps: ActorProcessDeps
  #runtime: ActorRuntime | null = null
  #time: CalibratedTime | null = null
  #isReady = false
  #isStopping = false
  /** Its lease was ended early: until it finds out, its answers from memory may be stale. */
  isExcused = false

  constructor(deps: ActorProcessDeps) {
    this.#deps = deps
    this.machine = deps.machine
    this.asker = new Asker(deps)
  }

  get incarnation(): Incarnation {
    return toIncarnation(`${this.machine.name}:${this.machine.life}:sim`)
  }

  /** The runtime of a life that has started and neither died nor stopped. */
  get runtime(): ActorRuntime | null {
    return this.#isReady && !this.#isStopping && this.machine.isUp ? this.#runtime : null
  }

  boot(): void {
    const { machine } = this.#deps
    machine.boot()
    this.#isReady = false
    this.#isStopping = false
    this.isExcused = false
    const clock = machine.createClock()
    machine.post('main', 0, () => void this.#start(clock))
  }

  die(): void {
    this.machine.die()
    this.#runtime = null
    this.#isReady = false
    this.asker.abandonAll()
  }

  /** SIGTERM. */
  stop(): void {
    const runtime = this.runtime
    if (runtime === null) return
    this.#isStopping = true
    this.machine.post('signals', 0, () => {
      void runtime.stop().then(() => {
        const left = this.asker.openOperations()
        if (left.length > 0) this.#deps.verdict.fail('bug', `${this.machine.name} stopped and left ${left.join(' ')} unanswered`)
        this.#deps.verdict.count('process drained')
        this.die()
        this.#deps.onExit()
      })
    })
  }

  ask(operation: Operation, deadlineMs: number | null): void {
    this.asker.ask(operation, (tell) => {
      const [runtime, time] = [this.#runtime, this.#time]
      if (runtime === null || time === null || !this.#isReady) {
        tell({ status: 'refused', reason: 'stopping' })
        return
      }
      const now = time.now()
      const deadlineAt = deadlineMs === null ? null : now + deadlineMs
      void runtime.ask(envelopeOf(operation, { receivedAt: now, deadlineAt })).then((outcome) => {
        this.#answerLeaves(operation, outcome)
        tell(outcome)
      })
    })
  }

  /** A gateway event, heard when the process runs. */
  hear(event: Omit<FeedEvent, 'receivedAt'>, onTaken: (taken: ReturnType<ActorRuntime['feed']>) => void): void {
    this.machine.post('gateway', 0, () => {
      const [runtime, time] = [this.runtime, this.#time]
      if (runtime === null || time === null) return
      onTaken(runtime.feed({ ...event, receivedAt: time.now() }))
    })
  }

  #answerLeaves(operation: Operation, outcome: Outcome): void {
    const { guildId, opId } = operation
    this.#deps.answers.onLeaves({ guildId, opId, outcome, from: this.machine.name, isExcused: this.isExcused })
  }

  async #start(clock: Clock): Promise<void> {
    const { random, log, registry, home } = this.#deps
    const postgres = this.#deps.createPostgresPorts()
    const time = new CalibratedTime(clock)
    const outside = this.#deps.createOutside()
    const runtime = new ActorRuntime({
      me: this.incarnation,
      generation: 1 as Generation,
      clock,
      time,
      log,
      registry,
      sealer: plainSealer,
      checkSnapshot: checkPlainly,
      signSnapshot: signPlainly,
      effects: outside,
      advisory: outside,
      random: (length) => random.bytes(length),
      ...postgres,
      ...this.#deps.createRedisPorts(),
      hooks: {
        onSlotServed: (slot) => {
          runtime.openFeed(slot, { through: null, isTold: Promise.resolve() })
          this.#deps.onSlotServed(slot)
        },
        onSlotLost: (slot) => this.#deps.onSlotLost(slot),
      },
    })
    this.#runtime = runtime
    this.#time = time
    try {
      await time.calibrate(() => postgres.guilds.databaseTime())
      await runtime.start()
    } catch (thrown) {
      this.#deps.verdict.count('start failed')
      log.info('start failed', { error: coerceError(thrown) })
      this.die()
      this.#deps.onExit()
      return
    }
    this.#isReady = true
    this.#calibrateLater(clock, time, postgres)
    this.#restLater(clock, runtime.catalog)
    // Resolves when all serve here; a caretaker's life goes on without.
    void runtime.keeper.own(home)
  }

  /** Runs are too short for the collector's seconds: guilds are put to rest whenever they are quiet for a moment. */
  #restLater(clock: Clock, catalog: ActorRuntime['catalog']): void {
    clock.after(restIntervalMs, () => {
      for (const activation of catalog.restable(clock.monotonicMs())) {
        catalog.rest(activation)
        this.#deps.verdict.count('guild put to rest')
      }
      this.#restLater(clock, catalog)
    })
  }

  #calibrateLater(clock: Clock, time: CalibratedTime, postgres: PostgresPorts): void {
    clock.after(calibrationIntervalMs, () => {
      time
        .calibrate(() => postgres.guilds.databaseTime())
        .catch((thrown: unknown) => this.#deps.log.debug('not calibrated', { error: coerceError(thrown) }))
        .finally(() => this.#calibrateLater(clock, time, postgres))
    })
  }
}
