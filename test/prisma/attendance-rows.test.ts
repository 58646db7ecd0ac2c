/**
 * Rows of code attendance in real Postgres: written with their events, read as facts, found by what staff types, exported
 * page by page, counted for a report, and blanked by an erasure.
 */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type pg from 'pg'
import type { AttendanceEntryRow, AttendanceSessionRow, StudentRow } from '../../actors/protocol/attendance-rows.ts'
import type { ExportedEntry } from '../../actors/protocol/attendance-reads.ts'
import type { CommitBatch } from '../../actors/runtime/ports.ts'
import { createAttendanceExport } from '../../prisma/attendance-export.ts'
import { createAttendanceFactsReader } from '../../prisma/attendance-facts.ts'
import { createAttendanceReport } from '../../prisma/attendance-report.ts'
import { createOpenSessionsReader } from '../../prisma/open-sessions.ts'
import { createStudentFinder } from '../../prisma/students.ts'
import { fence, sequence, userId } from '../../kernel/ids.ts'
import type { Fence } from '../../kernel/ids.ts'
import { batchOf, guildIn, receipt } from '../support/commit-batches.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { createPostgresCommitLane } from '../../prisma/journal-store.ts'
import type { PostgresCommitLane } from '../../prisma/journal-store.ts'
import { createTestPool } from '../support/leaks.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

const guild = guildIn(7)
const day = 86_400_000
const monday = Date.UTC(2026, 10, 16, 9)

const student = (user: string, studentId: string, studentName: string | null, registeredAt = monday): StudentRow => ({ userId: userId(user), studentId, studentName, username: `u${user}`, registeredAt })
const session = (sessionId: string, at: number, change: number, more: Partial<AttendanceSessionRow> = {}): AttendanceSessionRow => ({
  sessionId, kind: 'code', openedAt: at, closedAt: at + 60_000, dateId: new Date(at).toISOString().slice(0, 10), change, intervalMs: 15_000, rotatesFrom: at, ...more,
})
const entry = (sessionId: string, user: string, at: number, more: Partial<AttendanceEntryRow> = {}): AttendanceEntryRow => ({
  sessionId, userId: userId(user), username: `u${user}`, at, localTime: new Date(at).toISOString().slice(0, 19).replace('T', ' '),
  dateId: new Date(at).toISOString().slice(0, 10), status: 'present', recordId: randomUUID(), change: 1, ...more,
})

describe('rows of code attendance', function () {
  this.timeout(testServersTimeoutMs)
  let database: TestDatabase
  let lane: PostgresCommitLane
  let pool: pg.Pool
  let seq = 0

  before(async () => {
    database = await createTestDatabase()
    pool = createTestPool(database.url)
    const connection = { connectionString: database.url, connectTimeoutMs: 2_000, statementTimeoutMs: 5_000, answerGraceMs: 1_000, applicationName: 'test' }
    lane = createPostgresCommitLane({ clock: createSystemClock(), log: silentLog }, connection)
    await lane.start()
  })
  after(async () => {
    await lane?.stop()
    await pool?.end()
    await database?.drop()
  })

  async function write(rows: { students?: StudentRow[]; sessions?: AttendanceSessionRow[]; entries?: AttendanceEntryRow[] }, more: Partial<CommitBatch> = {}, held: Fence = fence(0)): Promise<boolean> {
    const own = <Row>(list: readonly Row[] = []) => list.map((row) => ({ ...row, guildId: guild }))
    const outcome = await lane.commit(
      batchOf([{ guildId: guild, fence: held, from: seq }], {
        students: own(rows.students), attendanceSessions: own(rows.sessions), attendanceEntries: own(rows.entries), ...more,
      }),
    )
    const isWritten = outcome.kind === 'committed' && outcome.moved.has(guild)
    if (isWritten) seq += 1
    return isWritten
  }

  async function exported(sessionId: string | null = null): Promise<ExportedEntry[]> {
    const all: ExportedEntry[] = []
    for await (const page of createAttendanceExport(pool).pages({ guildId: guild, sessionId })) all.push(...page)
    return all
  }

  it('are written under the fence alone, and a second registration keeps the day of the first', async () => {
    expect(await write({ students: [student('1', 'S-1', 'Ada Lovelace'), student('2', 'S-2', null)] })).to.equal(true)
    expect(await write({ students: [student('3', 'S-3', null)] }, {}, fence(9))).to.equal(false)
    await write({ students: [student('1', 'S-9', 'Ada Lovelace', monday + day)] })
    const { rows } = await pool.query<{ student_id: string; registered_at: string }>('SELECT student_id, registered_at FROM student ORDER BY user_id')
    expect(rows).to.deep.equal([{ student_id: 'S-9', registered_at: String(monday) }, { student_id: 'S-2', registered_at: String(monday) }])
  })

  it('of a class that is open are read by nobody; closed, sessions come newest first and each in order of time', async () => {
    await write({ sessions: [session('100', monday, 0, { closedAt: null })], entries: [entry('100', '1', monday + 2_000), entry('100', '2', monday + 1_000)] })
    expect(await exported()).to.deep.equal([])
    expect(await createAttendanceExport(pool).hasSession(guild, '100')).to.equal(false)
    expect(await createOpenSessionsReader(pool).guildsIn([7 as never])).to.deep.equal([guild])
    expect(await createOpenSessionsReader(pool).rotations()).to.deep.equal([{ intervalMs: 15_000, rotatesFrom: monday }])
    await write({ sessions: [session('100', monday, 1)] })
    await write({ sessions: [session('200', monday + day, 2)], entries: [entry('200', '2', monday + day, { status: 'late', change: 2 }), entry('200', '5', monday + day, { change: 2 })] })
    expect((await exported()).map((row) => [row.sessionId, row.userId, row.status, row.studentId])).to.deep.equal([
      ['200', '2', 'late', 'S-2'], ['200', '5', 'present', null], ['100', '2', 'present', 'S-2'], ['100', '1', 'present', 'S-9'],
    ])
    expect((await exported('100')).map(({ userId: user }) => user)).to.deep.equal(['2', '1'])
    expect(await createOpenSessionsReader(pool).guildsIn([7 as never])).to.deep.equal([])
  })

  it('as facts: the session that is meant, how fresh they are, and the receipt once there is one', async () => {
    const read = createAttendanceFactsReader(pool)
    const dateId = new Date(monday + day).toISOString().slice(0, 10)
    const question = { userId: userId('2'), sessionId: null, dateId, scope: 'session' } as const
    const facts = await read(guild, question)
    expect(facts).to.deep.include({ question, asOf: 2, chainSequence: 0, sessionId: '200', isSessionKnown: true, username: 'u2' })
    expect(facts.entries.map(({ status, receipt: named }) => [status, named])).to.deep.equal([['late', null]])
    const { recordId } = facts.entries[0]!
    const sealed = receipt(guild, 1, { recordId, type: 'attendance', subject: '2' })
    const head = { guildId: guild, sequence: 1, hash: sealed.payloadHash, keyId: sealed.keyId, signature: sealed.signature }
    await write({}, { receipts: [sealed], chainHeads: [head] })
    const known = await read(guild, question)
    expect(known.chainSequence).to.equal(1)
    expect(known.entries[0]?.receipt).to.deep.equal({ sequence: 1, hash: Buffer.from(sealed.payloadHash).toString('hex') })
    expect(await read(guild, { ...question, dateId: '2026-01-02' })).to.deep.include({ sessionId: 'manual_20260102', isSessionKnown: false, entries: [] })
    expect((await read(guild, { ...question, scope: 'day' })).entries).to.have.length(1)
    expect(await read(guild, { ...question, userId: userId('77') })).to.deep.include({ username: null, entries: [] })
  })

  it('find students: by id before Discord id before name, whatever the case; suggestions by what they contain', async () => {
    const { find, suggest } = createStudentFinder(pool)
    const users = async (text: string) => (await find(guild, text)).map(({ userId: user }) => user)
    // A student id that looks like another's Discord id: the id wins, as it is said.
    await write({ students: [student('9', '1', 'Other')] })
    expect(await users('1')).to.deep.equal(['9'])
    expect(await users('s-2')).to.deep.equal(['2'])
    expect(await users('5')).to.deep.equal(['5'])
    expect(await users('ada LOVELACE')).to.deep.equal(['1'])
    expect(await users('u5')).to.deep.equal(['5'])
    expect(await users('nobody')).to.deep.equal([])
    expect((await suggest(guild, 'love', 25)).map(({ userId: user }) => user)).to.deep.equal(['1'])
    expect(await suggest(guild, '', 2)).to.have.length(2)
    expect(await suggest(guild, '%', 25)).to.deep.equal([])
  })

  it('count for a report: a student is missed in classes after they were first known, and in no others', async () => {
    const report = createAttendanceReport(pool)
    const { sessions, students } = await report({ guildId: guild, from: '2026-11-01', to: '2026-11-30', limit: 100 })
    expect(sessions).to.equal(2)
    const of = (user: string) => students.find(({ userId: id }) => id === user)
    expect(of('1')).to.deep.include({ present: 1, late: 0, excused: 0, absent: 1 })
    expect(of('2')).to.deep.include({ present: 1, late: 1, absent: 0 })
    expect(of('5')).to.deep.include({ present: 1, absent: 0 })
    expect(await report({ guildId: guild, from: '2025-01-01', to: '2025-01-02', limit: 100 })).to.deep.include({ sessions: 0 })
  })

  it('an erasure blanks the row of its record', async () => {
    const { rows } = await pool.query<{ sequence: string; payload_hash: Buffer }>('SELECT sequence, payload_hash FROM receipt')
    const [erased] = rows
    await write({}, { erasures: [{ guildId: guild, sequence: sequence(Number(erased!.sequence)), payloadHash: erased!.payload_hash }] })
    expect((await exported('200')).map(({ userId: user }) => user)).to.deep.equal(['5'])
    const left = await pool.query<{ username: string; status: string }>(`SELECT username, status FROM attendance WHERE session_id = '200' AND user_id = 2`)
    expect(left.rows).to.deep.equal([{ username: '', status: 'removed' }])
  })
})
