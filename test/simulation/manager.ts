/**
 * A manager that rescales, as far as the actors can tell: it moves processes from phase to phase and may die at any time.
 *
 *   waiting ──▶ prepare ──all heard──▶ switch ──all switched──▶ retire ──old ones ended──▶ done
 *                  │                      │
 *                  └───── abort ──────────┴──▶ aborting ──old ones serve all──▶ undoing ──new ones ended──▶ waiting, done
 *
 * The phase is durable, who was told what is not: the next life tells everybody again, and goes on or back. A process that
 * boots learns from the phase whether it holds.
 */
import type { ActorProcess } from './actor-process.ts'
import type { Plan, ProcessIndex, RescalePhase as Phase } from './plan.ts'
import { generationOf, homeSlots } from './plan.ts'
import type { Scheduler } from './scheduler.ts'
import type { Verdict } from './verdict.ts'


export interface ManagerDeps {
  readonly plan: Plan
  readonly scheduler: Scheduler
  readonly verdict: Verdict
  readonly actors: readonly ActorProcess[]
  boot(process: ProcessIndex): void
  /** Whatever is told moves slots: no bound on time holds at this instant. */
  onTold(): void
}

const lookIntervalMs = 15
/** IPC. */
const tellsWithinMs = 3
/** Said again after this long: what was wanted may have gone elsewhere meanwhile. */
const saidAgainMs = 1_000
/** An old process that still has slots is told to end all the same. */
const retirePatienceMs = 3_000

export class Manager {
  readonly #deps: ManagerDeps
  readonly #old: readonly ProcessIndex[]
  readonly #new: readonly ProcessIndex[]
  #phase: Phase = 'waiting'
  #phaseSince = 0
  #generation = 1
  #isAlive = true
  #isAbortDue = false
  #tries = 0
  #startsAt: number
  #isCalm = false
  /** When each life of each process was told last, by what it was told. */
  #told = new Map<string, number>()

  constructor(deps: ManagerDeps) {
    this.#deps = deps
    const { plan } = deps
    this.#new = plan.rescale?.processes ?? []
    this.#old = generationOf(plan, 0)
    this.#startsAt = plan.rescale?.atMs ?? Infinity
  }

  start(): void {
    if (this.#deps.plan.rescale !== null) this.#lookLater()
  }

  /** From here on it lives, and nobody gives up. */
  calm(): void {
    this.#isCalm = true
    this.#isAlive = true
    if (this.#phase === 'waiting') this.#startsAt = Infinity
  }

  get isSettled(): boolean {
    return this.#phase === 'done' || (this.#phase === 'waiting' && this.#startsAt === Infinity)
  }

  get isRescaling(): boolean {
    return this.#phase !== 'waiting' && this.#phase !== 'done'
  }

  get isAborting(): boolean {
    return this.#phase === 'aborting'
  }

  /** Processes that serve when all is quiet. */
  get serving(): readonly ProcessIndex[] {
    return this.#phase === 'done' ? this.#new : this.#old
  }

  /** How a process boots now; null: it is not to run. */
  bootOf(process: ProcessIndex): { readonly generation: number; readonly isHolding: boolean } | null {
    const phase = this.#phase
    if (this.#new.includes(process)) {
      if (phase === 'waiting' || phase === 'undoing') return null
      return { generation: this.#generation, isHolding: phase === 'prepare' || phase === 'aborting' }
    }
    if (phase === 'done' || phase === 'retire') return null
    return { generation: 1, isHolding: phase === 'switch' }
  }

  #lookLater(): void {
    this.#deps.scheduler.after(lookIntervalMs, () => {
      if (this.#isAlive) this.#look()
      this.#lookLater()
    })
  }

  #look(): void {
    switch (this.#phase) {
      case 'waiting':
        if (this.#deps.scheduler.now >= this.#startsAt) this.#prepare()
        return
      case 'prepare':
        if (this.#shouldAbort()) this.#enter('aborting')
        else if (this.#all(this.#new, ({ hasHeard }) => hasHeard)) this.#enter('switch')
        return
      case 'switch':
        if (this.#shouldAbort()) this.#enter('aborting')
        else this.#switch()
        return
      case 'aborting':
        this.#abort()
        return
      case 'retire':
        this.#retire()
        return
      case 'undoing':
        if (this.#end(this.#new)) this.#settleAbort()
        return
      case 'done':
    }
  }

  #enter(phase: Phase): void {
    const { plan, verdict, scheduler } = this.#deps
    verdict.count(`rescale: ${this.#phase} → ${phase}`)
    verdict.tell(() => `RESCALE ${this.#phase} → ${phase}, generation ${this.#generation}`)
    this.#phase = phase
    this.#phaseSince = scheduler.now
    for (const death of plan.rescale?.deaths ?? []) {
      if (death.phase === phase) scheduler.after(death.afterMs, () => this.#die(death))
    }
  }

  #prepare(): void {
    this.#generation += 1
    this.#tries += 1
    this.#enter('prepare')
    for (const process of this.#new) this.#deps.boot(process)
  }

  #shouldAbort(): boolean {
    const { plan, scheduler } = this.#deps
    const abort = plan.rescale?.abort ?? null
    if (this.#isAbortDue) return true
    if (this.#isCalm || abort === null || this.#tries > 1 || abort.phase !== this.#phase) return false
    return scheduler.now - this.#phaseSince >= abort.afterMs
  }

  #switch(): void {
    const { plan } = this.#deps
    const waiting = this.#new.filter((process) => !this.#actor(process).hasSwitched)
    if (waiting.length === 0) {
      this.#enter('retire')
      return
    }
    const next = plan.rescale?.isOneByOne === true ? waiting.slice(0, 1) : waiting
    for (const process of next) this.#tell(process, 'switch', (actor) => actor.switchTo(homeSlots(plan, process)))
  }

  #abort(): void {
    const { plan } = this.#deps
    for (const process of this.#new) this.#tell(process, 'hand back', (actor) => actor.handBack())
    for (const process of this.#old) this.#tell(process, 'take back', (actor) => actor.switchTo(homeSlots(plan, process)))
    if (this.#all(this.#old, ({ hasSwitched }) => hasSwitched)) this.#enter('undoing')
  }

  #retire(): void {
    const { scheduler } = this.#deps
    for (const process of this.#old) this.#tell(process, 'retire', (actor) => actor.handBack())
    const isPatient = scheduler.now - this.#phaseSince < retirePatienceMs
    const done = this.#old.filter((process) => !isPatient || (this.#actor(process).runtime?.ownedCount() ?? 0) === 0)
    if (this.#end(done) && done.length === this.#old.length) this.#enter('done')
  }

  /** Told to end, drained and gone. */
  #end(processes: readonly ProcessIndex[]): boolean {
    for (const process of processes) {
      const actor = this.#actor(process)
      if (actor.runtime === null) continue
      this.#deps.onTold()
      actor.stop()
    }
    return processes.every((process) => !this.#actor(process).machine.isUp)
  }

  #settleAbort(): void {
    const { plan, scheduler } = this.#deps
    this.#isAbortDue = false
    this.#enter('waiting')
    const isTriedAgain = plan.rescale?.isTriedAgain === true && this.#tries < 2 && !this.#isCalm
    this.#startsAt = isTriedAgain ? scheduler.now + saidAgainMs / 2 : Infinity
  }

  #die({ downMs, nextLife }: { readonly downMs: number; readonly nextLife: 'on' | 'back' }): void {
    if (this.#isCalm || !this.#isAlive) return
    const { scheduler, verdict } = this.#deps
    verdict.count(`manager died: ${this.#phase}`)
    verdict.tell(() => 'the manager dies')
    this.#isAlive = false
    scheduler.after(downMs, () => {
      this.#isAlive = true
      this.#told = new Map()
      if (nextLife === 'back' && (this.#phase === 'prepare' || this.#phase === 'switch')) this.#isAbortDue = true
    })
  }

  #tell(process: ProcessIndex, what: string, say: (actor: ActorProcess) => void): void {
    const { scheduler, onTold } = this.#deps
    const actor = this.#actor(process)
    if (actor.runtime === null) return
    const key = `${process} ${actor.machine.life} ${what} ${this.#phase}`
    if (scheduler.now - (this.#told.get(key) ?? -Infinity) < saidAgainMs) return
    this.#told.set(key, scheduler.now)
    onTold()
    actor.machine.post('manager', scheduler.now + tellsWithinMs, () => say(actor))
  }

  #all(processes: readonly ProcessIndex[], is: (actor: ActorProcess) => boolean): boolean {
    return processes.every((process) => is(this.#actor(process)))
  }

  #actor(process: ProcessIndex): ActorProcess {
    const actor = this.#deps.actors[process]
    if (actor === undefined) throw new Error(`no process ${process}`)
    return actor
  }
}
