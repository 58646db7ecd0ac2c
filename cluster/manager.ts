/**
 * The manager, put together: topology, processes, requests, status. main.ts starts and ends it.
 *
 * Its first generation begins at once when nobody lives; beside processes that an earlier manager left it begins as a
 * rescale does: it hears and holds until it can take over everything, and the orphans end when they have no slot left.
 */
import type { Clock } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { StoredTopology } from '../prisma/topology-store.ts'
import { Conductor, describeServing } from './conductor.ts'
import { Fleet } from './fleet.ts'
import type { FleetDeps } from './fleet.ts'
import type { GatewayBot } from './gateway-bot.ts'
import type { RunningGeneration } from './generation.ts'
import { IdentifyGate, explainBudget } from './identify-gate.ts'
import type { ManagerStatus } from './manager-status.ts'
import { StatusWriter } from './manager-status.ts'
import { ManagerVitals } from './manager-vitals.ts'
import type { WantedShape } from './next-topology.ts'
import { describeWanted, nextTopology } from './next-topology.ts'
import { RequestDesk, settleLeftRequest } from './request-desk.ts'
import { makeCurrentSurely, moveSurely, rescale } from './rescale.ts'
import type { ManagerStores } from './stores.ts'
import type { ProgressStep } from './wish.ts'

/** Rows that tell all that matters: the current ones, and what was left half done. */
const rowsMax = 20
/** For the first generation: there is nobody who would wait more patiently. */
const preparePatienceMs = 600_000

export interface ManagerDeps {
  readonly clock: Clock
  readonly log: Log
  readonly stores: ManagerStores
  readGateway(): Promise<GatewayBot>
  readonly version: string
  readonly createGeneration: (gate: IdentifyGate) => FleetDeps['createGeneration']
  tellParent(message: object): void
  /** The manager has to end: its processes cannot run, or another manager has taken over. */
  onEnd(end: { readonly reason: string; readonly exitCode: number; readonly sentence: string }): void
}

export interface ManagerOptions {
  readonly me: string
  readonly pid: number
  /** Where health and metrics of everything are served. */
  readonly health: { readonly host: string; readonly port: number }
  readonly wanted: WantedShape
  /** Exit code of a manager that is not needed any more. */
  readonly exitCodeSuperseded: number
}

export class Manager {
  readonly #deps: ManagerDeps
  readonly #options: ManagerOptions
  readonly #gate: IdentifyGate
  readonly #fleet: Fleet
  readonly #vitals: ManagerVitals
  readonly #conductor: Conductor
  readonly #desk: RequestDesk
  readonly #status: StatusWriter
  readonly #abort = new AbortController()
  /** True once a topology of ours served whole: what cannot run afterwards is tried again. */
  #hasServed = false

  constructor(deps: ManagerDeps, options: ManagerOptions) {
    this.#deps = deps
    this.#options = options
    const { clock, log, stores } = deps
    this.#gate = new IdentifyGate({ clock, readGateway: () => deps.readGateway() })
    this.#vitals = new ManagerVitals({ log, strength: () => this.#fleet.strength(), status: () => this.status() }, { version: deps.version })
    this.#fleet = new Fleet({
      log,
      vitals: this.#vitals,
      createGeneration: deps.createGeneration(this.#gate),
      tellParent: (message) => deps.tellParent(message),
      onHopeless: (failure) => this.#onHopeless(failure),
    })
    const onStep = (step: ProgressStep): void => this.#onStep(step)
    const configured = describeWanted(options.wanted)
    this.#conductor = new Conductor({ clock, log, gate: this.#gate, topologies: stores.topologies, fleet: this.#fleet, configured, onStep })
    this.#desk = new RequestDesk({
      clock,
      log,
      requests: stores.requests,
      me: options.me,
      carryOut: (wish, signal) => this.#conductor.carryOut(wish, signal),
      progress: () => this.#conductor.progress(),
      alsoLook: () => this.#lookForSuccessor(),
    })
    this.#status = new StatusWriter({ clock, log, write: (text, ttlMs) => stores.writeStatus(text, ttlMs), read: () => this.status() })
  }

  /** Resolves when every shard has a process that is ready. Throws what keeps it from beginning, with the remedy. */
  async start(): Promise<void> {
    const { log, stores, clock } = this.#deps
    const { health } = this.#options
    const healthPort = await this.#vitals.start(health)
    log.info('health and metrics', { host: health.host, port: healthPort })
    this.#deps.tellParent({ kind: 'listening', healthPort })
    const rows = await stores.topologies.listTopologies(rowsMax)
    const gateway = await this.#deps.readGateway()
    const next = nextTopology(rows, { wanted: this.#options.wanted, recommendedShards: gateway.shards })
    for (const { generation, from } of next.toAbort) await moveSurely({ clock, log, topologies: stores.topologies }, { generation, from, to: 'aborted' })
    const left = await settleLeftRequest(stores.requests, (generation) => rows.some((row) => row.generation === generation && row.phase === 'current'))
    const living = await stores.countLivingProcesses()
    const { overruled } = next
    log.info('starting', { ...next.row, living, overruled, leftRequest: left?.state ?? null, recommendedShards: gateway.shards })
    await this.#checkBudget(next.row.shardCount)
    this.#status.start()
    if (living === 0) await this.#startAlone({ ...next.row, phase: 'current' })
    else await this.#startBeside({ ...next.row, phase: 'prepare' })
    this.#desk.start()
  }

  /** Gives up what is half done, drains every process. Idempotent through main.ts. */
  async stop(): Promise<void> {
    const reason = new Error('the manager was told to end')
    this.#vitals.noteDraining()
    this.#abort.abort(reason)
    await Promise.all([this.#desk.stop(reason.message), this.#fleet.stop()])
    this.#status.stop()
    await this.#vitals.stop()
    await this.#deps.stores.close()
  }

  status(): ManagerStatus {
    const { me, pid } = this.#options
    const identify = this.#gate.newest()
    const name = this.#desk.busyWith
    return {
      kind: 'manager',
      manager: me,
      pid,
      at: this.#deps.clock.wallMs(),
      topology: this.#fleet.shape(),
      isWhole: this.#fleet.isWhole(),
      processes: this.#fleet.facts().filter(({ state }) => state !== 'ended'),
      identify: identify === null ? null : { left: identify.left, total: identify.total, resetAfterMs: identify.resetAfterMs },
      request: name === null ? null : { name, progress: this.#conductor.progress() },
    }
  }

  async #startAlone(row: StoredTopology): Promise<void> {
    const { topologies } = this.#deps.stores
    // Two rows, so that a manager that dies in between leaves nothing that looks as if it served.
    if (!(await topologies.insertTopology({ ...row, phase: 'prepare' }))) throw anotherManager()
    await makeCurrentSurely({ ...this.#deps, topologies }, { generation: row.generation, from: 'prepare' })
    const generation = this.#fleet.add(row)
    this.#fleet.setServing([generation])
    await generation.start('serving')
    await this.#whenWhole(generation)
  }

  async #startBeside(row: StoredTopology): Promise<void> {
    const { clock, log, stores } = this.#deps
    if (!(await stores.topologies.insertTopology(row))) throw anotherManager()
    const target = this.#fleet.add(row)
    const outcome = await rescale(
      { clock, log, topologies: stores.topologies, onStep: (step) => this.#onStep(step) },
      { target, row, old: [], signal: this.#abort.signal, preparePatienceMs },
    )
    if (outcome.kind === 'aborted') {
      if (this.#abort.signal.aborted) return
      throw new AppError('child-failed', `The processes that an earlier manager left could not be relieved: ${outcome.sentence}. They serve on for at most ten minutes; start the manager again.`)
    }
    this.#fleet.setServing([target])
    await this.#whenWhole(target)
  }

  async #whenWhole(generation: RunningGeneration): Promise<void> {
    await generation.until((facts) => facts.every(({ state }) => state === 'serving'), this.#abort.signal).catch(() => undefined)
    if (this.#abort.signal.aborted) return
    this.#hasServed = true
    this.#deps.log.info('serving', { topology: describeServing(this.#fleet.shape()) })
  }

  async #checkBudget(shards: number): Promise<void> {
    const budget = await this.#gate.ask({ shards, keepsReserve: false })
    if (!budget.isOpen) throw new AppError('discord-unavailable', explainBudget(budget, shards))
  }

  /** Another manager made a topology current: its processes have our slots, and ours are only in the way. */
  async #lookForSuccessor(): Promise<void> {
    const ours = this.#fleet.shape()
    if (ours === null) return
    const newest = await this.#deps.stores.topologies.currentTopology()
    if (newest === null || newest.generation <= ours.generation || this.#desk.busyWith !== null) return
    const sentence = `Another manager has taken over with generation ${newest.generation}; this one ends.`
    this.#deps.onEnd({ reason: 'superseded', exitCode: this.#options.exitCodeSuperseded, sentence })
  }

  #onHopeless(failure: { readonly exitCode: number; readonly sentence: string }): void {
    if (this.#hasServed) this.#desk.abort(failure.sentence)
    else this.#deps.onEnd({ reason: 'a shard process cannot run', exitCode: failure.exitCode, sentence: failure.sentence })
  }

  #onStep(step: ProgressStep): void {
    this.#deps.log.info('topology step', { step, request: this.#desk.busyWith })
    this.#deps.tellParent({ kind: 'topology-step', step })
    this.#desk.noteProgress()
  }
}

const anotherManager = (): AppError =>
  new AppError('configuration-invalid', 'Another manager starts at this moment. Look with `muster status`; only one manager may run.')
