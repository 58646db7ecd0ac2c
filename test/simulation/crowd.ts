/**
 * Those who ask: runs the plan's actions, and asks again, under the same op id, what got no final answer.
 *
 * A person whose process died sometimes tries elsewhere and sometimes gives up. When the faults have stopped everybody
 * asks until there is a final answer: what nobody can settle then would hang for ever.
 */
import type { GuildId, OpId } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { uuidV7 } from '../../kernel/uuid.ts'
import type { Command } from '../../actors/protocol/command.ts'
import type { ActorProcess } from './actor-process.ts'
import type { ApiProcess } from './api-process.ts'
import type { Gateway } from './gateway.ts'
import { finalOutcome } from './history.ts'
import { questionOf, withFacts } from './class-facts.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'
import type { Attempt, History, Operation, OperationKind } from './history.ts'
import { asCommand } from './ledger.ts'
import type { LedgerCommand } from './ledger.ts'
import type { Action, Plan, ProcessIndex } from './plan.ts'
import { homeSlots } from './plan.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import { wallStartMs } from './simulated-process.ts'

type Ask = Extract<Action, { kind: 'ask' }>
type Door = ActorProcess | ApiProcess

export interface CrowdDeps {
  readonly plan: Plan
  readonly scheduler: Scheduler
  readonly random: Random
  readonly history: History
  readonly gateway: Gateway
  readonly database: MemoryDatabase
  readonly actors: readonly ActorProcess[]
  readonly apis: readonly ApiProcess[]
}

/** Probability that who lost an answer with its process asks again while faults last. */
const triesAgainProbability = 0.8
const lastPhaseDeadlineMs = 3_000

export class Crowd {
  readonly #deps: CrowdDeps
  #isLastPhase = false

  constructor(deps: CrowdDeps) {
    this.#deps = deps
  }

  /**
   * After a step of the database's clock processes that calibrated before and after it disagree for as long as both
   * live: deadlines between them mean nothing, and only what has none is surely answered.
   */
  get #isDatabaseTimeTorn(): boolean {
    return this.#deps.plan.faults.some((fault) => fault.kind === 'clock-step' && fault.machine === 'postgres')
  }

  start(): void {
    const { scheduler, plan } = this.#deps
    for (const action of plan.actions) scheduler.at(action.atMs, () => this.#act(action))
  }

  /** Everything unsettled is asked until it is settled. */
  settleAll(): void {
    this.#isLastPhase = true
    const asked = this.#deps.history.operations.slice()
    for (const operation of asked) {
      if (operation.attempts.every(({ isOpen }) => !isOpen)) this.#askAgain(operation)
    }
  }

  get isSettled(): boolean {
    return this.#deps.history.operations.every(
      (operation) =>
        (finalOutcome(operation) !== null || operation.isGivenUp) && operation.attempts.every(({ isOpen }) => !isOpen),
    )
  }

  onEnd(operation: Operation, attempt: Attempt): void {
    if (finalOutcome(operation) !== null) return
    const { random, scheduler, database } = this.#deps
    const question = questionOf(attempt.outcome)
    if (question !== null) operation.command = withFacts(database, operation.guildId, { command: operation.command, question })
    const triesAgain = this.#isLastPhase || question !== null || random.chance(triesAgainProbability)
    if (!triesAgain) {
      operation.isGivenUp = true
      return
    }
    const pauseMs = attempt.outcome === null ? random.between(1, 1_500) : random.between(5, 500)
    scheduler.after(pauseMs, () => {
      if (operation.attempts.every(({ isOpen }) => !isOpen)) this.#askAgain(operation)
    })
  }

  /**
   * A process stops for longer than its lease: others write to the guilds it had, and somebody asks it for them just
   * before it goes on.
   */
  askAround(stopped: ProcessIndex, untilMs: number): void {
    const { plan, scheduler, actors } = this.#deps
    for (const guildId of plan.guilds) {
      if (!homeSlots(plan, stopped).includes(slotOf(guildId))) continue
      const other = (stopped + 1) % actors.length
      scheduler.at(untilMs - 100, () => this.#askNew(guildId, other, { kind: 'append', value: `late ${guildId} ${untilMs}` }))
      scheduler.at(untilMs - 0.01, () => this.#askNew(guildId, stopped, { kind: 'read' }))
    }
  }

  /** Somebody asks for a guild whose slot is just being taken. */
  askWhileTaking(taker: ProcessIndex, argument: unknown): void {
    const { plan, random, scheduler } = this.#deps
    if (this.#isLastPhase || !random.chance(0.3)) return
    const { seen } = argument as { readonly seen: readonly { readonly slot: number }[] }
    const wanted = plan.guilds.filter((guild) => seen.some(({ slot }) => slot === slotOf(guild)))
    if (wanted.length === 0) return
    const value = `taking ${scheduler.now}`
    scheduler.after(random.between(0, 1), () => this.#askNew(random.pick(wanted), taker, { kind: 'append', value }))
  }

  #askNew(guildId: GuildId, via: ProcessIndex, what: { kind: 'read' } | { kind: 'append'; value: string }): void {
    if (this.#isLastPhase) return
    const command: LedgerCommand =
      what.kind === 'read' ? { feature: 'ledger', kind: 'read' } : { feature: 'ledger', posts: false, ...what }
    this.#act({ kind: 'ask', atMs: this.#deps.scheduler.now, via, guildId, command, deadlineMs: null, isDoubled: false })
  }

  #act(action: Action): void {
    const { gateway, scheduler, random } = this.#deps
    if (action.kind === 'dispatch') {
      const hearers = gateway.dispatch(action.guildId, action.what)
      if (action.isReplayed) for (const process of hearers) scheduler.after(random.between(0, 400), () => gateway.replay(process))
      return
    }
    const operation = this.#createOperation(action)
    this.#ask(operation, action.via, action.deadlineMs)
    if (action.isDoubled) this.#ask(operation, null, action.deadlineMs)
  }

  #createOperation(action: Ask): Operation {
    const { history } = this.#deps
    const number = history.operations.length
    const { command, kind } = whatIsAsked(action)
    const operation: Operation = { number, guildId: action.guildId, opId: nameOf(number, this.#deps.scheduler.now), kind, command, attempts: [], isGivenUp: false }
    history.add(operation)
    return operation
  }

  #askAgain(operation: Operation): void {
    if (finalOutcome(operation) !== null || (this.#isRead(operation) && operation.isGivenUp)) return
    operation.isGivenUp = false
    const deadlineMs = this.#isDatabaseTimeTorn ? null : lastPhaseDeadlineMs
    this.#ask(this.#isRead(operation) ? this.#readAnew(operation) : operation, null, deadlineMs)
  }

  #isRead({ kind }: Operation): boolean {
    return kind === 'read' || kind === 'voice-read'
  }

  /** An answer under the same op id may be as old as the first question: who wants to know now asks under a new one. */
  #readAnew(operation: Operation): Operation {
    const { history } = this.#deps
    const number = history.operations.length
    const again: Operation = { ...operation, number, opId: nameOf(number, this.#deps.scheduler.now), attempts: [], isGivenUp: false }
    history.add(again)
    operation.isGivenUp = true
    return again
  }

  /** Through the wanted process if it can be asked, else through any other. */
  #ask(operation: Operation, wanted: ProcessIndex | null, deadlineMs: number | null): void {
    const { actors, apis, random, scheduler } = this.#deps
    const doors: readonly Door[] = this.#isLastPhase && this.#isDatabaseTimeTorn ? actors : [...actors, ...apis]
    const open = doors.filter((door) => canBeAsked(door) && !door.asker.isAsking(operation))
    const [first] = open
    if (first === undefined) {
      scheduler.after(random.between(50, 300), () => this.#ask(operation, null, deadlineMs))
      return
    }
    const preferred = wanted === null ? undefined : doors[wanted]
    const door = preferred !== undefined && open.includes(preferred) ? preferred : random.pick(open)
    door.ask(operation, deadlineMs)
  }
}

const canBeAsked = (door: Door): boolean => ('runtime' in door ? door.runtime !== null : door.isReady)

/** An hour: what a clock that nobody set may be off. */
const lyingClockMs = 3_600_000

/**
 * Names as they really are: most carry the time they were made (requests, interactions), some carry none, and some were
 * made by a clock that is an hour ahead.
 */
function nameOf(number: number, nowMs: number): OpId {
  if (number % 4 === 3) return opId(`op-${number}`)
  const random = new Uint8Array(16)
  new DataView(random.buffer).setUint32(8, number)
  return opId(uuidV7(wallStartMs + nowMs + (number % 10 === 6 ? lyingClockMs : 0), random))
}

function whatIsAsked({ command }: Ask): { command: Command; kind: OperationKind } {
  switch (command.kind) {
    case 'track-all': {
      const byUserId = '1' as Extract<Command, { kind: 'set-tracking-mode' }>['byUserId']
      return { command: { feature: 'voice-attendance', kind: 'set-tracking-mode', mode: 'all', byUserId }, kind: 'voice-setting' }
    }
    case 'read-board': {
      const forUserId = '1001' as Extract<Command, { kind: 'read-leaderboard' }>['forUserId']
      return { command: { feature: 'voice-attendance', kind: 'read-leaderboard', page: 1, forUserId }, kind: 'voice-read' }
    }
    case 'voice':
      return { command: command.asks, kind: 'voice-change' }
    case 'append':
      return { command: asCommand(command), kind: 'append' }
    case 'read':
      return { command: asCommand(command), kind: 'read' }
    case 'set-alarm':
    case 'ring':
    case 'note-posted':
      return { command: asCommand(command), kind: 'set-alarm' }
    case 'throw-deciding':
    case 'throw-evolving':
    case 'poison-row':
      return { command: asCommand(command), kind: 'break' }
  }
}

