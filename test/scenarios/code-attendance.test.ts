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
})
