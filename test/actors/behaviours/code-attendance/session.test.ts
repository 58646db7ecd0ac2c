/**
 * A class from opening to records: who may, what counts when, what slows down, what a close writes, small and large.
 */
import { expect } from 'chai'
import { codeAttendance } from '../../../../actors/behaviours/code-attendance/code-attendance.ts'
import { upgradeState } from '../../../../actors/behaviours/code-attendance/state.ts'
import type { AttendancePayload } from '../../../../actors/protocol/record.ts'
import { parseReceipt } from '../../../../actors/records/receipt.ts'
import { limits } from '../../../../kernel/limits.ts'
import { channelId, roleId, userId } from '../../../../kernel/ids.ts'
import { attendanceChannel, memberAsker, opening, record, refused, staff, staffAsker, TestClass, voiceChannel } from '../../../support/class.ts'

function opened(settings: Parameters<TestClass['setUp']>[0] = {}, change: Parameters<TestClass['openClass']>[0] = {}): TestClass {
  const one = new TestClass()
  one.setUp(settings)
  const reply = one.openClass(change)
  if (reply.kind !== 'code-session-opened') throw new Error(JSON.stringify(reply))
  return one
}

const payloads = (one: TestClass): AttendancePayload[] =>
  one.turns.flatMap(({ receipts }) => receipts).flatMap((row) => {
    const read = parseReceipt(row.signed)
    return read.ok && read.value.receipt.type === 'attendance' ? [read.value.receipt.payload as AttendancePayload] : []
  })

describe('a class', () => {
  it('is opened by staff in the admin channel alone: by permission or by role', () => {
    const one = new TestClass()
    expect(one.openClass()).to.deep.equal(refused('not-set-up'))
    one.setUp({ staffRoleId: roleId('77') })
    const asker = { ...staffAsker, isManager: false }
    expect(one.openClass({ asker })).to.deep.equal(refused('not-staff'))
    expect(one.openClass({ asker: { ...staffAsker, channelId: channelId('999') } })).to.deep.equal(refused('wrong-channel', { channelId: staffAsker.channelId }))
    expect(one.openClass({ asker: { ...asker, roleIds: [roleId('77')] } }).kind).to.equal('code-session-opened')
    expect(one.turns.at(-1)!.outbox.map(({ kind, target }) => [kind, target])).to.deep.equal([['post-session', 'code:admin'], ['post-session', 'code:notice']])
  })

  it('opened twice is refused before anything is posted; ids of sessions never repeat', () => {
    const one = opened()
    const first = one.open.sessionId
    expect(first).to.equal(String(opening / 1000))
    expect(one.openClass()).to.deep.equal(refused('already-open'))
    expect(one.turns.at(-1)!.outbox).to.deep.equal([])
    one.close()
    one.openClass()
    expect(one.open.sessionId).to.equal(String(opening / 1000 + 1))
    one.close()
    // A clock that was set back.
    one.openClass({ openedAt: opening - 86_400_000 })
    expect(one.open.sessionId).to.equal(String(opening / 1000 + 2))
  })

  it('the secret is a row of its own, encrypted; neither journal, state nor outbox has it; it is forgotten a minute after the end', () => {
    const one = opened()
    const { secretId } = one.open
    const [made] = one.turns.at(-1)!.secrets
    expect(made).to.deep.include({ secretId })
    const secret = Buffer.from(one.guild.secrets!.get(secretId)!.reveal())
    const written = JSON.stringify([one.turns, one.guild.state])
    for (const form of [secret.toString('hex'), secret.toString('base64'), secret.toString('base64url')]) expect(written).not.to.contain(form)
    expect(JSON.stringify(one.guild.secrets!.get(secretId))).to.equal('"[redacted]"')
    expect(JSON.stringify(one.turns.flatMap(({ journal, outbox }) => [journal, outbox]))).not.to.contain(one.codeAt(one.now))
    one.close()
    expect(codeAttendance.alarms?.(one.state)).to.deep.equal([{ purpose: 'forget-class', dueAt: opening + 63_000 }])
    one.forgetEnded()
    expect(one.turns.at(-1)!.forgottenSecrets).to.deep.equal([{ guildId: one.guild.guildId, secretId }])
    expect(one.guild.secrets!.size).to.equal(0)
    expect(codeAttendance.alarms?.(one.state)).to.deep.equal([])
    // One that ends before the alarm of the class before it is the only one whose secret is kept.
    for (const at of [100_000, 101_000]) {
      one.now = opening + at
      one.openClass()
      one.close()
      expect([...one.guild.secrets!.keys()]).to.deep.equal([one.state.ended!.secretId])
    }
  })

  it('a code counts at its instant, however typed; the next one, the last one and one of another class do not', () => {
    const one = opened()
    const code = one.codeAt(opening)
    expect(one.submit('1', { code: `  ${code.toLowerCase()}\n` })).to.deep.equal({ kind: 'code-recorded', status: 'present', isRepeated: false, inVoice: null })
    const wrong = refused('wrong-code')
    expect(one.submit('2', { code: one.codeAt(opening + 15_000) })).to.deep.equal(wrong)
    expect(one.submit('2', { code, submittedAt: opening + 14_999 }).kind).to.equal('code-recorded')
    expect(one.submit('3', { code, submittedAt: opening + 15_000 })).to.deep.equal(wrong)
    expect(one.submit('3', { code: '' })).to.deep.equal(wrong)
  })

  it('with grace the previous code counts too, and only that', () => {
    const one = opened({ grace: 1 })
    const at = opening + 40_000
    expect(one.submit('1', { submittedAt: at, code: one.codeAt(at, 1) }).kind).to.equal('code-recorded')
    expect(one.submit('2', { submittedAt: at, code: one.codeAt(at, 2) })).to.deep.equal(refused('wrong-code'))
  })

  it('what was typed in time and lay in our hands counts; what was under way for more than 3 s is late, not wrong', () => {
    const one = opened()
    const code = one.codeAt(opening + 14_000)
    one.now = opening + 25_000
    expect(one.submit('1', { submittedAt: opening + 14_000, heardAt: opening + 14_100, code }).kind).to.equal('code-recorded')
    expect(one.submit('2', { submittedAt: opening + 14_000, heardAt: opening + 17_000, code }).kind).to.equal('code-recorded')
    expect(one.submit('3', { submittedAt: opening + 14_000, heardAt: opening + 17_001, code })).to.deep.equal(refused('too-late'))
    const graceful = opened({ grace: 1 })
    const early = graceful.codeAt(opening + 1_000)
    expect(graceful.submit('1', { submittedAt: opening + 1_000, heardAt: opening + 19_000, code: early }).kind).to.equal('code-recorded')
    expect(graceful.submit('1', { submittedAt: opening + 1_000, heardAt: opening + 19_001, code: early })).to.deep.equal(refused('too-late'))
  })

  it('the last submission wins, in the order in which they were typed; the member is told that it stands already', () => {
    const one = opened({ lateAfterMinutes: 1 })
    one.submit('1', { submittedAt: opening + 5_000 })
    expect(one.submit('1', { submittedAt: opening + 70_000 })).to.deep.equal({ kind: 'code-recorded', status: 'late', isRepeated: true, inVoice: null })
    expect(one.open.entryCount).to.equal(1)
    expect(one.submit('1', { submittedAt: opening + 6_000 })).to.deep.include({ isRepeated: true, status: 'late' })
    expect(one.open.entries['1']).to.deep.include({ at: opening + 70_000, status: 'late' })
  })

  it('late from the minute on that is set, or said at opening; 0 is never', () => {
    const one = opened({ lateAfterMinutes: 5 })
    expect(one.submit('1', { submittedAt: opening + 299_999 })).to.deep.include({ status: 'present' })
    expect(one.submit('2', { submittedAt: opening + 300_000 })).to.deep.include({ status: 'late' })
    expect(opened({ lateAfterMinutes: 5 }, { lateAfterMinutes: null }).open.lateFrom).to.equal(null)
    expect(opened({}, { lateAfterMinutes: 2 }).open.lateFrom).to.equal(opening + 120_000)
  })

  it('five wrong codes within a minute slow a member down, and nobody else', () => {
    const one = opened()
    for (let at = 0; at < 5; at += 1) expect(one.submit('1', { code: 'XXXX', submittedAt: opening + at * 1_000 })).to.deep.equal(refused('wrong-code'))
    expect(one.submit('1', { submittedAt: opening + 10_000 })).to.deep.equal(refused('slow-down', { seconds: 50 }))
    expect(one.submit('2', { submittedAt: opening + 10_000 }).kind).to.equal('code-recorded')
    expect(one.submit('1', { submittedAt: opening + 60_000 }).kind).to.equal('code-recorded')
    expect(one.open.wrongCodes['1']).to.have.length(5)
  })

  it('voice presence: noted, or required in the channel that was chosen', () => {
    expect(new TestClass().setUp({ voicePresence: 'require' })).to.deep.equal(refused('needs-voice-channel'))
    const flagged = opened({ voicePresence: 'flag', voiceChannelId: voiceChannel })
    expect(flagged.submit('1', { voiceChannelId: voiceChannel })).to.deep.include({ inVoice: true })
    expect(flagged.submit('2', { voiceChannelId: channelId('301') })).to.deep.include({ inVoice: false })
    flagged.close()
    expect(payloads(flagged).map(({ in_voice: inVoice }) => inVoice)).to.deep.equal([true, false])
    const required = opened({ voicePresence: 'require', voiceChannelId: voiceChannel })
    expect(required.submit('1')).to.deep.equal(refused('not-in-voice', { channelId: voiceChannel }))
    expect(required.submit('1', { voiceChannelId: voiceChannel })).to.deep.include({ inVoice: true })
  })

  it('members type in the attendance channel, and only while a class is open', () => {
    const one = opened()
    const asker = { ...memberAsker, channelId: staffAsker.channelId }
    expect(one.submit('1', { asker })).to.deep.equal(refused('wrong-channel', { channelId: attendanceChannel }))
    const code = one.codeAt(opening)
    one.close()
    expect(one.submit('1', { code, submittedAt: opening + 1 })).to.deep.equal(refused('none-open'))
    expect(one.close()).to.deep.equal(refused('none-open'))
  })

  it('what was typed by the end and is decided after it counts, once, with its receipt and in the totals', () => {
    const one = opened({ lateAfterMinutes: 1 })
    one.submit('1')
    const { sessionId } = one.open
    const code = one.codeAt(opening + 62_000)
    const typed = { code, submittedAt: opening + 62_000 }
    one.now = opening + 63_000
    one.close(opening + 62_000)
    expect(one.submitWithFacts('2', typed)).to.deep.equal({ kind: 'code-recorded', status: 'late', isRepeated: false, inVoice: null })
    const { receipts, outbox, attendanceEntries } = one.turns.at(-1)!
    expect([receipts.length, attendanceEntries.map(({ userId: user, sessionId: of, localTime }) => [user, of, localTime])]).to.deep.equal([1, [['2', sessionId, '2026-11-20 19:01:02']]])
    expect(outbox.map(({ kind, payload }) => [kind, (JSON.parse(payload) as { payload: { entryCount: number } }).payload.entryCount])).to.deep.equal([['show-closed', 2], ['show-closed', 2]])
    expect([one.state.last?.entryCount, one.state.last?.lateCount]).to.deep.equal([2, 1])
    // Again, and by one who stands in it already: told so, and nothing is written.
    for (const user of ['2', '1']) expect(one.submitWithFacts(user, typed)).to.deep.include({ kind: 'code-recorded', isRepeated: true })
    expect(payloads(one).map(({ user_id: user, source }) => [user, source])).to.deep.equal([['1', 'code'], ['2', 'code']])
    expect(one.submitWithFacts('3', { ...typed, code: 'XXXX' })).to.deep.equal(refused('wrong-code'))
    expect(one.submitWithFacts('3', { ...typed, heardAt: opening + 65_001 })).to.deep.equal(refused('too-late'))
    expect(one.submitWithFacts('3', { ...typed, submittedAt: opening + 62_001 })).to.deep.equal(refused('none-open'))
    // Another class is open by now: the code still belongs to the one in which it was typed.
    one.openClass()
    expect(one.submitWithFacts('4', typed)).to.deep.include({ kind: 'code-recorded', isRepeated: false })
    expect([...one.entries.values()].filter((row) => row.sessionId === sessionId)).to.have.length(3)
    expect(one.open.entryCount).to.equal(0)
    one.forgetEnded()
    expect(one.submitWithFacts('5', typed)).to.deep.equal(refused('wrong-code'))
  })

  it('with grace a code may be under way longer, and so is the secret kept; whom staff took out stays out', () => {
    const one = opened({ grace: 1, voicePresence: 'require', voiceChannelId: voiceChannel })
    const typed = { code: one.codeAt(opening), submittedAt: opening, heardAt: opening + 18_000, voiceChannelId: voiceChannel }
    one.submit('1', typed)
    one.close()
    expect(one.state.ended!.forgetAt).to.equal(opening + 78_000)
    expect(one.submitWithFacts('2', { ...typed, voiceChannelId: null })).to.deep.equal(refused('not-in-voice', { channelId: voiceChannel }))
    expect(one.submitWithFacts('2', typed)).to.deep.include({ kind: 'code-recorded', inVoice: true })
    const out = { feature: 'code-attendance', kind: 'remove-attendance', asker: staffAsker, byUserId: staff, userId: userId('1'), sessionId: one.state.last!.sessionId, dateId: null, facts: null } as const
    expect(one.askWithFacts(out)).to.deep.include({ kind: 'attendance-removed' })
    expect(one.submitWithFacts('1', typed)).to.deep.equal(refused('none-open'))
  })

  it('without its secret no code is called wrong', () => {
    const one = opened()
    const code = one.codeAt(opening)
    one.guild.secrets = new Map()
    expect(one.submit('1', { code })).to.deep.equal(refused('code-unavailable'))
  })

  it('an installation that serves one server needs no setup', () => {
    const one = new TestClass()
    const defaults = { adminChannelId: staffAsker.channelId, attendanceChannelId: attendanceChannel, intervalSeconds: 30, codeLength: 6 }
    one.openClass({ asker: { ...staffAsker, defaults } })
    expect([one.open.intervalMs, one.codeAt(opening).length, one.open.timeZone]).to.deep.equal([30_000, 6, 'Europe/Berlin'])
    expect(one.submit('1', { asker: { ...memberAsker, defaults } }).kind).to.equal('code-recorded')
  })

  it('the first code stands for the whole interval, longer where the budget says so, and never shorter', () => {
    const one = opened({}, { intervalMsMin: 60_000 })
    expect([one.open.intervalMs, one.open.wantedIntervalMs]).to.deep.equal([60_000, 15_000])
    for (const firstStepDelayMs of [0, 1, 14_999]) {
      const late = opened({}, { firstStepDelayMs })
      const code = late.codeAt(opening)
      expect(late.submit('1', { code, submittedAt: opening + firstStepDelayMs + 14_999 }).kind).to.equal('code-recorded')
      expect(late.submit('2', { code, submittedAt: opening + firstStepDelayMs + 15_000 })).to.deep.equal(refused('wrong-code'))
    }
  })

  it('closing writes every entry with its receipt, in order of time, in one turn; both messages are to turn red', () => {
    const one = opened({ lateAfterMinutes: 1 })
    one.ask({ feature: 'code-attendance', kind: 'register-student', userId: userId('3'), username: 'c', studentId: 'S3', studentName: null })
    for (const [user, at] of [['1', 70_000], ['2', 4_000], ['3', 2_000]] as const) one.submit(user, { submittedAt: opening + at })
    const { sessionId } = one.open
    expect(one.close()).to.deep.equal({ kind: 'code-session-closed', sessionId, entryCount: 3, lateCount: 1 })
    const { receipts, attendanceEntries, attendanceSessions, outbox } = one.turns.at(-1)!
    expect(receipts).to.have.length(3)
    expect(payloads(one).map((payload) => [payload.user_id, payload.status, payload.student_id, payload.date_id, payload.source])).to.deep.equal([
      ['3', 'present', 'S3', '2026-11-20', 'code'], ['2', 'present', null, '2026-11-20', 'code'], ['1', 'late', null, '2026-11-20', 'code'],
    ])
    expect(attendanceEntries.map(({ userId: user, localTime }) => [user, localTime])).to.deep.equal([
      ['3', '2026-11-20 19:00:02'], ['2', '2026-11-20 19:00:04'], ['1', '2026-11-20 19:01:10'],
    ])
    expect(attendanceSessions[0]).to.deep.include({ sessionId, closedAt: opening })
    expect(outbox.map(({ kind }) => kind)).to.deep.equal(['show-closed', 'show-closed'])
  })

  it('a large class is written in steps, published by the last; nothing of the class is open to others meanwhile', () => {
    const one = opened()
    const count = 2_000
    for (let user = 1; user <= count; user += 1) one.submit(String(user), { code: one.codeAt(opening), submittedAt: opening + (user % 1_000) })
    one.turns.length = 0
    const { sessionId } = one.open
    expect(one.close()).to.deep.equal({ kind: 'code-session-closed', sessionId, entryCount: count, lateCount: 0 })
    expect(one.sessions.get(sessionId)?.closedAt).to.equal(null)
    const typed = { code: one.codeAt(opening), submittedAt: opening }
    expect(one.submit('5', { ...typed, submittedAt: opening + 1 })).to.deep.equal(refused('none-open'))
    // Typed in time: those written already and those still to come stand in it; who does not is written at the end.
    for (const user of ['1000', '5']) expect(one.submit(user, typed)).to.deep.include({ kind: 'code-recorded', isRepeated: true })
    expect(one.submit('2001', typed)).to.deep.include({ kind: 'code-recorded', isRepeated: false })
    expect(one.openClass()).to.deep.equal(refused('still-closing'))
    expect(one.close()).to.deep.equal(refused('still-closing'))
    expect(one.askWithFacts(record({ sessionId }))).to.deep.equal(refused('still-closing'))
    expect(one.finishClosing()).to.equal(5)
    expect(one.sessions.get(sessionId)?.closedAt).to.equal(opening)
    expect([one.entries.size, one.state.last?.entryCount]).to.deep.equal([count + 1, count + 1])
    for (const turn of one.turns) expect(turn.journal.length).to.be.at.most(limits.commitBatchEventsMax)
    expect(new Set(one.turns.flatMap(({ receipts }) => receipts).map(({ subject }) => subject)).size).to.equal(count + 1)
    expect(one.turns.flatMap(({ outbox }) => outbox)).to.have.length(2)
  }).timeout(30_000)

  it('a crash between two steps of a closing loses nothing and writes nothing twice: the next owner goes on from the journal', () => {
    const one = opened()
    for (let user = 1; user <= 1_500; user += 1) one.submit(String(user), { code: one.codeAt(opening) })
    one.close()
    let crashes = 0
    while (one.state.open !== null) {
      const before = structuredClone(one.guild.state)
      one.reload()
      expect(one.guild.state).to.deep.equal(before)
      const [step] = codeAttendance.alarms?.(one.state) ?? []
      one.now = step!.dueAt
      one.ask(codeAttendance.onAlarm!(step!.purpose, step!.dueAt))
      crashes += 1
    }
    expect(crashes).to.equal(3)
    const written = one.turns.flatMap(({ attendanceEntries }) => attendanceEntries).map(({ userId: user }) => user)
    expect([written.length, new Set(written).size, payloads(one).length]).to.deep.equal([1_500, 1_500, 1_500])
  }).timeout(30_000)

  it('closes by itself at its minute; an alarm that comes after a close by hand does nothing', () => {
    const one = opened({ autoCloseMinutes: 45 })
    expect(codeAttendance.alarms?.(one.state)).to.deep.equal([{ purpose: 'auto-close', dueAt: opening + 45 * 60_000 }])
    one.submit('1')
    one.now = opening + 45 * 60_000
    expect(one.ask({ feature: 'code-attendance', kind: 'go-on-closing' })).to.deep.include({ kind: 'code-session-closed', entryCount: 1 })
    expect(one.ask({ feature: 'code-attendance', kind: 'go-on-closing' })).to.deep.equal({ kind: 'noted' })
    expect(codeAttendance.alarms?.(one.state)?.map(({ purpose }) => purpose)).to.deep.equal(['forget-class'])
    // The alarm is of the database's clock: whoever typed before by Discord's is in.
    expect(one.state.ended!.until).to.equal(opening + 45 * 60_000)
    expect(codeAttendance.onAlarm?.('auto-close', 0)).to.deep.equal({ feature: 'code-attendance', kind: 'go-on-closing' })
  })

  it('staff changes entries of the open class; a member who types afterwards has the last word', () => {
    const one = opened()
    one.submit('42')
    expect(one.askWithFacts(record({ status: 'excused' }))).to.deep.include({ sessionId: one.open.sessionId, previous: 'present', status: 'excused' })
    expect(one.open.entries['42']).to.deep.include({ status: 'excused', source: 'staff', username: 'name42' })
    expect(one.askWithFacts(record({ member: { userId: userId('43') } }))).to.deep.include({ previous: null })
    expect(one.open.entryCount).to.equal(2)
    one.submit('42', { submittedAt: opening + 1_000 })
    one.close()
    expect(payloads(one).map(({ user_id: user, status, source }) => [user, status, source])).to.deep.equal([['43', 'present', 'staff'], ['42', 'present', 'code']])
  })

  it('the message with the code is posted again when it was deleted, once', () => {
    const one = opened()
    const { sessionId } = one.open
    const note = (messageId: string) => one.ask({ feature: 'code-attendance', kind: 'note-message', sessionId, message: 'admin', messageId, failure: null })
    const lose = (messageId: string) => one.ask({ feature: 'code-attendance', kind: 'lose-message', sessionId, message: 'admin', messageId })
    note('1')
    lose('1')
    expect(one.turns.at(-1)!.outbox.map(({ kind, target }) => [kind, target])).to.deep.equal([['post-session', 'code:admin']])
    lose('1')
    expect(one.turns.at(-1)!.outbox).to.deep.equal([])
    note('2')
    expect(one.open.messages.admin.messageId).to.equal('2')
    one.close()
    lose('2')
    expect(one.turns.at(-1)!.outbox).to.deep.equal([])
  })
})

describe('registering as a student', () => {
  const register = (one: TestClass, user: string, studentId: string, name: string | null = null) =>
    one.ask({ feature: 'code-attendance', kind: 'register-student', userId: userId(user), username: `name${user}`, studentId, studentName: name })

  it('is "registered" first and "updated" afterwards; an id belongs to one account, in any case of letters', () => {
    const one = new TestClass()
    expect(register(one, '1', 'S-1')).to.deep.equal({ kind: 'student-registered', studentId: 'S-1', isFirst: true })
    expect(register(one, '2', 's-1')).to.deep.equal(refused('student-taken'))
    expect(register(one, '1', 'S-2', 'Ada')).to.deep.equal({ kind: 'student-registered', studentId: 'S-2', isFirst: false })
    expect(register(one, '2', 'S-1')).to.deep.include({ isFirst: true })
    expect(one.state.studentCount).to.equal(2)
    expect([...one.students.values()].map(({ studentId }) => studentId)).to.deep.equal(['S-2', 'S-1'])
  })
})

describe('settings', () => {
  it('are staff’s; who is staff is set by those with Manage Server alone; a zone must be one', () => {
    const one = new TestClass()
    one.setUp({ staffRoleId: roleId('77') })
    const asker = { ...staffAsker, isManager: false, roleIds: [roleId('77')] }
    const set = (changes: object, by = asker) => one.ask({ feature: 'code-attendance', kind: 'set-attendance', asker: by, changes, byUserId: staff })
    expect(set({ codeLength: 6 })).to.deep.equal({ kind: 'attendance-settings-set', changed: true })
    expect(set({ codeLength: 6 })).to.deep.equal({ kind: 'attendance-settings-set', changed: false })
    expect(set({ staffRoleId: roleId('78') })).to.deep.equal(refused('not-staff'))
    expect(set({ codeLength: 5 }, { ...asker, roleIds: [] })).to.deep.equal(refused('not-staff'))
    expect(set({ timeZone: 'Mars/Olympus' })).to.deep.equal(refused('unknown-time-zone'))
  })

  it('of a state that version 1 stored go on: its entries are rows now', () => {
    const upgraded = upgradeState({ webhookSecretHash: 'ab', entries: { 'manual_20261120 42': {} }, entryCount: 1, unsealed: {} }, 1)
    expect(upgraded).to.deep.include({ webhookSecretHash: 'ab', open: null, changes: 0 })
    expect(upgraded).not.to.have.property('entries')
  })

  it('of a state that version 2 stored in the middle of a closing go on: what was written then is counted still', () => {
    const one = opened()
    for (let user = 1; user <= 1_000; user += 1) one.submit(String(user), { code: one.codeAt(opening) })
    one.close()
    const { ended: _ended, ...stored } = structuredClone(one.state)
    const { closing, ...open } = stored.open!
    const { until: _until, ...before } = closing!
    const written = Object.keys(open.entries).filter((user) => !before.left.includes(user))
    for (const user of written) delete open.entries[user]
    const upgraded = upgradeState({ ...stored, open: { ...open, entryCount: before.left.length, closing: { ...before, entryCount: 1_000, lateCount: 0 } } }, 2)
    expect([upgraded.ended, upgraded.open!.entryCount, upgraded.open!.closing!.left.length]).to.deep.equal([null, 1_000, 600])
  })
})
