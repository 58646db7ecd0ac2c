/**
 * Discord's side of the gateway: one session per process that is connected, its dispatches numbered, in order, each
 * process a little behind Discord in its own way. In a rescale two processes hear the same guilds.
 *
 * A process that boots begins a new session, which tells it all its guilds first, or resumes the session of its last life
 * and hears everything again that the session ever dispatched. Now and then a living process resumes too.
 */
import type { GuildId } from '../../kernel/ids.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { Command } from '../../actors/protocol/command.ts'
import { feedOpId } from '../../actors/runtime/dispatch-marks.ts'
import type { ActorProcess, HeardAs } from './actor-process.ts'
import type { JournalOracle, TakenDispatch } from './journal-oracle.ts'
import { asCommand } from './ledger.ts'
import type { DispatchedEvent, Plan, ProcessIndex } from './plan.ts'
import { homeSlots } from './plan.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { Verdict } from './verdict.ts'
import { VoiceTruth } from './voice-truth.ts'

interface Dispatch {
  readonly guildId: GuildId
  readonly seq: number
  readonly command: Command
  readonly isUnique: boolean
}

interface Session {
  readonly id: string
  readonly dispatched: Dispatch[]
  /** False between the death of its process and the RESUME of the next life: what comes is replayed then, in order. */
  isHeard: boolean
}

export interface GatewayDeps {
  readonly plan: Plan
  readonly scheduler: Scheduler
  readonly random: Random
  readonly processes: readonly ActorProcess[]
  readonly journal: JournalOracle
  readonly verdict: Verdict
}

/** Dispatches a living process hears again when it resumes. */
const replayedMax = 4
/** Of sessions of an earlier life, those that are resumed. */
const resumeProbability = 0.3

export class Gateway {
  readonly truth = new VoiceTruth()
  readonly #deps: GatewayDeps
  readonly #sessions = new Map<ProcessIndex, Session>()
  #sessionsMade = 0
  readonly #taken = new Map<string, TakenDispatch>()
  /** Heard where the slot was not: later ones of the session may have passed over them. */
  readonly #heardElsewhere = new Set<string>()

  constructor(deps: GatewayDeps) {
    this.#deps = deps
  }

  /** It happens now; whoever hears the guild hears of it. */
  dispatch(guildId: GuildId, what: DispatchedEvent): readonly ProcessIndex[] {
    const { plan, scheduler } = this.#deps
    const command = this.#commandOf(guildId, what, scheduler.now)
    const hearers = [...this.#sessions.keys()].filter((process) => homeSlots(plan, process).includes(slotOf(guildId)))
    for (const process of hearers) {
      const session = this.#sessions.get(process) as Session
      const dispatch = { guildId, seq: session.dispatched.length + 1, command, isUnique: what.kind === 'note' }
      session.dispatched.push(dispatch)
      if (session.isHeard) this.#send(process, session, dispatch)
    }
    return hearers
  }

  /** RESUME on a living connection. */
  replay(to: ProcessIndex): void {
    const session = this.#sessions.get(to)
    if (session?.isHeard !== true) return
    this.#deps.verdict.count('feed replayed')
    for (const dispatch of session.dispatched.slice(-replayedMax)) this.#send(to, session, dispatch)
  }

  /** It boots: whatever connection it had is gone. */
  onBoot(process: ProcessIndex): void {
    const session = this.#sessions.get(process)
    if (session !== undefined) session.isHeard = false
  }

  /** The process runs and identifies, or resumes. */
  onConnect(process: ProcessIndex): void {
    const { random, scheduler } = this.#deps
    const before = this.#sessions.get(process)
    if (before !== undefined && random.chance(resumeProbability)) {
      this.#deps.verdict.count('session resumed by the next life')
      before.isHeard = false
      scheduler.after(random.between(10, 1_500), () => this.#resume(process, before))
      return
    }
    this.#sessionsMade += 1
    const actor = this.#deps.processes[process]
    const session: Session = { id: `session-${this.#sessionsMade}`, dispatched: [], isHeard: true }
    this.#deps.journal.generationOfSession.set(session.id, actor?.generation ?? 0)
    this.#sessions.set(process, session)
    const guilds = this.#deps.plan.guilds.filter((guild) => homeSlots(this.#deps.plan, process).includes(slotOf(guild)))
    actor?.hearGuilds(guilds.map((guildId) => ({ guildId, voices: this.truth.voicesOf(guildId) })), this.#lagOf(process))
  }

  /** The process ended for good: nobody resumes its session. */
  onGone(process: ProcessIndex): void {
    this.#sessions.delete(process)
  }

  #resume(process: ProcessIndex, session: Session): void {
    if (this.#sessions.get(process) !== session || session.isHeard) return
    const actor = this.#deps.processes[process]
    if ((actor?.runtime ?? null) === null) {
      this.#deps.scheduler.after(50, () => this.#resume(process, session))
      return
    }
    session.isHeard = true
    actor?.hearGuilds([], this.#lagOf(process))
    for (const dispatch of session.dispatched) this.#send(process, session, dispatch)
  }

  #lagOf(process: ProcessIndex): number {
    return this.#deps.plan.feedLagMs[process] ?? 0
  }

  #send(to: ProcessIndex, session: Session, dispatch: Dispatch): void {
    const process = this.#deps.processes[to]
    if (process === undefined || !process.machine.isUp) return
    const { guildId, seq, command } = dispatch
    process.hear({ guildId, command, session: session.id, seq }, this.#lagOf(to), (heardAs) => {
      this.#deps.verdict.count(`feed ${heardAs}`)
      this.#deps.verdict.tell(() => `${process.machine.name} hears ${session.id}:${seq} for ${guildId}: ${heardAs}`)
      if (heardAs !== 'repeated') this.#note(process, session, dispatch, heardAs)
    })
  }

  #note(process: ActorProcess, session: Session, dispatch: Dispatch, heardAs: Exclude<HeardAs, 'repeated'>): void {
    const key = `${session.id} ${dispatch.seq}`
    const known = this.#taken.get(key)
    if (known !== undefined) {
      // Heard again where the slot is not: the mark of the session may pass over it.
      if (heardAs === 'elsewhere') known.mayBeLost = true
      return
    }
    if (heardAs === 'elsewhere') {
      this.#heardElsewhere.add(key)
      return
    }
    const note: TakenDispatch = {
      guildId: dispatch.guildId,
      slot: slotOf(dispatch.guildId),
      session: session.id,
      seq: dispatch.seq,
      opId: feedOpId(session.id, dispatch.seq),
      isUnique: dispatch.isUnique,
      takenBy: `${process.machine.name}:${process.machine.life}`,
      mayBeLost: this.#heardElsewhere.has(key),
    }
    this.#taken.set(key, note)
    this.#deps.journal.dispatches.push(note)
  }

  #commandOf(guildId: GuildId, what: DispatchedEvent, nowMs: number): Command {
    if (what.kind === 'note') return asCommand({ feature: 'ledger', kind: 'append', value: what.value, posts: false })
    if (what.kind === 'voice-told') return what.tells
    return { feature: 'voice-attendance', kind: 'observe-voice', voice: this.truth.change(guildId, what, nowMs) }
  }
}
