/**
 * Code attendance as its people meet it: every command as staff and as a student, with and without right, in English and
 * in German, against whole processes; the faults of the bot that it replaces; what a crash leaves.
 */
import { expect } from 'chai'
import { parse } from 'csv-parse/sync'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import { ClassRoom, untilSeen } from '../support/class-room.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

const columns = 'student_id,student_name,discord_username,user_id,timestamp,date_id,session_id,status'

describe('scenario: a class (four identifies at once allowed)', function () {
  this.timeout(60_000)
  let fleet: Fleet
  let room: ClassRoom
  let teacher: MemberDriver
  let ada: MemberDriver
  let bruno: MemberDriver

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 4 } }, shardCount: 1, processCount: 1 })
    const guild = fleet.sandbox.people.createGuild({ name: 'school', textChannels: ['office', 'hall', 'other'], voiceChannels: ['Lecture'] })
    fleet.startManager()
    await fleet.whenReady()
    room = new ClassRoom(fleet.sandbox, guild)
    teacher = guild.owner()
    ada = guild.addMember({ username: 'ada', globalName: 'Ada' })
    bruno = guild.addMember({ username: 'bruno', globalName: 'Bruno' })
    bruno.setLocale('de')
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
  })

  after(() => fleet?.stop())

  const csv = async (options: Record<string, string | boolean> = {}): Promise<Record<string, string>[]> => {
    const { data } = await room.file(await room.ask(teacher, 'export_csv', options))
    return parse(data, { columns: true })
  }

  it('before it is set up: everybody is told who does what', async () => {
    expect(await room.here(ada, 'ABCD')).to.contain('not set up here yet').and.contain('/attendance setup')
    expect(await room.here(bruno, 'ABCD')).to.contain('noch nicht eingerichtet')
    expect(await room.say(teacher, 'open_attendance')).to.contain('/attendance setup')
    expect(await room.say(ada, 'open_attendance')).to.contain('Only staff may do this')
  })

  it('/attendance setup asks for the channels with menus, and shows what stands', async () => {
    const asked = await room.ask(teacher, 'attendance setup')
    const ids = JSON.stringify(asked.components).match(/attendance:(admin|attendance)-channel:\d+/g) ?? []
    expect(ids).to.have.length(2)
    const first = await teacher.select(asked, ids[0]!, [room.office]).reply()
    expect(first.kind === 'message' && first.message.embeds[0]?.description).to.contain(`**Admin channel**: <#${room.office}>`)
    const second = await teacher.select(asked, ids[1]!, [room.hall]).reply()
    expect(second.kind === 'message' && second.message.components).to.deep.equal([])
    expect(await room.say(teacher, 'attendance setup', { rotation_interval: 5, code_length: 5, grace: 1 })).to.contain('**A new code every**: 5 s').and.contain('The settings are changed')
    expect(await room.say(ada, 'attendance setup')).to.contain('Only staff')
  })

  it('a class: the code on the screen, members typing it, one wrong, one twice, the list', async () => {
    expect(await room.here(ada, 'ABCD')).to.contain('No attendance session is open')
    expect(await room.here(bruno, 'ABCD')).to.contain('keine Anwesenheitssitzung offen')
    expect(await room.say(teacher, 'open_attendance', {}, room.guild.channel('other').id)).to.contain(`in <#${room.office}> only`)
    expect(await room.say(teacher, 'open_attendance')).to.match(/^Session `\d{10}` is open\. .* every 5 s\.$/)
    const code = await room.code()
    expect(code).to.match(/^[A-Z0-9]{5}$/)
    await untilSeen(fleet.sandbox, () => (room.newest(room.hall).title === '' ? undefined : true))
    expect(room.newest(room.hall).text).to.contain('/here').and.not.contain(code)

    expect(await room.here(ada, ` ${code.toLowerCase()} `)).to.equal('Recorded: you are present.')
    expect(await room.here(ada, code)).to.contain('Already recorded')
    expect(await room.here(bruno, await room.code())).to.equal('Eingetragen: du bist anwesend.')
    expect(await room.here(room.guild.addMember({ username: 'carl' }), 'WRONG')).to.contain('invalid or has expired')
    expect(await room.say(ada, 'here', { code }, room.office)).to.contain(`in <#${room.hall}> only`)

    const messages = (): number => room.posted(room.office).length + room.posted(room.hall).length
    const before = messages()
    expect(await room.say(teacher, 'open_attendance')).to.contain('open already').and.contain('/close_attendance')
    const next = await room.code(code)
    expect(room.screen()?.entries).to.equal(2)
    expect(next).not.to.equal(code)
    expect(messages()).to.equal(before)

    const closed = await room.say(teacher, 'close_attendance')
    expect(closed).to.contain('2 entries')
    await untilSeen(fleet.sandbox, () => (room.newest(room.office).title === 'Attendance is closed' && room.newest(room.hall).title === 'Attendance is closed' ? true : undefined))
    expect(room.newest(room.office).text).to.contain('2 entries')
    expect(await room.say(teacher, 'close_attendance')).to.contain('No attendance session is open')
    const rows = await csv()
    expect(rows.map((row) => [row['discord_username'], row['status'], row['student_id']])).to.deep.equal([['ada', 'present', ''], ['bruno', 'present', '']])
    const { name, data } = await room.file(await room.ask(teacher, 'export_csv', { session_id: rows[0]!['session_id']! }))
    expect(name).to.equal(`attendance_${rows[0]!['session_id']}.csv`)
    expect(data.toString('utf8').split('\r\n')[0]).to.equal(columns)
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
  })

  it('/register: first and afterwards, in both languages; an id belongs to one account', async () => {
    expect(await room.say(ada, 'register', { student_id: 'S-1', student_name: '=Ada "A", Lovelace' }, room.guild.channel('other').id)).to.contain('Registered').and.contain('`S-1`')
    expect(await room.say(bruno, 'register', { student_id: 's-1' })).to.contain('hat ein anderes Konto registriert')
    expect(await room.say(bruno, 'register', { student_id: 'S-2', student_name: 'Bruno' })).to.contain('Registriert')
    expect(await room.say(bruno, 'register', { student_id: 'S-3', student_name: 'Bruno' })).to.contain('Geändert')
    expect((await csv()).map((row) => [row['student_id'], row['student_name']])).to.deep.equal([['S-1', '\'=Ada "A", Lovelace'], ['S-3', 'Bruno']])
  })

  it('suggestions: who is registered and who is in a record, for staff alone, at most 25', async () => {
    const zoe = room.guild.addMember({ username: 'zoe' })
    for (let number = 0; number < 26; number += 1) {
      const member = room.guild.addMember({ username: `pupil${number}` })
      await room.say(member, 'register', { student_id: `P-${number}` })
    }
    const offered = async (member: MemberDriver, typed: string) => {
      const reply = await member.autocomplete('excuse', { student: typed }, 'student', { channel: room.office }).reply()
      return reply.kind === 'choices' ? reply.choices : []
    }
    expect(await offered(teacher, '')).to.have.length(25)
    expect(await offered(teacher, 'bru')).to.deep.equal([{ name: 'Bruno · S-3 · @bruno', value: `<@${bruno.userId}>` }])
    expect(await offered(zoe, 'bru')).to.deep.equal([])
  })

  it('/mark_present, /excuse and /remove_attendance: found by id, mention or name; the previous status is told; the verdict follows', async () => {
    const pupil = room.guild.addMember({ username: 'late-comer' })
    await room.say(pupil, 'register', { student_id: 'L-1', student_name: 'Late Comer' })
    expect(await room.say(teacher, 'mark_present', { student: 'L-1' })).to.contain('is present in session').and.contain('There was no record before')
    expect(await room.say(teacher, 'mark_present', { student: 'late comer' })).to.contain('Before: present').and.contain('stood so already')
    expect(await room.say(teacher, 'excuse', { student: pupil.userId })).to.contain('is excused').and.contain('Before: present')
    expect(await room.say(teacher, 'excuse', { student: `<@${pupil.userId}>`, date: '2026-01-02' })).to.contain('`manual_20260102`')
    const row = (await csv()).find((one) => one['user_id'] === pupil.userId && one['date_id'] !== '2026-01-02')
    expect(row).to.deep.include({ status: 'excused', student_name: 'Late Comer' })
    const linked = (await csv({ receipts: true })).find((one) => one['user_id'] === pupil.userId && one['date_id'] !== '2026-01-02')
    const api = await fleet.startApi()
    const verify = async (): Promise<Record<string, unknown>> =>
      (await (await fetch(`${api}/verify/attendance/${linked!['receipt']!.split('/').at(-1)}`)).json()) as Record<string, unknown>
    expect(await verify()).to.deep.include({ valid: true, current: false }).and.to.have.nested.property('amended_by.receipt.payload.to', 'excused')
    const page = await (await fetch(`${api}/v/${linked!['receipt']!.split('/').at(-1)}`)).text()
    expect(page).to.contain('Excused').and.contain('L-1')

    expect(await room.say(teacher, 'remove_attendance', { student: 'L-1' })).to.contain('`date` or `session_id`')
    expect(await room.say(teacher, 'remove_attendance', { student: 'L-1', session_id: row!['session_id']! })).to.contain('is removed. It was excused')
    expect(await room.say(teacher, 'remove_attendance', { student: 'L-1', session_id: row!['session_id']! })).to.contain('No record was found')
    expect((await csv()).filter((one) => one['user_id'] === pupil.userId)).to.have.length(1)

    for (const [command, options, words] of [
      ['mark_present', { student: 'nobody' }, 'No student is known'],
      ['excuse', { student: 'L-1', date: '20.11.2026' }, 'YYYY-MM-DD'],
      ['mark_present', { student: 'L-1', session_id: '1' }, 'There is no session'],
      ['remove_attendance', { student: 'L-1', date: 'soon' }, 'YYYY-MM-DD'],
      ['export_csv', { session_id: '1' }, 'There is no session'],
      ['attendance report', { from: '2026-02-30' }, 'YYYY-MM-DD'],
      ['attendance report', { from: '2026-03-01', to: '2026-02-01' }, 'Swap'],
    ] as const) {
      expect(await room.say(teacher, command, options), command).to.contain(words)
      expect(await room.say(ada, command, options), command).to.contain('Only staff')
      expect(await room.say(teacher, command, options, room.hall), command).to.contain(`in <#${room.office}> only`)
    }
  })

  it('/attendance report: who was there, who was missed, as a table and a file', async () => {
    const answer = await room.ask(teacher, 'attendance report')
    expect(answer.content).to.match(/Attendance \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d: 1 session/).and.contain('Bruno')
    const rows = parse((await room.file(answer)).data, { columns: true }) as Record<string, string>[]
    expect(rows.find((row) => row['student_id'] === 'S-1')).to.deep.include({ present: '1', absent: '0', percentage: '100' })
    // Registered after the class: not missed in it.
    expect(rows.find((row) => row['student_id'] === 'P-1')).to.deep.include({ present: '0', absent: '0', percentage: '' })
  })

  it('a staff role, and presence in voice: who is not there is told where to go', async () => {
    const role = room.guild.createRole({ name: 'tutors' })
    const tutor = room.guild.addMember({ username: 'tutor', roles: [role.id] })
    const lecture = room.guild.channel('Lecture').id
    expect(await room.say(tutor, 'open_attendance')).to.contain('Only staff')
    await room.say(teacher, 'attendance setup', { staff_role: role.id, voice_presence: 'require', voice_channel: lecture, alphabet: 'unambiguous' })
    expect(await room.say(tutor, 'open_attendance', { late_after: 10, auto_close: 60 })).to.contain('is open')
    const code = await room.code()
    expect(room.screen()?.message.embeds[0]?.description).to.contain('Late from').and.contain('Closes by itself')
    expect(await room.here(ada, code)).to.contain(`you must be in <#${lecture}>`)
    ada.joinVoice(lecture)
    expect(await room.here(ada, await room.code())).to.equal('Recorded: you are present.')
    ada.leaveVoice()
    await room.say(tutor, 'close_attendance')
    await room.say(teacher, 'attendance setup', { voice_presence: 'off' })
  })

  it('a code that was typed before the end and reaches us after it counts, and the totals follow', async () => {
    await room.say(teacher, 'open_attendance')
    expect(await room.here(bruno, await room.code())).to.contain('Eingetragen')
    const [sessionId] = /\d{10}/.exec(room.screen()?.message.embeds[0]?.footer?.text ?? '') ?? []
    expect(await room.say(teacher, 'export_csv', { session_id: sessionId! })).to.contain('is still open').and.contain('/close_attendance')
    fleet.sandbox.faults.delayDispatch({ t: 'INTERACTION_CREATE', delayMs: 700 })
    const underWay = room.here(ada, await room.code())
    expect(await room.say(teacher, 'close_attendance')).to.contain('1 entry')
    expect(await underWay).to.equal('Recorded: you are present.')
    await untilSeen(fleet.sandbox, () => (room.newest(room.office).text.includes('2 entries') ? true : undefined))
    expect((await csv()).slice(0, 2).map((row) => row['discord_username'])).to.have.members(['ada', 'bruno'])
    expect(await room.here(ada, 'ABCD')).to.contain('No attendance session is open')
  })

  it('a deleted admin message is posted again, and a killed process loses nothing: the same codes, the same entries', async () => {
    await room.say(teacher, 'open_attendance')
    const code = await room.code()
    expect(await room.here(ada, code)).to.contain('Recorded')
    const first = room.screen()!.message
    teacher.deleteMessage(first)
    const again = await untilSeen(fleet.sandbox, () => (room.screen() !== undefined && room.screen()?.message.id !== first.id ? room.screen() : undefined))
    const [pid] = fleet.shardPids().values()
    process.kill(pid!, 'SIGKILL')
    await fleet.whenExited(pid!)
    await fleet.whenReady()
    const next = await room.code(again.code)
    expect(await room.here(bruno, next)).to.contain('Eingetragen')
    expect(await room.here(ada, next)).to.contain('Already recorded')
    expect(room.screen()?.message.id).to.equal(again.message.id)
    expect(await room.say(teacher, 'close_attendance')).to.contain('2 entries')
    expect((await csv()).slice(0, 2).map((row) => row['discord_username'])).to.have.members(['ada', 'bruno'])
  })

  it('neither a log nor a table holds a secret or a code', async () => {
    await room.say(teacher, 'open_attendance')
    const code = await room.code()
    const tables = ['journal', 'outbox', 'op_result', 'snapshot', 'receipt', 'waiting_record', 'attendance', 'attendance_session']
    for (const table of tables) {
      const [found] = await fleet.rows.query<{ count: string }>(`SELECT count(*) AS count FROM ${table} t WHERE t::text LIKE '%' || $1 || '%'`, [code])
      expect(Number(found?.count), table).to.equal(0)
    }
    expect(fleet.output()).not.to.contain(code)
    await room.say(teacher, 'close_attendance')
    // That of the class that ended last is kept for a minute: a code may still be on its way.
    const [left] = await fleet.rows.query<{ count: string }>('SELECT count(*) AS count FROM guild_secret')
    expect(left?.count).to.equal('1')
  })
})
