/**
 * Discord's side of the gateway: one session per shard process, its dispatches numbered, replayed on RESUME.
 *
 * A process that boots either resumes the session of its last life and hears everything again that the session ever
 * dispatched, or starts a new one and never hears what happened meanwhile. Now and then a living process resumes too.
 */
import type { ChannelId, GuildId, UserId } from '../../kernel/ids.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { Command } from '../../actors/protocol/command.ts'
import { feedOpId } from '../../actors/runtime/dispatch-marks.ts'
import type { ActorProcess } from './actor-process.ts'
import type { JournalOracle, TakenDispatch } from './journal-oracle.ts'
import { asCommand } from './ledger.ts'
import type { DispatchedEvent, ProcessIndex } from './plan.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { Verdict } from './verdict.ts'

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
  readonly scheduler: Scheduler
  readonly random: Random
  readonly processes: readonly ActorProcess[]
  readonly journal: JournalOracle
  readonly verdict: Verdict
}

/** Dispatches a living process hears again when it resumes. */
const replayedMax = 4

export class Gateway {
  readonly #deps: GatewayDeps
  readonly #sessions: Session[]
  #sessionsMade = 0
  readonly #taken = new Map<string, TakenDispatch>()
  /** Heard where the slot was not: later ones of the session may have passed over them. */
  readonly #heardElsewhere = new Set<string>()

  constructor(deps: GatewayDeps) {
    this.#deps = deps
    this.#sessions = deps.processes.map(() => this.#newSession())
  }

  dispatch(to: ProcessIndex, guildId: GuildId, what: DispatchedEvent): void {
    const session = this.#sessions[to] as Session
    // Nobody is connected yet: a session begins with its process.
    if (session.isHeard && (this.#deps.processes[to]?.runtime ?? null) === null) return
    const seq = session.dispatched.length + 1
    const dispatch = { guildId, seq, command: commandOf(what), isUnique: what.kind === 'note' }
    session.dispatched.push(dispatch)
    if (session.isHeard) this.#send(to, session, dispatch)
  }

  /** RESUME on a living connection. */
  replay(to: ProcessIndex): void {
    const session = this.#sessions[to] as Session
    if (!session.isHeard) return
    this.#deps.verdict.count('feed replayed')
    for (const dispatch of session.dispatched.slice(-replayedMax)) this.#send(to, session, dispatch)
  }

  onBoot(process: ProcessIndex): void {
    const { random, scheduler } = this.#deps
    if (random.chance(0.5)) {
      this.#sessions[process] = this.#newSession()
      return
    }
    this.#deps.verdict.count('session resumed by the next life')
    const session = this.#sessions[process] as Session
    session.isHeard = false
    scheduler.after(random.between(10, 1_500), () => this.#resume(process, session))
  }

  #resume(process: ProcessIndex, session: Session): void {
    if (this.#sessions[process] !== session || session.isHeard) return
    const runtime = this.#deps.processes[process]?.runtime ?? null
    if (runtime === null) {
      this.#deps.scheduler.after(50, () => this.#resume(process, session))
      return
    }
    session.isHeard = true
    for (const dispatch of session.dispatched) this.#send(process, session, dispatch)
  }

  #newSession(): Session {
    this.#sessionsMade += 1
    return { id: `session-${this.#sessionsMade}`, dispatched: [], isHeard: true }
  }

  #send(to: ProcessIndex, session: Session, dispatch: Dispatch): void {
    const process = this.#deps.processes[to]
    if (process === undefined || !process.machine.isUp) return
    const { guildId, seq, command } = dispatch
    process.hear({ guildId, command, session: session.id, seq }, (taken) => {
      this.#deps.verdict.count(`feed ${taken}`)
      this.#deps.verdict.tell(() => `${process.machine.name} hears ${session.id}:${seq} for ${guildId}: ${taken}`)
      if (taken === 'repeated') return
      this.#note(process, session, dispatch, taken)
    })
  }

  #note(process: ActorProcess, session: Session, dispatch: Dispatch, taken: 'taken' | 'elsewhere'): void {
    const key = `${session.id} ${dispatch.seq}`
    const known = this.#taken.get(key)
    if (known !== undefined) {
      // Heard again where the slot is not: the mark of the session may pass over it.
      if (taken === 'elsewhere') known.mayBeLost = true
      return
    }
    if (taken === 'elsewhere') {
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
}

function commandOf(what: DispatchedEvent): Command {
  if (what.kind === 'note') return asCommand({ feature: 'ledger', kind: 'append', value: what.value, posts: false })
  if (what.kind === 'voice-told') return what.tells
  return {
    feature: 'voice-attendance',
    kind: 'observe-voice',
    voice: {
      userId: `${1000 + what.user}` as UserId,
      bot: false,
      channelId: what.channel === null ? null : (`${2000 + what.channel}` as ChannelId),
      voiceSessionId: 'voice',
      selfMute: what.isMuted,
      serverMute: false,
      selfDeaf: false,
      serverDeaf: false,
    },
  }
}
