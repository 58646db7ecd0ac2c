/**
 * Every voice command as a person types it: as a member and as an admin, with and without permission, in English and in
 * German, against whole processes. Refusals name their remedy. Logs, roles and webhooks arrive where they should.
 */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { APIMessage } from 'discord-api-types/v10'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import { PeopleRefused } from '../../sandbox/people/refused.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

type Options = Record<string, string | number | boolean>

async function ask(member: MemberDriver, command: string, options: Options = {}): Promise<APIMessage> {
  const reply = await member.slash(command, options).reply()
  if (reply.kind !== 'message') throw new Error(`/${command} was answered with ${JSON.stringify(reply)}`)
  expect(reply.ephemeral, `/${command}: only the member sees it`).to.equal(true)
  return reply.message
}

function wordsOf({ content, embeds }: APIMessage): string {
  const parts = embeds.flatMap(({ title, description, fields, footer }) => [title, description, ...(fields ?? []).map(({ name, value }) => `${name}: ${value}`), footer?.text])
  return [content, ...parts].filter((part) => part !== undefined && part !== '').join('\n')
}

const textOf = async (member: MemberDriver, command: string, options: Options = {}): Promise<string> => wordsOf(await ask(member, command, options))

function customIds({ components }: APIMessage): string[] {
  const rows = (components ?? []) as unknown as readonly { readonly components: readonly { readonly custom_id?: string }[] }[]
  return rows.flatMap((row) => row.components).flatMap(({ custom_id: id }) => (id === undefined ? [] : [id]))
}

describe('voice commands, in two languages (four identifies at once allowed)', function () {
  this.timeout(60_000)
  let fleet: Fleet
  let guild: GuildDriver
  let admin: MemberDriver
  let germanAdmin: MemberDriver
  let member: MemberDriver
  let germanMember: MemberDriver
  let receiver: Server
  const delivered: { readonly event: string; readonly items: readonly unknown[] }[] = []
  let whenDelivered: () => void = () => undefined
  let hookUrl: string

  before(async function () {
    this.timeout(testServersTimeoutMs)
    receiver = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
      request.on('end', () => {
        delivered.push(JSON.parse(body) as (typeof delivered)[number])
        response.writeHead(204).end()
        whenDelivered()
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const { port } = receiver.address() as AddressInfo
    hookUrl = `http://127.0.0.1:${port}/hook`
    fleet = await startFleet({
      sandbox: { gatewayLimits: { maxConcurrency: 4 } },
      shardCount: 1,
      processCount: 1,
      environment: { MUSTER_DEFAULT_TIER: 'pro', MUSTER_WEBHOOK_ALLOW: `127.0.0.1:${port}` },
    })
    guild = fleet.sandbox.people.createGuild({ name: 'school', voiceChannels: ['Hall', 'Library'], textChannels: ['general', 'log'] })
    fleet.startManager()
    await fleet.whenReady()
    admin = guild.owner()
    const manager = guild.createRole({ name: 'staff', permissions: '32' })
    germanAdmin = guild.addMember({ username: 'greta', roles: [manager.id] })
    germanAdmin.setLocale('de')
    member = guild.addMember({ username: 'ada', globalName: 'Ada' })
    germanMember = guild.addMember({ username: 'bruno', globalName: 'Bruno' })
    germanMember.setLocale('de')
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
  })

  after(async () => {
    await fleet?.stop()
    receiver.closeAllConnections()
    await new Promise<void>((resolve) => receiver.close(() => resolve()))
  })

  const receipts = async (type: string): Promise<number> =>
    Number((await fleet.rows.query<{ count: string }>('SELECT count(*) AS count FROM receipt WHERE type = $1', [type]))[0]?.count)

  async function visit(who: MemberDriver, channel = 'Hall'): Promise<void> {
    const before = await receipts('voice-session')
    who.joinVoice(guild.channel(channel).id)
    who.leaveVoice()
    await fleet.rows.until(async () => ((await receipts('voice-session')) > before ? true : undefined))
  }

  it('Discord is told names and descriptions in both languages', () => {
    const commands = [...fleet.sandbox.world.state.commands.values()]
    const leaderboard = commands.find(({ name }) => name === 'leaderboard')
    expect(leaderboard?.name_localizations).to.deep.equal({ de: 'rangliste' })
    expect(commands.find(({ name }) => name === 'admin')?.options?.find(({ name }) => name === 'fairness')?.description_localizations).to.have.property('de')
  })

  it('without Manage Server: the client refuses, and where it lets a member through our own check does, in their language', async () => {
    const lines: readonly (readonly [string, Options])[] = [
      ['tracking-mode', { mode: 'all' }], ['track-channel', { action: 'show' }], ['fairness', {}], ['periods', {}], ['reset-now', {}],
      ['log-channel', { action: 'list' }], ['verified-role', { action: 'list' }], ['webhook', { action: 'show' }],
    ]
    for (const [name, options] of lines) expect(() => member.slash(`admin ${name}`, options), name).to.throw(PeopleRefused, 'may not use')
    const command = [...fleet.sandbox.world.state.commands.values()].find(({ name }) => name === 'admin')!
    const needed = command.default_member_permissions
    command.default_member_permissions = null
    try {
      for (const [name, options] of lines) {
        expect(await textOf(member, `admin ${name}`, options), name).to.equal('You need the permission "Manage Server" for this. Ask somebody who manages this server.')
        expect(await textOf(germanMember, `admin ${name}`, options), name).to.equal('Dafür brauchst du die Berechtigung „Server verwalten“. Frage jemanden, der diesen Server verwaltet.')
      }
    } finally {
      command.default_member_permissions = needed
    }
  })

  it('before anything is counted: members are told how it is switched on', async () => {
    expect(await textOf(member, 'leaderboard')).to.contain('switch it on with `/admin tracking-mode`')
    expect(await textOf(germanMember, 'leaderboard')).to.contain('mit `/admin tracking-mode` einschalten')
    expect(await textOf(germanMember, 'mytime')).to.contain('Es läuft kein Zeitraum').and.contain('in keinem gezählten Kanal')
    expect(await textOf(member, 'leaderboard', { period: 7 })).to.contain('There is no period 7.')
    expect(await textOf(admin, 'admin reset-now')).to.contain('nothing to close')
  })

  it('/admin tracking-mode and track-channel: what is set is said back, in the admin’s language', async () => {
    expect(await textOf(germanAdmin, 'admin tracking-mode', { mode: 'allowlist' })).to.equal(
      'Die Zählweise ist jetzt **allowlist**: nur Kanäle auf der Liste werden gezählt. Vorher war sie off.',
    )
    const hall = guild.channel('Hall').id
    expect(await textOf(admin, 'admin track-channel', { action: 'add', channel: hall })).to.contain(`<#${hall}> is on the list.`)
    expect(await textOf(admin, 'admin track-channel', { action: 'add' })).to.equal('Say which channel: the option `channel`.')
    expect(await textOf(germanAdmin, 'admin track-channel', { action: 'show' })).to.contain(`Auf der Liste: <#${hall}>.`)
    await visit(member)
    expect(await textOf(member, 'leaderboard')).to.match(/^Leaderboard\n\*\*1\.\*\* <@\d+> · \d+ s\n\nYour rank: \*\*1\.\*\*/)
    expect(await textOf(admin, 'admin track-channel', { action: 'remove', channel: hall })).to.contain('is not on the list')
    expect(await textOf(admin, 'admin tracking-mode', { mode: 'all' })).to.contain('It was allowlist.')
  })

  it('/admin fairness: shown, changed with a new version, and in force at once', async () => {
    expect(await textOf(admin, 'admin fairness')).to.contain('Fairness rules, version 1').and.contain('One person in a channel is enough.')
    expect(await textOf(germanAdmin, 'admin fairness', { 'self-mute': true, alone: true, 'minimum-members': 2 }))
      .to.contain('nennt die Fassung 2').and.contain('sich selbst stumm geschaltet hat, allein im Kanal ist').and.contain('Zeit zählt ab 2 Personen')
    expect(await textOf(admin, 'admin fairness', { alone: true })).to.contain('it was set like that already')
    member.joinVoice(guild.channel('Hall').id, { selfMute: true })
    await fleet.rows.until(async () => ((await textOf(germanMember, 'leaderboard')).includes('**1.**') ? true : undefined))
    expect(await textOf(member, 'mytime')).to.contain('your time does not count: muted')
    member.leaveVoice()
    await textOf(admin, 'admin fairness', { 'self-mute': false, alone: false, 'minimum-members': 1 })
  })

  it('/admin periods: the schedule with the next boundary; an unknown zone is refused with an example', async () => {
    expect(await textOf(admin, 'admin periods')).to.match(/weekly, by the calendar; time zone UTC; weeks start on Monday\.\nPeriod 1 has been running since <t:\d+:f>\.\nNext boundary: <t:\d+:f> \(<t:\d+:R>\)\./)
    expect(await textOf(germanAdmin, 'admin periods', { interval: 'monthly', 'time-zone': 'Europe/Berlin', 'week-start': 'sunday' })).to.contain(
      'monatlich, nach dem Kalender; Zeitzone Europe/Berlin; Wochen beginnen am Sonntag.',
    )
    expect(await textOf(admin, 'admin periods', { 'time-zone': 'Berlin' })).to.contain('Use an IANA name such as `Europe/Berlin`')
    expect(await textOf(germanAdmin, 'admin periods', { 'time-zone': 'Berlin' })).to.contain('Nimm einen IANA-Namen wie `Europe/Berlin`')
    expect(await textOf(admin, 'admin periods', { 'public-board': true })).to.contain('are public')
  })

  it('/stats user and channel: totals with pictures; bots have none', async () => {
    await visit(member)
    const own = await ask(germanMember, 'stats user', { user: member.userId })
    expect(wordsOf(own)).to.contain('Zeit von Ada in Sprachkanälen').and.contain('Gezählt: ')
    expect(own.attachments.map(({ filename }) => filename)).to.deep.equal(['member.png'])
    const hall = await ask(member, 'stats channel', { channel: guild.channel('Hall').id })
    expect(wordsOf(hall)).to.contain('Time in Hall').and.contain('When this server is active')
    expect(hall.attachments.map(({ filename }) => filename)).to.deep.equal(['channels.png', 'activity.png'])
    const bot = fleet.sandbox.world.state.botId
    expect(await textOf(member, 'stats user', { user: bot })).to.contain('Choose a member.')
    expect(await textOf(germanMember, 'stats user', { user: bot })).to.contain('Wähle ein Mitglied.')
  })

  it('/admin log-channel: added, listed, removed; completed sessions are posted there in the server’s language', async () => {
    const log = guild.channel('log').id
    expect(await textOf(admin, 'admin log-channel', { action: 'list' })).to.contain('Add one with `/admin log-channel action:add`')
    expect(await textOf(germanAdmin, 'admin log-channel', { action: 'remove', channel: log })).to.contain('ist kein Protokollkanal')
    expect(await textOf(admin, 'admin log-channel', { action: 'add', channel: log })).to.equal(`<#${log}> is told of: session completed, period closed.`)
    expect(await textOf(germanAdmin, 'admin log-channel', { action: 'add', channel: log, events: 'leaderboard-daily' })).to.contain('Rangliste jeden Tag')
    for (let index = 0; index < 10; index += 1) await visit(member)
    const posted = await fleet.rows.until(async () => {
      await textOf(member, 'leaderboard')
      return admin.messages(log).find(({ embeds }) => embeds[0]?.title === 'Sessions completed')
    })
    expect(posted.embeds[0]?.description).to.contain(`<@${member.userId}>`).and.contain('/v/')
  })

  it('/leaderboard pages by buttons, in place, for whoever asked', async () => {
    const crowd = Array.from({ length: 12 }, (_, index) => guild.addMember({ username: `crowd${index}` }))
    const before = await receipts('voice-session')
    for (const one of crowd) one.joinVoice(guild.channel('Library').id)
    for (const one of crowd) one.leaveVoice()
    await fleet.rows.until(async () => ((await receipts('voice-session')) >= before + crowd.length ? true : undefined))
    const first = await ask(germanMember, 'leaderboard')
    expect(wordsOf(first)).to.contain('Seite 1 von 2')
    const [, next] = customIds(first)
    const second = await germanMember.click(first, next!).reply()
    expect(second.kind === 'message' ? wordsOf(second.message) : second.kind).to.contain('Seite 2 von 2').and.contain('**11.**')
  })

  it('/admin verified-role: given when the time is reached; its refusals say what is missing', async () => {
    const role = guild.createRole({ name: 'regular' })
    expect(await textOf(admin, 'admin verified-role', { action: 'add' })).to.equal('Say which role: the option `role`.')
    expect(await textOf(germanAdmin, 'admin verified-role', { action: 'add', role: role.id })).to.contain('die Option `minutes`')
    expect(await textOf(admin, 'admin verified-role', { action: 'add', role: guild.id, minutes: 1 })).to.contain('Choose another one.')
    expect(await textOf(admin, 'admin verified-role', { action: 'add', role: role.id, minutes: 1 })).to.equal(
      `<@&${role.id}> is given from 1 min of counted time in the current period on.`,
    )
    expect(await textOf(germanAdmin, 'admin verified-role', { action: 'list' })).to.contain('im laufenden Zeitraum')
    expect(await textOf(admin, 'admin verified-role', { action: 'remove', role: role.id })).to.contain('is not a verified role any more')
  })

  it('/admin webhook: set with a secret that is shown once, tested, delivered, removed', async () => {
    expect(await textOf(admin, 'admin webhook', { action: 'show' })).to.contain('Set one with `/admin webhook action:set`')
    expect(await textOf(germanAdmin, 'admin webhook', { action: 'set', url: 'https://10.0.0.1/' })).to.contain('nur an öffentliche https://-Adressen')
    const set = await textOf(admin, 'admin webhook', { action: 'set', url: hookUrl })
    const secret = /`([\w-]{43})`/.exec(set)?.[1]
    expect(secret, set).to.be.a('string')
    const arrived = new Promise<void>((resolve) => (whenDelivered = resolve))
    expect(await textOf(admin, 'admin webhook', { action: 'test' })).to.contain('A test delivery is on its way.')
    await arrived
    expect(delivered[0]).to.deep.include({ event: 'test', items: [] })
    await visit(member)
    await fleet.rows.until(async () => {
      const shown = await textOf(germanAdmin, 'admin webhook', { action: 'show' })
      return delivered.some(({ event }) => event === 'session.completed') && shown.includes('angenommen') ? true : undefined
    })
    const [journal] = await fleet.rows.query<{ count: string }>('SELECT count(*) AS count FROM journal WHERE payload LIKE $1', [`%${secret}%`])
    expect(journal?.count, 'never journaled in clear').to.equal('0')
    expect(await textOf(admin, 'admin webhook', { action: 'remove' })).to.contain('its secret forgotten')
    expect(await textOf(admin, 'admin webhook', { action: 'test' })).to.contain('No webhook is set.')
  })

  it('/admin reset-now: asks, closes once, and the archive is read from its signed record', async () => {
    const asked = await ask(germanAdmin, 'admin reset-now')
    expect(wordsOf(asked)).to.contain('Zeitraum 1 jetzt abschließen?')
    const [close, cancel] = customIds(asked)
    const kept = await germanAdmin.click(asked, cancel!).reply()
    expect(kept.kind === 'message' ? wordsOf(kept.message) : kept.kind).to.equal('Es wurde nichts geändert.')
    const again = await ask(admin, 'admin reset-now')
    const done = await admin.click(again, close!).reply()
    expect(done.kind === 'message' ? wordsOf(done.message) : done.kind).to.match(/^Period 1 is closed with \d+ members\./)
    await fleet.rows.until(async () => ((await receipts('period')) === 1 ? true : undefined))
    expect(await textOf(member, 'leaderboard', { period: 1 })).to.match(/^Leaderboard of period 1\nPeriod 1, <t:\d+:f> to <t:\d+:f>\n\n\*\*1\.\*\*/)
    expect(await textOf(germanMember, 'leaderboard')).to.contain('Noch hat niemand gezählte Zeit')
    const log = guild.channel('log').id
    const post = await fleet.rows.until(async () => {
      await textOf(member, 'leaderboard')
      return admin.messages(log).find(({ embeds }) => embeds[0]?.title === 'Period 1 is closed')
    })
    expect(post.embeds[0]?.description).to.match(/Chain head: record \d+, `[0-9a-f]{64}`/)
    expect(await textOf(member, 'mytime')).to.match(/Newest records: http\S+\/v\/[0-9a-f-]{36}/)
  })
})
