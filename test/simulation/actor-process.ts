/**
 * One shard process of the simulated cluster: the production runtime and feed, unchanged, between simulated ports.
 *
 * Each life is a new incarnation with empty memory and new connections. It starts as ShardProcess does: calibrate, start,
 * hear all guilds, want the home slots; or hold until it is told to switch. A start that fails ends the process, and
 * whoever supervises boots it again.
 */
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import { incarnation as toIncarnation } from '../../kernel/ids.ts'
import type { Generation, GuildId, Incarnation, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { Outcome } from '../../actors/protocol/command.ts'
import type { FeedSwitch } from '../../actors/protocol/feed-switch.ts'
import type { ObservedVoice } from '../../actors/protocol/voice-attendance.ts'
import type { BehaviourRegistry } from '../../actors/behaviours/registry.ts'
import type { FeedEvent } from '../../actors/runtime/actor-runtime.ts'
import { ActorRuntime } from '../../actors/runtime/actor-runtime.ts'
import type { SlotLoss } from '../../actors/runtime/catalog.ts'
import { CalibratedTime } from '../../actors/runtime/database-time.ts'
import type { AdvisoryRunner } from '../../actors/runtime/advisory-board.ts'
import { hasOpenWork } from '../../actors/runtime/guild-state.ts'
import type { EffectRunner } from '../../actors/runtime/outbox.ts'
import type { WatchStore } from '../../actors/runtime/ports.ts'
import { FeedSwitcher } from '../../shards/gateway/feed-switcher.ts'
import { VoiceTracker } from '../../shards/gateway/voice-tracker.ts'
import { slotWatchedUntil } from '../../shards/gateway/watched-slots.ts'
import { Reconciler } from '../../shards/reconciler.ts'
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
  /** Changes of voice held for one slot. */
  readonly heldChangesMax: number
  readonly random: Random
  readonly registry: BehaviourRegistry
  readonly log: Log
  readonly verdict: Verdict
  createPostgresPorts(): PostgresPorts
  createRedisPorts(): RedisPorts
  createOutside(): EffectRunner & AdvisoryRunner
  /** It runs: Discord may connect it. */
  onReady(): void
  onSwitch(held: FeedSwitch): void
  /** The process ended by itself: its start failed, or it was told to stop and has drained. */
  onExit(): void
  onSlotServed(slot: Slot, taken: { readonly silentSince: number | null }): void
  onSlotLeaving(slot: Slot): void
  onSlotLost(slot: Slot, how: SlotLoss): void
}

/** How often the offset to the database's clock is estimated anew. */
const calibrationIntervalMs = 3_000
const restIntervalMs = 170
/** How often it is written until when the slots were watched. */
const watchIntervalMs = 2_000
/** Each slot is a shard of its own here: rows tell of one slot. */
const shardCount = limits.slotCount

export type HeardAs = ReturnType<FeedSwitcher['hear']>

/** What one life hears, and where it goes. */
interface Ears {
  readonly tracker: VoiceTracker
  readonly switcher: FeedSwitcher
  /** Unix ms by the database's clock. */
  now(): number
  /** Simulated ms at which all guilds had been told. */
  completeAtMs: number | null
}

export class ActorProcess {
  readonly machine: SimulatedProcess
  readonly asker: Asker
  readonly #deps: ActorProcessDeps
  #runtime: ActorRuntime | null = null
  #time: CalibratedTime | null = null
  #isReady = false
  #isStopping = false
  #isHolding = false
  #ears: Ears | null = null
  /** Of its present or last life. */
  generation = 1 as Generation
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

  boot(how: { readonly generation: number; readonly isHolding: boolean }): void {
    const { machine } = this.#deps
    machine.boot()
    this.generation = how.generation as Generation
    this.#isHolding = how.isHolding
    this.#ears = null
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

  /** True when all its guilds were told, and as ShardProcess whoever hears them too has heard as much by now. */
  get hasHeard(): boolean {
    const since = this.#ears?.completeAtMs ?? null
    if (this.runtime === null || since === null) return false
    return !this.#isHolding || this.#deps.scheduler.now - since >= 2 * limits.feedLagMs
  }

  /** True when it was told to, all home slots serve here, and what was held for them is told. */
  get hasSwitched(): boolean {
    const { runtime } = this
    return runtime !== null && !this.#isHolding && this.#deps.home.every((slot) => runtime.slots.at(slot).stays && runtime.slots.at(slot).feedGeneration === this.generation)
  }

  /** As ShardProcess does when the manager tells it. */
  switchTo(slots: readonly Slot[]): void {
    this.#isHolding = false
    if (this.hasHeard) void this.runtime?.keeper.own(slots, { evenFromNewer: true })
  }

  handBack(): void {
    this.#isHolding = true
    this.runtime?.keeper.disownAll()
  }

  /** All guilds of a new session, in order with its events; none: the session was resumed. */
  hearGuilds(guilds: readonly { readonly guildId: GuildId; readonly voices: readonly ObservedVoice[] }[], lagMs: number): void {
    this.#hearLater(lagMs, (ears) => {
      for (const { guildId, voices } of guilds) {
        ears.tracker.replace(guildId, voices, ears.now())
        ears.switcher.knowGuild(guildId, 0)
      }
      ears.completeAtMs = this.#deps.scheduler.now
      // Resolves when all serve here; a caretaker's life goes on without.
      if (!this.#isHolding) void this.runtime?.keeper.own(this.#deps.home)
    })
  }

  /** A gateway event, heard when the process runs. */
  hear(event: Omit<FeedEvent, 'receivedAt'>, lagMs: number, onHeard: (heardAs: HeardAs) => void): void {
    this.#hearLater(lagMs, (ears, now) => {
      const isNews = event.command.kind !== 'observe-voice' || ears.tracker.apply(event.guildId, event.command.voice)
      onHeard(isNews ? ears.switcher.hear({ ...event, receivedAt: now }) : 'repeated')
    })
  }

  #hearLater(lagMs: number, take: (ears: Ears, now: number) => void): void {
    this.machine.post('gateway', this.#deps.scheduler.now + lagMs, () => {
      const [runtime, time, ears] = [this.runtime, this.#time, this.#ears]
      if (runtime !== null && time !== null && ears !== null) take(ears, time.now())
    })
  }

  #answerLeaves(operation: Operation, outcome: Outcome): void {
    const { guildId, opId } = operation
    this.#deps.answers.onLeaves({ guildId, opId, outcome, from: this.machine.name, isExcused: this.isExcused })
  }

  async #start(clock: Clock): Promise<void> {
    const { random, log, registry } = this.#deps
    const postgres = this.#deps.createPostgresPorts()
    const time = new CalibratedTime(clock)
    const outside = this.#deps.createOutside()
    const runtime = new ActorRuntime({
      me: this.incarnation,
      generation: this.generation,
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
        onSlotsTaken: (slots) => ears.switcher.onSlotsTaken(slots),
        onSlotServed: (slot, taken) => {
          this.#deps.onSlotServed(slot, taken)
          ears.switcher.onSlotServed(slot, taken)
        },
        onSlotLeaving: (slot) => {
          this.#deps.onSlotLeaving(slot)
          return ears.switcher.onSlotLeaving(slot)
        },
        onSlotKept: (slot) => ears.switcher.onSlotKept(slot),
        onSlotLost: (slot, how) => {
          this.#deps.onSlotLost(slot, how)
          ears.switcher.onSlotLost(slot, how)
        },
        hearsSlot: (slot) => this.#deps.home.includes(slot),
        hears: (guild) => ears.tracker.knows(guild),
        onLoaded: (activation) => ears.reconciler.onLoaded(activation),
      },
    })
    const ears = this.#createEars(runtime, { clock, time, watch: postgres.watch })
    this.#runtime = runtime
    this.#time = time
    this.#ears = ears
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
    this.#watchLater(clock, time, postgres.watch)
    this.#deps.onReady()
  }

  #createEars(
    runtime: ActorRuntime,
    { clock, time, watch }: { readonly clock: Clock; readonly time: CalibratedTime; readonly watch: WatchStore },
  ): Ears & { readonly reconciler: Reconciler } {
    const { log, random, registry, home, heldChangesMax } = this.#deps
    const tracker = new VoiceTracker()
    const now = (): number => time.now()
    const askHere: ActorRuntime['askHere'] = (envelope, order) => {
      if (envelope.command.kind === 'switch-feed') this.#deps.onSwitch(envelope.command)
      return runtime.askHere(envelope, order)
    }
    const reconciler: Reconciler = new Reconciler({
      clock,
      runtime: { askHere, slots: runtime.slots },
      tracker,
      log,
      now,
      random: (length) => random.bytes(length),
      readWatchedUntil: async (slot) => slotWatchedUntil(await watch.readWatched().catch(() => []), slot),
      watchedUntilOf: (slot) => switcher.watchedUntilOf(slot),
      hasOpenWork: (activation) => hasOpenWork(activation.state, registry),
      hears: (slot) => home.includes(slot),
    })
    const switcher: FeedSwitcher = new FeedSwitcher({
      clock,
      generation: this.generation,
      runtime,
      tracker,
      reconciler,
      log,
      now,
      readWatched: () => watch.readWatched(),
      gapSince: () => null,
      heldChangesMax,
    })
    return { tracker, switcher, reconciler, now, completeAtMs: null }
  }

  /** As ShardWatch: what is told and durable was watched until now. */
  #watchLater(clock: Clock, time: CalibratedTime, watch: WatchStore): void {
    clock.after(watchIntervalMs, () => {
      const ears = this.#ears
      const now = time.now()
      void (ears?.switcher.settled() ?? Promise.resolve()).then(async () => {
        const { home } = this.#deps
        const slots = this.runtime?.slots
        const watched = slots === undefined ? [] : home.filter((slot) => slots.at(slot).feedGeneration === this.generation)
        const rows = watched.map((slot) => ({ shardCount, shardId: slot as number, watchedUntil: now }))
        await watch.writeWatched(rows).catch((thrown: unknown) => this.#deps.log.debug('not written', { error: coerceError(thrown) }))
        this.#watchLater(clock, time, watch)
      })
    })
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
