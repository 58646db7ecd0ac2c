/**
 * One guild's code attendance through real turns, with its rows in memory: as the runtime and Postgres would have it, in
 * microseconds. Facts are read from the rows as the store reads them.
 */
import { createRegistry, features } from '../../actors/behaviours/registry.ts'
import { codeAt, stepAt } from '../../actors/behaviours/code-attendance/codes.ts'
import type { AttendanceCommand, AttendanceReply, CodeAttendanceState, RecordAttendance, RemoveAttendance, SubmitCode } from '../../actors/protocol/attendance.ts'
import type { AttendanceAsker } from '../../actors/protocol/attendance-settings.ts'
import type { AttendanceFacts, AttendanceQuestion } from '../../actors/protocol/attendance-facts.ts'
import type { AttendanceEntryRow, AttendanceSessionRow, StudentRow } from '../../actors/protocol/attendance-rows.ts'
import type { OpenCodeSession } from '../../actors/protocol/code-session.ts'
import { hmacOf } from '../../actors/records/guild-secret.ts'
import { emptyGuildState, evolveGuild } from '../../actors/runtime/guild-state.ts'
import { firstHead, parseJournalText } from '../../actors/runtime/journal-entry.ts'
import { runTurn } from '../../actors/runtime/turn.ts'
import type { LiveGuild, TurnRows } from '../../actors/runtime/turn.ts'
import { channelId, opId, sequence, userId } from '../../kernel/ids.ts'
import type { Slot } from '../../kernel/ids.ts'
import { createTestCluster, seededRandom, testGuild } from './records.ts'

export const registry = createRegistry(features)
export const adminChannel = channelId('100')
export const attendanceChannel = channelId('200')
export const voiceChannel = channelId('300')
export const staff = userId('7')
export const opening = Date.UTC(2026, 10, 20, 18)

const defaults = { adminChannelId: null, attendanceChannelId: null, intervalSeconds: 15, codeLength: 4 }
export const staffAsker: AttendanceAsker = { channelId: adminChannel, isManager: true, roleIds: [], defaults, guildTimeZone: 'Europe/Berlin' }
export const memberAsker: AttendanceAsker = { ...staffAsker, channelId: attendanceChannel, isManager: false }

type Refused = Extract<AttendanceReply, { kind: 'attendance-refused' }>
export const refused = (reason: Refused['reason'], more: Partial<Refused> = {}): Refused => ({ kind: 'attendance-refused', reason, ...more })

export class TestClass {
  readonly guild: LiveGuild = {
    guildId: testGuild, slot: 0 as Slot, state: emptyGuildState(), seq: sequence(0), head: firstHead, key: null,
  }
  readonly turns: TurnRows[] = []
  readonly students = new Map<string, StudentRow>()
  readonly sessions = new Map<string, AttendanceSessionRow>()
  readonly entries = new Map<string, AttendanceEntryRow>()
  now = opening
  #deps = { registry, sealer: createTestCluster().sealer, random: seededRandom('class') }
  #ops = 0

  get state(): CodeAttendanceState {
    return this.guild.state.features['code-attendance']?.state as CodeAttendanceState
  }

  get open(): OpenCodeSession {
    const { open } = this.state
    if (open === null) throw new Error('no class is open')
    return open
  }

  ask(command: AttendanceCommand): AttendanceReply {
    this.#ops += 1
    const { outcome, rows } = runTurn(this.#deps, this.guild, { opId: opId(`t${this.#ops}`), command, now: this.now })
    if (outcome.status !== 'answered') throw new Error(outcome.reason)
    this.turns.push(rows)
    for (const row of rows.students) this.students.set(row.userId, { ...row, registeredAt: this.students.get(row.userId)?.registeredAt ?? row.registeredAt })
    for (const row of rows.attendanceSessions) this.sessions.set(row.sessionId, row)
    for (const row of rows.attendanceEntries) this.entries.set(`${row.sessionId} ${row.userId}`, row)
    return outcome.reply as AttendanceReply
  }

  /** As the next owner has it: made anew from every journaled event. */
  reload(): void {
    const state = emptyGuildState()
    for (const { payload } of this.turns.flatMap(({ journal }) => journal)) evolveGuild(state, parseJournalText(payload), registry)
    this.guild.state = state
  }

  /** Asks, and once more with the rows where they are needed. */
  askWithFacts(command: RecordAttendance | RemoveAttendance | SubmitCode): AttendanceReply {
    const reply = this.ask(command)
    return reply.kind === 'facts-needed' ? this.ask({ ...command, facts: this.facts(reply.question) }) : reply
  }

  facts(question: AttendanceQuestion): AttendanceFacts {
    const ofDay = [...this.sessions.values()].filter(({ dateId, kind, closedAt }) => kind === 'code' && closedAt !== null && dateId === question.dateId)
    const newest = ofDay.toSorted((a, b) => b.openedAt - a.openedAt)[0]
    const sessionId = question.sessionId ?? newest?.sessionId ?? `manual_${question.dateId.replaceAll('-', '')}`
    const own = [...this.entries.values()].filter((row) => row.userId === question.userId)
    const meant = own.filter((row) => (question.scope === 'day' ? row.dateId === question.dateId : row.sessionId === sessionId))
    const asOf = Math.max(0, ...[...this.entries.values(), ...this.sessions.values()].map(({ change }) => change))
    const receipts = this.turns.flatMap((rows) => rows.receipts)
    return {
      question,
      asOf,
      chainSequence: receipts.at(-1)?.sequence ?? 0,
      sessionId,
      isSessionKnown: this.sessions.has(sessionId),
      username: this.students.get(question.userId)?.username ?? own[0]?.username ?? null,
      entries: meant.map((row) => {
        const receipt = receipts.find(({ recordId, type }) => recordId === row.recordId && type === 'attendance')
        const named = receipt === undefined ? null : { sequence: receipt.sequence, hash: Buffer.from(receipt.payloadHash).toString('hex') }
        return { sessionId: row.sessionId, recordId: row.recordId, status: row.status, dateId: row.dateId, at: row.at, localTime: row.localTime, receipt: named }
      }),
    }
  }

  setUp(changes: Extract<AttendanceCommand, { kind: 'set-attendance' }>['changes'] = {}): AttendanceReply {
    return this.ask({
      feature: 'code-attendance', kind: 'set-attendance', asker: staffAsker, byUserId: staff,
      changes: { adminChannelId: adminChannel, attendanceChannelId: attendanceChannel, ...changes },
    })
  }

  openClass(change: Partial<Extract<AttendanceCommand, { kind: 'open-session' }>> = {}): AttendanceReply {
    return this.ask({
      feature: 'code-attendance', kind: 'open-session', asker: staffAsker, byUserId: staff, openedAt: this.now, clockOffsetMs: 0, intervalMsMin: 0,
      firstStepDelayMs: 0, ...change,
    })
  }

  /** What stands on the screen at this instant. */
  codeAt(instant: number, stepsBack = 0): string {
    const { open } = this
    const hmac = hmacOf(this.guild.secrets ?? new Map())
    return codeAt((message) => hmac.of(open.secretId, message), open, stepAt(open, instant) - stepsBack)
  }

  submit(user: string, change: Partial<SubmitCode> = {}): AttendanceReply {
    return this.ask(this.#submission(user, change))
  }

  /** As a front door does it: once more with the rows where they are asked for. */
  submitWithFacts(user: string, change: Partial<SubmitCode> = {}): AttendanceReply {
    return this.askWithFacts(this.#submission(user, change))
  }

  #submission(user: string, change: Partial<SubmitCode>): SubmitCode {
    const submittedAt = change.submittedAt ?? this.now
    return {
      feature: 'code-attendance', kind: 'submit-code', asker: memberAsker, userId: userId(user), username: `name${user}`,
      code: change.code ?? this.codeAt(submittedAt), submittedAt, heardAt: submittedAt + 50, voiceChannelId: null, facts: null, ...change,
    }
  }

  close(typedAt = this.now): AttendanceReply {
    return this.ask({ feature: 'code-attendance', kind: 'close-session', asker: staffAsker, byUserId: staff, typedAt })
  }

  /** Its alarm. */
  forgetEnded(): void {
    this.now = Math.max(this.now, this.state.ended?.forgetAt ?? 0)
    this.ask({ feature: 'code-attendance', kind: 'forget-class' })
  }

  /** Steps of a closing, as alarms would take them. */
  finishClosing(): number {
    let steps = 0
    while (this.state.open?.closing) {
      this.now = Math.max(this.now, this.state.open.closing.nextAt)
      this.ask({ feature: 'code-attendance', kind: 'go-on-closing' })
      steps += 1
    }
    return steps
  }
}

export const record = (change: Partial<RecordAttendance> = {}): RecordAttendance => ({
  feature: 'code-attendance', kind: 'record-attendance', member: { userId: userId('42') }, sessionId: null, dateId: null, status: 'present',
  at: opening - 60_000, source: 'staff', byUserId: staff, reason: null, secretHash: null, asker: staffAsker, facts: null, ...change,
})
