/**
 * The simulated world of one plan: servers, processes, gateway, crowd and judges, wired as production wires its own.
 */
import { limits } from '../../kernel/limits.ts'
import { createRegistry, features } from '../../actors/behaviours/registry.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import { parseReplyText } from '../../actors/client/reply-message.ts'
import { MemoryDatabase } from '../support/memory/memory-database.ts'
import { MemoryRedis } from '../support/memory/memory-redis.ts'
import { ActorProcess } from './actor-process.ts'
import { AnswerOracle } from './answer-oracle.ts'
import { ApiProcess } from './api-process.ts'
import { Connection } from './connection.ts'
import { createCountingLog } from './counting-log.ts'
import { beginningMs, ConservationOracle } from './conservation-oracle.ts'
import { Crowd } from './crowd.ts'
import { FaultBoard } from './fault-board.ts'
import { Gateway } from './gateway.ts'
import { History } from './history.ts'
import { JournalOracle } from './journal-oracle.ts'
import { ledgerBehaviour } from './ledger.ts'
import { LivenessOracle } from './liveness-oracle.ts'
import { createOutside } from './outside.ts'
import { Manager } from './manager.ts'
import { PathWatch } from './path-watch.ts'
import type { Plan, ProcessIndex } from './plan.ts'
import { homeSlots } from './plan.ts'
import { createPostgresPorts } from './postgres-ports.ts'
import { createRandom } from './random.ts'
import { createRedisPorts } from './redis-ports.ts'
import { Scheduler } from './scheduler.ts'
import { Server } from './server.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { Verdict } from './verdict.ts'

/** The manager hears of an exit from the operating system and tells the survivors. */
const exitSeenMs = 3
/** A process that ended by itself is booted again after this long. */
const respawnDelayMs = 150

export class World {
  readonly plan: Plan
  readonly scheduler = new Scheduler()
  readonly verdict: Verdict
  readonly postgres: Server
  readonly redis: Server
  readonly database: MemoryDatabase
  readonly memoryRedis: MemoryRedis
  readonly history = new History()
  readonly registry = createRegistry([...features, ledgerBehaviour])
  readonly journal: JournalOracle
  readonly answers: AnswerOracle
  readonly paths: PathWatch
  readonly liveness: LivenessOracle
  readonly board: FaultBoard
  readonly gateway: Gateway
  readonly crowd: Crowd
  readonly manager: Manager
  readonly conservation: ConservationOracle
  readonly actors: readonly ActorProcess[]
  readonly apis: readonly ApiProcess[]
  isCalm = false

  constructor(plan: Plan, options: { readonly isTracing: boolean }) {
    const { scheduler, history } = this
    this.plan = plan
    this.verdict = new Verdict({ now: () => scheduler.now, isTracing: options.isTracing })
    this.paths = new PathWatch(this.verdict)
    this.postgres = new Server('postgres', scheduler)
    this.redis = new Server('redis', scheduler)
    this.database = new MemoryDatabase(this.postgres.clock)
    // Slots that nobody lives in would only cost time.
    for (const slot of this.database.slots.keys()) if (!plan.slots.includes(slot)) this.database.slots.delete(slot)
    this.memoryRedis = new MemoryRedis(this.redis.clock)
    this.journal = this.#createJournalOracle()
    this.answers = new AnswerOracle({ history, journal: this.journal, verdict: this.verdict, now: () => scheduler.now })
    this.board = new FaultBoard({
      weather: plan.weather,
      random: createRandom(plan.seed, 'fates'),
      verdict: this.verdict,
      crash: (process) => this.crash(process, { downMs: 300, isSeen: false }),
      crashSeen: (process) => this.crash(process, { downMs: 600, isSeen: true }),
      pause: (process, forMs) => this.pause(process, forMs),
      onStrike: ({ forMs, strike }) => {
        this.liveness.disturb(scheduler.now + Math.min(forMs, 5_000))
        this.conservation.excuse(strike)
      },
    })
    this.actors = Array.from({ length: plan.actorProcesses }, (_, index) => this.#createActor(index))
    this.apis = Array.from({ length: plan.apiProcesses }, (_, index) => this.#createApi(plan.actorProcesses + index))
    const { actors, apis, verdict } = this
    this.liveness = new LivenessOracle({
      scheduler,
      database: this.database,
      actors,
      slots: plan.slots,
      verdict,
      slackMs: slackOf(plan),
      isJudged: () => this.isCalm || (plan.weather.lossProbability === 0 && plan.weather.slow.probability === 0),
    })
    const random = createRandom(plan.seed, 'gateway')
    this.gateway = new Gateway({ plan, scheduler, random, processes: actors, journal: this.journal, verdict })
    this.manager = new Manager({
      plan,
      scheduler,
      verdict,
      actors,
      boot: (process) => this.bootLater(process, 5),
      onTold: () => this.liveness.disturb(),
    })
    const { truth } = this.gateway
    this.conservation = new ConservationOracle({ database: this.database, truth, verdict, now: () => scheduler.now })
    if (tellsOfFeeds(plan)) this.conservation.excuse('feeds that are told to be lost')
    this.crowd = new Crowd({
      plan,
      scheduler,
      random: createRandom(plan.seed, 'crowd'),
      history,
      gateway: this.gateway,
      database: this.database,
      actors,
      apis,
    })
  }

  /** Boots everything and lets the load begin. */
  start(): void {
    for (const process of this.manager.serving) this.actors[process]?.boot({ generation: 1, isHolding: false })
    for (const process of this.apis) process.boot()
    this.manager.start()
    this.crowd.start()
    this.liveness.start()
  }

  process(index: ProcessIndex): ActorProcess | ApiProcess {
    const process = index < this.actors.length ? this.actors[index] : this.apis[index - this.actors.length]
    if (process === undefined) throw new Error(`no process ${index}`)
    return process
  }

  pause(index: ProcessIndex, forMs: number): void {
    const { machine } = this.process(index)
    if (!machine.isUp) return
    this.conservation.excuse('pause')
    this.verdict.tell(() => `${machine.name} pauses for ${forMs.toFixed(1)} ms`)
    this.liveness.disturb(this.scheduler.now + forMs)
    machine.pause(this.scheduler.now + forMs)
    if (!this.isCalm && forMs > limits.leaseTtlMs) this.crowd.askAround(index, this.scheduler.now + forMs)
  }

  crash(index: ProcessIndex, { downMs, isSeen }: { readonly downMs: number; readonly isSeen: boolean }): void {
    const process = this.process(index)
    if (!process.machine.isUp) return
    this.verdict.tell(() => `${process.machine.name} dies`)
    this.conservation.excuse('crash')
    if (this.manager.isRescaling && index < this.actors.length) this.verdict.count('process died in a rescale')
    if (isSeen && index < this.actors.length) this.liveness.onSeenExit(exitSeenMs)
    if (!isSeen) this.liveness.onUnseenExit()
    this.liveness.disturb()
    const dead = this.actors[index]?.incarnation
    process.die()
    this.bootLater(index, downMs)
    if (!isSeen || dead === undefined) return
    for (const survivor of this.actors) {
      if (!survivor.machine.isUp) continue
      survivor.machine.post('manager', this.scheduler.now + exitSeenMs, () => survivor.runtime?.keeper.reportDead(dead))
    }
  }

  bootLater(index: ProcessIndex, delayMs: number): void {
    const process = this.process(index)
    this.liveness.disturb()
    this.scheduler.after(delayMs, () => {
      if (process.machine.isUp) return
      const how = process instanceof ActorProcess ? this.manager.bootOf(index) : null
      if (process instanceof ActorProcess && how === null) {
        this.gateway.onGone(index)
        return
      }
      this.liveness.disturb()
      this.verdict.tell(() => `${process.machine.name} boots ${JSON.stringify(how)}`)
      if (process instanceof ApiProcess) process.boot()
      else if (how !== null) {
        this.gateway.onBoot(index)
        process.boot(how)
      }
    })
  }

  #createJournalOracle(): JournalOracle {
    const reads = new Set(['read', 'voice-read', 'voice-change'])
    return new JournalOracle({
      database: this.database,
      redis: this.memoryRedis,
      verdict: this.verdict,
      knowsFeeds: !tellsOfFeeds(this.plan),
      arePositionsComparable: !losesStreams(this.plan) || !stepsRedisBack(this.plan),
      hasPoison: asksForPoison(this.plan),
      mayMeetLastGuard: stepsDatabase(this.plan),
      mayEndUnwritten: (guildId, opId) => {
        const operation = this.history.find(guildId, opId)
        // A forwarded dispatch: a lost one is found by the next reconcile.
        if (operation === undefined) return opId.startsWith('feed:')
        return reads.has(operation.kind) || this.answers.wasRefused(guildId, opId)
      },
    })
  }

  #createMachine(name: string): SimulatedProcess {
    return new SimulatedProcess(name, { scheduler: this.scheduler, random: createRandom(this.plan.seed, `machine ${name}`) })
  }

  #createActor(index: ProcessIndex): ActorProcess {
    const machine = this.#createMachine(`actor-${index}`)
    const { verdict, plan, scheduler } = this
    const actor: ActorProcess = new ActorProcess({
      machine,
      scheduler,
      verdict,
      answers: this.answers,
      registry: this.registry,
      home: homeSlots(plan, index),
      heldChangesMax: plan.heldChangesMax,
      random: createRandom(plan.seed, `bytes ${machine.name}`),
      log: createCountingLog(verdict, machine.name, (phrase, fields) => {
        this.paths.onLog(machine.name, phrase, fields)
        // It knows now that its lease had ended, and answers from memory no more.
        if (phrase === 'lease had ended and begins anew') actor.isExcused = false
        if (phrasesOfExcuse.has(phrase)) this.conservation.excuse(phrase)
      }),
      createPostgresPorts: () => this.#createPostgresPorts(machine, index),
      createRedisPorts: () => this.#createRedisPorts(machine, index),
      createOutside: () =>
        createOutside({
          scheduler,
          machine,
          verdict,
          random: createRandom(plan.seed, `outside ${machine.name} ${machine.life}`),
          database: this.database,
          journal: this.journal,
          paths: this.paths,
          isCalm: () => this.isCalm,
        }),
      onEnd: (operation, attempt) => this.crowd.onEnd(operation, attempt),
      onReady: () => this.gateway.onConnect(index),
      onSwitch: ({ changes }) => verdict.count(changes.length > 0 ? 'switch with held changes' : 'switch without held changes'),
      onExit: () => this.bootLater(index, respawnDelayMs),
      onSlotServed: (slot, taken) => {
        verdict.tell(() => `${machine.name} serves slot ${slot} ${JSON.stringify(taken)}`)
        this.#onSlotMoves()
        if (taken.silentSince === null) this.#noteUnsaid()
        else if (this.manager.isAborting) verdict.count('slot taken back after an abort')
        else if (this.manager.isRescaling) verdict.count('slot switched')
      },
      onSlotLeaving: () => this.#onSlotMoves(),
      onSlotLost: (slot, how) => {
        this.journal.onSlotLost(slot, `${machine.name}:${machine.life}`)
        this.#onSlotMoves()
        if (how === 'lost') this.conservation.excuse('slot lost')
        verdict.tell(() => `${machine.name} ${how} slot ${slot}`)
      },
    })
    return actor
  }

  /** Silent for a moment, by plan. */
  #onSlotMoves(): void {
    if (this.manager.isRescaling) this.liveness.disturb()
  }

  /** Without its owner's word a slot is only taken at the very beginning, by whoever is up first and then by who hears it. */
  #noteUnsaid(): void {
    if (this.scheduler.now > beginningMs) this.conservation.excuse('slot taken')
  }

  #createApi(index: ProcessIndex): ApiProcess {
    const machine = this.#createMachine(`api-${index}`)
    return new ApiProcess({
      machine,
      scheduler: this.scheduler,
      answers: this.answers,
      log: createCountingLog(this.verdict, machine.name),
      createPostgresPorts: () => this.#createPostgresPorts(machine, index),
      createRedisPorts: () => this.#createRedisPorts(machine, index),
      onEnd: (operation, attempt) => this.crowd.onEnd(operation, attempt),
      onExit: () => this.bootLater(index, respawnDelayMs),
    })
  }

  #connect(machine: SimulatedProcess, index: ProcessIndex, server: Server) {
    const random = createRandom(this.plan.seed, `connections ${machine.name} ${machine.life} ${server.name}`)
    return (options: { readonly name: string; readonly isOrdered: boolean }): Connection =>
      new Connection(
        {
          scheduler: this.scheduler,
          random,
          process: machine,
          server,
          fateOf: (operation, at) => this.board.fateOf(index, operation, at),
          onLoss: (operation, loss) => {
            this.verdict.count(`${server.name}: ${loss}`)
            this.verdict.tell(() => `${machine.name}: ${loss} ${operation}`)
          },
        },
        options,
      )
  }

  #createPostgresPorts(machine: SimulatedProcess, index: ProcessIndex) {
    return createPostgresPorts({
      database: this.database,
      connect: this.#connect(machine, index, this.postgres),
      watcher: {
        onCommit: (batch, outcome, isLate) => {
          this.verdict.tell(() => {
            const heads = batch.heads.map(({ guildId, from, to }) => `${slotOf(guildId)}/${guildId} ${from}→${to}`)
            const slots = batch.slots.map(({ slot, fence }) => `${slot}@${fence}`)
            return `${machine.name} commit ${slots.join(' ')} [${heads.join(', ')}] → ${outcome.kind}`
          })
          this.journal.onCommit(batch, outcome)
          this.paths.onCommit(batch, outcome, isLate)
        },
        onStatementSent: (operation, argument) => {
          if (operation === 'takeSlots') this.crowd.askWhileTaking(index, argument)
        },
        onCommitSent: (lane, batch) => this.paths.onCommitSent(`${machine.name} ${lane}`, batch),
        onCommitAnswered: (lane) => this.paths.onCommitAnswered(`${machine.name} ${lane}`),
        onStatement: (operation, argument, answer) => {
          this.paths.onStatement(this.actors[index], operation, answer)
          this.verdict.tell(() => `${machine.name} ${operation} ${short(argument)} → ${short(answer)}`)
        },
      },
    })
  }

  #createRedisPorts(machine: SimulatedProcess, index: ProcessIndex) {
    const random = createRandom(this.plan.seed, `messages ${machine.name} ${machine.life}`)
    const { life } = machine
    return createRedisPorts({
      redis: this.memoryRedis,
      connect: this.#connect(machine, index, this.redis),
      watcher: {
        onPublish: (channel, message) => {
          this.verdict.tell(() => `${machine.name} publishes to ${channel}: ${message}`)
          if (!channel.startsWith('replies:')) {
            this.verdict.count(`bus: ${(JSON.parse(message) as { kind: string }).kind}`)
            return
          }
          const isExcused = this.actors[index]?.isExcused ?? false
          this.answers.onLeaves({ ...parseReplyText(message), from: machine.name, isExcused })
        },
        onAppended: (slot, entry) => {
          this.journal.onAppended(slot)
          if (entry.opId.startsWith('feed:')) this.verdict.count('dispatch forwarded to the new owner')
        },
        onLiveness: (rememberedForMs) => this.paths.onLiveness(rememberedForMs),
      },
      enter: (run) => {
        if (machine.life === life) machine.post('main', 0, run)
      },
      deliver: (tell) => {
        if (machine.life !== life || !this.redis.isUp || !this.redis.canReach(machine)) return
        if (!this.isCalm && random.chance(this.plan.weather.lossProbability)) {
          this.verdict.count('message lost')
          return
        }
        const [min, max] = this.plan.weather.latencyMs.redis
        machine.post('messages', this.scheduler.now + random.between(min, max), tell)
      },
    })
  }
}

/** After these a guild was reconciled, or its turns came late: what happened in voice is not told to the second. */
const phrasesOfExcuse = new Set([
  'too much was heard of a slot before it was ours',
  'rows of a guild were refused',
  'command broke an activation',
])

/** A takeover is a dozen round trips; after a loss of Redis leases are remembered from the next renewal on. */
function slackOf(plan: Plan): number {
  const roundTripMs = 2 * Math.max(...plan.weather.latencyMs.postgres, ...plan.weather.latencyMs.redis)
  return 12 * roundTripMs + (losesStreams(plan) ? limits.leaseRenewIntervalMs : 0)
}

/** What processes tell of their feeds comes as a dispatch here, and is carried on like one. */
const tellsOfFeeds = ({ actions }: Plan): boolean =>
  actions.some((action) => action.kind === 'dispatch' && action.what.kind === 'voice-told')

const losesStreams = ({ faults }: Plan): boolean =>
  faults.some((fault) => fault.kind === 'flush' || (fault.kind === 'outage' && fault.isEmptied))

const stepsDatabase = ({ faults }: Plan): boolean =>
  faults.some((fault) => fault.kind === 'clock-step' && fault.machine === 'postgres')

const asksForPoison = ({ actions }: Plan): boolean =>
  actions.some((action) => action.kind === 'ask' && action.command.kind === 'poison-row')

const stepsRedisBack = ({ faults }: Plan): boolean =>
  faults.some((fault) => fault.kind === 'clock-step' && fault.machine === 'redis' && fault.byMs < 0)

function short(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => (part instanceof Uint8Array ? undefined : part)) ?? ''
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
