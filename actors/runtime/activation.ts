/**
 * One guild in this process's memory: its mailbox, its state, and the answers that wait at its gate.
 *
 *            ┌────────── reload (doubt, a broken turn, poison, a missing head) ─────────┐
 *            ▼                                                                          │
 *        loading ──loaded──▶ active ────────────────────────────────────────────────────┘
 *            │                  │
 *            └───── drop ───────┴──▶ dropped (idle release, at rest, slot lost, slot handed over)
 *
 * loading: no state in memory; commands queue, stored results may be looked up; nothing is decided.
 * active: turns run one at a time, in order; `seq` and `head` may be ahead of what is durable.
 * dropped: nothing may use it any more; whoever holds it drops it too. A guild at rest (resting-guild.ts) comes back as
 * another activation, active at once.
 *
 * `epoch` grows at every reload: a decided turn of an older epoch is nobody's. Only #setPhase writes the phase.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, OpId, Sequence, Slot } from '../../kernel/ids.ts'
import { opId, sequence } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { Step } from '../protocol/behaviour.ts'
import type { Command, Outcome } from '../protocol/command.ts'
import type { AdvisoryEffect } from '../protocol/effect.ts'
import { noSecrets } from '../records/guild-secret.ts'
import type { GuildSecrets } from '../records/guild-secret.ts'
import type { UnlockedKey } from '../records/unlocked-key.ts'
import type { Committer } from './committer.ts'
import type { DatabaseTime } from './database-time.ts'
import { isDispatchApplied } from './dispatch-marks.ts'
import type { GuildState, PendingAlarm } from './guild-state.ts'
import { alarmOpId, emptyGuildState, featureState } from './guild-state.ts'
import { firstHead } from './journal-entry.ts'
import { isOpExpired } from './op-age.ts'
import type { GateDeps } from './output-gate.ts'
import { OutputGate } from './output-gate.ts'
import type { OpResultRow } from './ports.ts'
import { Request } from './request.ts'
import type { SlotEntry } from './slot-table.ts'
import type { LiveGuild, TurnDeps, TurnResult } from './turn.ts'
import { runRejection, runTurn } from './turn.ts'

export type ActivationPhase = 'loading' | 'active' | 'dropped'

export interface ActivationDeps {
  readonly clock: Clock
  readonly time: DatabaseTime
  readonly turn: TurnDeps
  readonly gate: GateDeps
  readonly committer: Committer
  readonly entry: SlotEntry
  readonly log: Log
  /** True when nobody can have decided this op before: no stored result needs to be looked up. */
  isNewOp(op: OpId, servedSince: number): boolean
  /** Starts a look-up of stored results; the activation is told by `onLookedUp`. */
  lookUp(activation: Activation, requests: readonly Request[]): void
  /** Starts a load; the activation is told by `onLoaded`. */
  load(activation: Activation): void
  /** In memory again, before its first turn. */
  onLoaded(activation: Activation): void
  /** For metrics: how long a turn that wrote took to decide. */
  observeTurn?(durationMs: number): void
  /** A turn wrote: alarms may have moved, a snapshot may be due. */
  onChange(activation: Activation, advisory: readonly AdvisoryEffect[]): void
}

/** What a load found. */
export interface LoadedGuild {
  readonly state: GuildState
  readonly seq: Sequence
  readonly head: Uint8Array
  readonly key: UnlockedKey | null
  readonly secrets: GuildSecrets
  readonly snapshot: LastSnapshot
}

/** The newest snapshot of a guild: where it stands, and the hash of its signed bytes for the next one. */
export interface LastSnapshot {
  readonly seq: Sequence
  readonly hash: Uint8Array | null
}

interface DecidedOp {
  readonly outcome: Outcome
  readonly seq: Sequence
  readonly wrote: boolean
}

export class Activation implements LiveGuild {
  readonly guildId: GuildId
  readonly slot: Slot
  readonly gate: OutputGate
  state: GuildState = emptyGuildState()
  seq: Sequence = sequence(0)
  head: Uint8Array = firstHead
  key: UnlockedKey | null = null
  secrets: GuildSecrets = noSecrets
  /** The newest snapshot written or loaded. */
  snapshot: LastSnapshot = { seq: sequence(0), hash: null }
  /** Monotonic ms of the last command. */
  usedAt: number
  epoch = 0
  /** Set after a poison: one turn a statement, so that the sick one is found. */
  goesAlone = false
  readonly #deps: ActivationDeps
  #phase: ActivationPhase = 'loading'
  #mailbox: Request[] = []
  #mailboxFirst = 0
  /** Decided here and not known to be in Postgres for everybody yet; emptied when nothing waits. */
  #decided = new Map<OpId, DecidedOp>()
  #stored = new Map<OpId, Outcome>()
  #draining = false
  #resumeScheduled = false
  #waitsForRoom = false
  /** The alarm that broke this activation last: its attempts are counted over reloads. */
  #failedAlarm: Request | null = null

  /** `rested`: it was at rest in this process and goes on where it stood; else it is loaded. */
  constructor(deps: ActivationDeps, guildId: GuildId, rested: (LoadedGuild & { readonly usedAt: number }) | null = null) {
    this.#deps = deps
    this.guildId = guildId
    this.slot = deps.entry.slot
    this.gate = new OutputGate(deps.gate, sequence(0))
    this.usedAt = rested?.usedAt ?? deps.clock.monotonicMs()
    if (rested === null) deps.load(this)
    else this.#begin(rested)
  }

  get phase(): ActivationPhase {
    return this.#phase
  }

  get mailboxDepth(): number {
    return this.#mailbox.length - this.#mailboxFirst
  }

  /** True when nothing waits here and nothing is undurable: it may be released. */
  get isQuiet(): boolean {
    return this.#phase === 'active' && this.mailboxDepth === 0 && this.gate.size === 0 && this.gate.durable === this.seq
  }

  /** Quiet, and with nothing to remember that its state does not say. */
  get canRest(): boolean {
    return this.isQuiet && !this.goesAlone && this.#failedAlarm === null
  }

  /** Takes a command in. At the mailbox's bound it is refused; a gateway event never is (its depth is bounded at the feed). */
  accept(request: Request): void {
    assert(this.#phase !== 'dropped', 'a dropped activation takes no command')
    this.usedAt = this.#deps.clock.monotonicMs()
    if (this.mailboxDepth >= limits.mailboxDepthMax && (request.origin === 'local' || request.origin === 'inbox')) {
      request.settle({ status: 'refused', reason: 'mailbox-full' })
      return
    }
    const { entry } = this.#deps
    if (this.#needsLookUp(request)) request.lookedUp = this.#deps.isNewOp(request.envelope.opId, entry.servedSince)
    const needsLookUp = this.#needsLookUp(request)
    if (!needsLookUp && this.#canRunAtOnce(request)) {
      this.#draining = true
      this.#process(request)
      this.#draining = false
      this.#forgetWhenQuiet()
      // What its answer set off came in behind it.
      if (this.mailboxDepth > 0) this.drain()
      return
    }
    if (request.comesFirst) this.#mailbox.splice(this.#mailboxFirst, 0, request)
    else this.#mailbox.push(request)
    if (needsLookUp) this.#deps.lookUp(this, [request])
    this.drain()
  }

  /** Everything up to `seq` is in Postgres. */
  markDurable(seq: Sequence): void {
    this.gate.markDurable(seq)
    this.#forgetWhenQuiet()
  }

  /** Answers of Postgres for requests of this activation; `stored` holds only those that were decided before. */
  onLookedUp(requests: readonly Request[], stored: ReadonlyMap<OpId, Outcome>, epoch: number): void {
    if (epoch !== this.epoch || this.#phase === 'dropped') return
    for (const request of requests) request.lookedUp = true
    for (const [op, outcome] of stored) this.#stored.set(op, outcome)
    this.drain()
  }

  onLoaded(loaded: LoadedGuild, epoch: number): void {
    if (epoch !== this.epoch || this.#phase === 'dropped') return
    this.#begin(loaded)
    this.#deps.onLoaded(this)
    this.drain()
  }

  #begin(loaded: LoadedGuild): void {
    this.state = loaded.state
    this.seq = loaded.seq
    this.head = loaded.head
    this.key = loaded.key
    this.secrets = loaded.secrets
    this.snapshot = loaded.snapshot
    this.gate.restart(loaded.seq)
    this.#setPhase('active')
  }

  /**
   * Drops memory and loads again from what is durable; what was not answered is decided again in order, under the same
   * op ids. Must not run before this lane has nothing of the guild in flight.
   */
  async reload(): Promise<void> {
    assert(this.#phase !== 'dropped', 'a dropped activation is not reloaded')
    this.epoch += 1
    const epoch = this.epoch
    this.#setPhase('loading')
    this.#takeBackAll()
    this.#deps.committer.drop((turn) => turn.activation === this)
    await this.#deps.committer.whenGuildLanded(this.guildId)
    if (epoch !== this.epoch || this.phase === 'dropped') return
    const waiting = this.#mailbox.filter((request) => this.#needsLookUp(request))
    if (waiting.length > 0) this.#deps.lookUp(this, waiting)
    this.#deps.load(this)
  }

  /** Ends this activation and returns what was not answered, in order. */
  drop(): Request[] {
    this.#setPhase('dropped')
    this.epoch += 1
    this.#takeBackAll()
    this.#deps.committer.drop((turn) => turn.activation === this)
    const requests = this.#mailbox
    this.#mailbox = []
    return requests
  }

  /** Runs turns until the mailbox is empty, something must be waited for, or the event loop should breathe. */
  drain(): void {
    if (this.#draining || this.#resumeScheduled) return
    this.#draining = true
    let turns = 0
    while (this.#phase === 'active' && this.#deps.entry.state === 'serving') {
      const request = this.#mailbox[this.#mailboxFirst]
      if (request === undefined || (this.#needsLookUp(request) && !this.#decided.has(request.envelope.opId))) break
      if (!this.#hasRoomFor(request)) break
      turns += 1
      if (turns > limits.turnsPerBreathMax) {
        this.#resumeSoon()
        break
      }
      this.#mailboxFirst += 1
      this.#process(request)
    }
    this.#draining = false
    this.#forgetWhenQuiet()
  }

  /** Nothing is before it and nothing must be waited for: it need not pass through the mailbox. */
  #canRunAtOnce(request: Request): boolean {
    if (this.#draining || this.#resumeScheduled || this.#mailbox.length > 0 || this.#phase !== 'active') return false
    return this.#deps.entry.state === 'serving' && this.#hasRoomFor(request)
  }

  #setPhase(next: ActivationPhase): void {
    assert(this.#phase !== 'dropped', `a dropped activation became ${next}`)
    this.#phase = next
  }

  #needsLookUp(request: Request): boolean {
    return !request.lookedUp && this.#needsResult(request)
  }

  /** True for a command that is known by a stored result: neither a dispatch, nor an alarm, nor a step, nor a read. */
  #needsResult(request: Request): boolean {
    if (request.origin === 'feed' || request.origin === 'alarm' || request.origin === 'step') return false
    return !this.#isRead(request)
  }

  #isRead(request: Request): boolean {
    const { feature, kind } = request.envelope.command
    return this.#deps.turn.registry.get(feature)?.reads.has(kind) ?? false
  }

  /** A full lane refuses what somebody waits for, and lets a gateway event or an alarm wait in place. */
  #hasRoomFor(request: Request): boolean {
    if (this.#deps.committer.hasRoom || request.origin === 'local' || request.origin === 'inbox') return true
    if (this.#waitsForRoom) return false
    this.#waitsForRoom = true
    void this.#deps.committer.whenRoom().then(() => {
      this.#waitsForRoom = false
      if (this.#phase !== 'dropped') this.drain()
    })
    return false
  }

  #resumeSoon(): void {
    this.#resumeScheduled = true
    this.#deps.clock.after(0, () => {
      this.#resumeScheduled = false
      if (this.#phase !== 'dropped') this.drain()
    })
  }

  #forgetWhenQuiet(): void {
    if (this.mailboxDepth > 0) {
      if (this.#mailboxFirst < 1024) return
      this.#mailbox.splice(0, this.#mailboxFirst)
      this.#mailboxFirst = 0
      return
    }
    if (this.#mailbox.length > 0) this.#mailbox = []
    this.#mailboxFirst = 0
    // Everything decided is durable and nobody waits with an older look-up: Postgres knows it all.
    if (this.#decided.size > 0 && this.isQuiet) this.#decided = new Map()
    if (this.#stored.size > 0) this.#stored = new Map()
    if (this.goesAlone && this.isQuiet) this.goesAlone = false
  }

  #process(request: Request): void {
    const { envelope } = request
    const now = Math.max(this.state.at, this.#deps.time.now())
    if (isDispatchApplied(this.state.dispatches, envelope.opId)) {
      const outcome: Outcome = { status: 'answered', reply: { kind: 'observed' } }
      this.gate.push({ request, outcome, seq: this.seq, proof: 'stored' })
      return
    }
    const stored = this.#stored.get(envelope.opId)
    if (stored !== undefined) {
      this.gate.push({ request, outcome: stored, seq: this.gate.durable, proof: 'stored' })
      return
    }
    const decided = this.#decided.get(envelope.opId)
    if (decided !== undefined) {
      this.gate.push({ request, outcome: decided.outcome, seq: decided.seq, proof: decided.wrote ? 'commit' : 'memory' })
      return
    }
    // After the results: what has had its effect is never called expired, however late it is asked again.
    // What broke an activation already comes to its verdict: asked again and again, it would break one for ever.
    const isPast = request.attempts === 0 && envelope.deadlineAt !== null && now > envelope.deadlineAt
    if (isPast || (this.#needsResult(request) && isOpExpired(envelope.opId, now))) {
      request.settle({ status: 'refused', reason: 'expired' })
      return
    }
    if (!this.#deps.committer.hasRoom && (request.origin === 'local' || request.origin === 'inbox')) {
      request.settle({ status: 'refused', reason: 'batch-full' })
      return
    }
    if (!this.#decideSteps(request, now)) return
    const cameAt = envelope.receivedAt ?? request.takenAt
    assert(cameAt !== null, 'what is decided came in, or has a time of its own')
    const at = Math.max(this.state.at, Math.min(cameAt, now))
    if (!this.#decideDueAlarms(at, request)) return
    // An alarm that came from outside was among them if it was still set; else it has had its effect.
    if (request.origin === 'alarm') request.settle({ status: 'answered', reply: { kind: 'observed' } })
    else this.#decide(request, at, null)
  }

  /** What a command stands for comes before it, each step at its own time. False: one broke the activation. */
  #decideSteps(request: Request, now: number): boolean {
    for (const { opId: op, at: heardAt, command } of this.#stepsOf(request, now)) {
      if (isDispatchApplied(this.state.dispatches, op)) continue
      const at = Math.max(this.state.at, Math.min(heardAt, now))
      const envelope = { guildId: this.guildId, opId: op, command, receivedAt: heardAt, deadlineAt: null }
      const step = new Request({ envelope, origin: 'step', lowWater: null, settle: () => undefined, portable: false })
      if (!this.#decideDueAlarms(at, request) || !this.#decide(step, at, request)) return false
    }
    return this.#phase === 'active'
  }

  #stepsOf(request: Request, now: number): readonly Step<Command>[] {
    const { command, opId: op } = request.envelope
    const behaviour = this.#deps.turn.registry.get(command.feature)
    const unfold = behaviour?.unfold?.[command.kind]
    if (behaviour === undefined || unfold === undefined || request.attempts >= limits.commandAttemptsMax) return noSteps
    const context = { guildId: this.guildId, opId: op, now, random: (length: number) => this.#deps.turn.random(length) }
    try {
      return unfold(featureState(this.state, behaviour), command, context)
    } catch (thrown) {
      this.#breakOn(request, null, coerceError(thrown))
      return noSteps
    }
  }

  /** Boundaries at or before a command come first, each at its own time. False: one of them broke the activation. */
  #decideDueAlarms(at: number, before: Request | null): boolean {
    for (let due = this.#nextDueAlarm(at); due !== null; due = this.#nextDueAlarm(at)) {
      const [key, alarm] = due
      const decided = this.#decide(this.#alarmRequest(key, alarm), Math.max(this.state.at, alarm.dueAt), before)
      if (!decided) return false
    }
    return true
  }

  #nextDueAlarm(at: number): [string, PendingAlarm] | null {
    let earliest: [string, PendingAlarm] | null = null
    for (const [key, alarm] of Object.entries(this.state.alarms)) {
      if (alarm.dueAt <= at && (earliest === null || alarm.dueAt < earliest[1].dueAt)) earliest = [key, alarm]
    }
    return earliest
  }

  #alarmRequest(key: string, alarm: PendingAlarm): Request {
    const behaviour = this.#deps.turn.registry.get(alarm.feature)
    assert(behaviour?.onAlarm !== undefined, `feature ${alarm.feature} has an alarm and no command for it`)
    const envelope = {
      guildId: this.guildId,
      opId: opId(alarmOpId(this.guildId, key, alarm.setSeq)),
      command: behaviour.onAlarm(alarm.purpose, alarm.dueAt),
      receivedAt: alarm.dueAt,
      deadlineAt: null,
    }
    const request = new Request({ envelope, origin: 'alarm', lowWater: null, settle: () => undefined })
    const failed = this.#failedAlarm
    if (failed?.envelope.opId !== envelope.opId) return request
    request.attempts = failed.attempts
    request.lastFailure = failed.lastFailure
    return request
  }

  /** Decides, and sends what is to be written on its way. False: the activation broke and loads again. */
  #decide(request: Request, at: number, follower: Request | null): boolean {
    const { opId: op, command } = request.envelope
    const from = this.seq
    const input = { opId: op, command, now: at }
    // Reads are many and short: looking at the clock would cost them more than it tells.
    const startedAt = this.#deps.observeTurn === undefined || this.#isRead(request) ? null : this.#deps.clock.monotonicMs()
    let result: TurnResult
    let opResult: OpResultRow | null
    try {
      const rejected = request.attempts >= limits.commandAttemptsMax
      result = rejected
        ? runRejection(this.#deps.turn, this, { ...input, reason: request.lastFailure })
        : runTurn(this.#deps.turn, this, input)
      if (request.origin === 'alarm') this.#assertAlarmMoved(op)
      opResult = this.seq > from ? this.#opResult(request, result.outcome) : null
    } catch (thrown) {
      this.#breakOn(request, follower, coerceError(thrown))
      return false
    }
    const wrote = this.seq > from
    if (wrote && startedAt !== null) this.#deps.observeTurn?.(this.#deps.clock.monotonicMs() - startedAt)
    // A read asked again is read again: only what is known by its result is remembered.
    if (this.#needsResult(request) && result.isTransient !== true) this.#decided.set(op, { outcome: result.outcome, seq: this.seq, wrote })
    if (wrote) this.#sendToCommit(request, from, { ...result, opResult })
    this.gate.push({ request, outcome: result.outcome, seq: this.seq, proof: wrote ? 'commit' : 'memory' })
    if (wrote) this.#deps.onChange(this, result.advisory)
    return true
  }

  #sendToCommit(request: Request, from: Sequence, result: TurnResult & { opResult: OpResultRow | null }): void {
    this.#deps.committer.enqueue({
      activation: this,
      epoch: this.epoch,
      guildId: this.guildId,
      slot: this.slot,
      request,
      from,
      to: this.seq,
      head: this.head,
      rows: result.rows,
      opResult: result.opResult,
    })
  }

  #assertAlarmMoved(op: OpId): void {
    const stillSet = Object.entries(this.state.alarms).some(
      ([key, alarm]) => alarmOpId(this.guildId, key, alarm.setSeq) === op,
    )
    assert(!stillSet, 'the command of an alarm must change or clear it')
  }

  #opResult(request: Request, outcome: Outcome): OpResultRow | null {
    if (request.origin !== 'local' && request.origin !== 'inbox') return null
    const result = JSON.stringify(outcome)
    assert(Buffer.byteLength(result) <= limits.opResultBytesMax, 'a result is larger than is kept')
    return { guildId: this.guildId, opId: request.envelope.opId, seq: this.seq, result }
  }

  #breakOn(request: Request, follower: Request | null, error: Error): void {
    request.attempts += 1
    request.lastFailure = error.message
    this.#deps.log.error('command broke an activation', {
      guildId: this.guildId,
      command: request.envelope.command.kind,
      opId: request.envelope.opId,
      attempts: request.attempts,
      error,
    })
    // Its place is after whatever waits at the gate and before the rest of the mailbox. An alarm comes by itself again.
    const back = request.origin === 'alarm' ? [] : [request]
    if (request.origin === 'alarm') this.#failedAlarm = request
    if (follower !== null) back.push(follower)
    this.#mailbox = [...back, ...this.#mailbox.slice(this.#mailboxFirst)]
    this.#mailboxFirst = 0
    void this.reload()
  }

  #takeBackAll(): void {
    // Steps come again with the command that stands for them, unless that one is known to be done.
    const waiting = this.gate.takeBack().filter(({ origin }) => origin !== 'step')
    this.#mailbox = [...waiting, ...this.#mailbox.slice(this.#mailboxFirst)]
    this.#mailboxFirst = 0
    this.#decided = new Map()
    this.#stored = new Map()
    for (const request of this.#mailbox) request.lookedUp = false
  }
}

const noSteps: readonly Step<Command>[] = []
