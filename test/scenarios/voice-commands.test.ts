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
import { guildId, opId, roleId, userId } from '../../kernel/ids.ts'
import { PeopleRefused } from '../../sandbox/people/refused.ts'
import { slashCommands } from '../../shards/commands/registry.ts'
import type { TypedOptions } from '../support/driven-commands.ts'
import { DrivenCommands } from '../support/driven-commands.ts'
import { openAsker } from '../bench/open-asker.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { startProgram } from '../support/program.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

type Options = TypedOptions

const driven = new DrivenCommands()

async function ask(member: MemberDriver, command: string, options: Options = {}): Promise<APIMessage> {
  driven.note(member, command, options)
  return await askUnnoted(member, command, options)
}

/** Of somebody who may not: it says nothing about what the command does. */
async function askUnnoted(member: MemberDriver, command: string, options: Options): Promise<APIMessage> {
  const reply = await member.slash(command, options).reply()
  if (reply.kind !== 'message') throw new Error(`/${command} was answered with ${JSON.stringify(reply)}`)
  expect(reply.ephemeral, `/${command}: only the member sees it`).to.equal(true)
  return reply.message
}

function wordsOf({ content, embeds }: APIMessage): string {
  const parts = embeds.flatMap(({ title, description, fields, footer }) => [title, description, ...(fields ?? []).map(({ name, value }) => `${name}: ${value}`), footer?.text])
  return [content, ...parts].filter((part) => part !== undefined && part !== '').join('\n')
}

/** What a form says, top to bottom. */
async function formOf(member: MemberDriver, command: string, options: Options = {}): Promise<string> {
  driven.note(member, command, options)
  const reply = await member.slash(command, options).reply()
  if (reply.kind !== 'modal') throw new Error(`/${command} was answered with ${JSON.stringify(reply)}`)
  return JSON.stringify(reply.modal)
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
  const delivered: { readonly event: string; readonly delivery_id: string; readonly items: readonly unknown[] }[] = []
  /** Requests that Discord refused because a test asked for it. */
  let refusalsWanted = 0
  let receiverAnswer: { readonly status: number; readonly location?: string } = { status: 204 }
  let whenDelivered: () => void = () => undefined
  let hookUrl: string

  before(async function () {
    this.timeout(testServersTimeoutMs)
    receiver = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
      request.on('end', () => {
        delivered.push(JSON.parse(body) as (typeof delivered)[number])
        const { status, location } = receiverAnswer
        response.writeHead(status, location === undefined ? {} : { location }).end()
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
    driven.setLocale(germanAdmin, 'de')
    member = guild.addMember({ username: 'ada', globalName: 'Ada' })
    germanMember = guild.addMember({ username: 'bruno', globalName: 'Bruno' })
    driven.setLocale(germanMember, 'de')
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox).slice(refusalsWanted)).to.deep.equal([])
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
    const given: Readonly<Record<string, Options>> = {
      'tracking-mode': { mode: 'all' }, 'track-channel': { action: 'show' }, 'log-channel': { action: 'list' }, 'verified-role': { action: 'list' },
      webhook: { action: 'show' }, 'generate-keys': { mode: 'passphrase' }, 'signing-policy': { policy: 'drop' },
      'verify-session': { 'session-id': '0190b3f4-5c1e-7a2b-8d3e-4f5061728394' }, 'verify-period': { period: 1 },
      'signing-version-1': { enabled: true }, 'webhook-secret': { purpose: 'attendance' },
    }
    // Every subcommand there is, whoever adds one: what it needs to be typed at all stands above.
    const all = slashCommands.find(({ definition }) => definition.name === 'admin')?.definition.options?.map(({ name }) => name) ?? []
    const lines = all.map((name) => [name, given[name] ?? {}] as const)
    expect(lines.length).to.be.at.least(16)
    for (const [name, options] of lines) expect(() => member.slash(`admin ${name}`, options), name).to.throw(PeopleRefused, 'may not use')
    const command = [...fleet.sandbox.world.state.commands.values()].find(({ name }) => name === 'admin')!
    const needed = command.default_member_permissions
    command.default_member_permissions = null
    try {
      for (const [name, options] of lines) {
        expect(wordsOf(await askUnnoted(member, `admin ${name}`, options)), name).to.equal('You need the permission "Manage Server" for this. Ask somebody who manages this server.')
        expect(wordsOf(await askUnnoted(germanMember, `admin ${name}`, options)), name).to.equal('Dafür brauchst du die Berechtigung „Server verwalten“. Frage jemanden, der diesen Server verwaltet.')
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

  it('/admin verified-role: its refusals say what is missing', async () => {
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

  it('/admin webhook: what the receiver answers is told in words, and what failed comes again', async () => {
    const arrival = (): Promise<void> => new Promise((resolve) => (whenDelivered = resolve))
    /** Sets the webhook anew, tries it, and waits for the outcome as an admin sees it. */
    async function outcomeOf(answer: typeof receiverAnswer, wanted: string): Promise<string> {
      receiverAnswer = answer
      await textOf(admin, 'admin webhook', { action: 'set', url: hookUrl, events: 'period.closed' })
      expect(await textOf(germanAdmin, 'admin webhook', { action: 'test' })).to.contain('Eine Probezustellung ist unterwegs.')
      return await fleet.rows.until(async () => {
        const shown = await textOf(germanAdmin, 'admin webhook', { action: 'show' })
        return shown.includes(wanted) ? shown : undefined
      })
    }
    expect(await outcomeOf({ status: 410 }, '410: der Empfänger ist weg.')).to.contain('es wird nichts mehr gesendet').and.contain('Aufgegeben: 1')
    expect(await textOf(admin, 'admin webhook', { action: 'show' })).to.contain('410: the receiver is gone.').and.contain('Set the webhook again to go on.')
    const elsewhere = { status: 307, location: 'http://127.0.0.1:9/hook' }
    expect(await outcomeOf(elsewhere, 'auf eine Adresse weitergeleitet, die privat oder nicht https ist')).to.contain('Aufgegeben: 1')
    receiverAnswer = { status: 500 }
    const first = arrival()
    expect(await textOf(admin, 'admin webhook', { action: 'test' })).to.contain('on its way')
    await first
    receiverAnswer = { status: 204 }
    await arrival()
    const [before, again] = delivered.slice(-2)
    expect(again, 'the same delivery, five seconds later').to.deep.equal(before)
    expect(await textOf(admin, 'admin webhook', { action: 'remove' })).to.contain('its secret forgotten')
    expect(await textOf(germanAdmin, 'admin webhook', { action: 'remove' })).to.contain('Es ist kein Webhook eingestellt.')
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

  /** Closes the running period as an admin does. */
  async function closePeriod(): Promise<void> {
    const asked = await ask(admin, 'admin reset-now')
    const done = await admin.click(asked, customIds(asked)[0]!).reply()
    expect(done.kind === 'message' ? wordsOf(done.message) : done.kind).to.contain('is closed')
  }

  it('verified roles: given when the time is reached, taken and given at the boundary; one above Muster’s own is told', async () => {
    const [regular, veteran, high] = ['regular', 'veteran', 'high'].map((name) => guild.createRole({ name }))
    fleet.sandbox.world.roles.setPosition(guild.id, high!.id, 50)
    const asker = await openAsker(fleet.environment)
    // A minute is the least that an admin may ask for, and longer than a test has: the same command with a second.
    for (const [role, within] of [[regular, 'current'], [veteran, 'last'], [high, 'current']] as const) {
      const role_ = { minimumSeconds: 1, within }
      const command = { feature: 'voice-attendance', kind: 'add-verified-role', roleId: roleId(role!.id), role: role_, defaultTier: 'free', byUserId: userId(admin.userId) } as const
      const refused = await asker.client.ask({ guildId: guildId(guild.id), opId: opId(`test:${role!.id}:free`), command, deadlineInMs: 10_000 })
      expect(refused, 'not in the free tier').to.deep.equal({ status: 'answered', reply: { kind: 'setting-refused', reason: 'needs-pro' } })
      const set = await asker.client.ask({ guildId: guildId(guild.id), opId: opId(`test:${role!.id}`), command: { ...command, defaultTier: 'pro' }, deadlineInMs: 10_000 })
      expect(set).to.deep.equal({ status: 'answered', reply: { kind: 'setting-set', changed: true } })
    }
    await asker.stop()
    const rolesOf = (who: MemberDriver): readonly string[] => who.member().roles
    refusalsWanted = 1
    member.joinVoice(guild.channel('Hall').id)
    await visit(germanMember)
    expect(rolesOf(germanMember), 'too short').to.deep.equal([])
    // Nothing but time makes counted time.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    member.leaveVoice()
    await fleet.rows.until(async () => (rolesOf(member).includes(regular!.id) ? true : undefined))
    expect(rolesOf(member)).to.deep.equal([regular!.id])
    const shown = await fleet.rows.until(async () => {
      const text = await textOf(germanAdmin, 'admin verified-role', { action: 'list' })
      return text.includes('⚠') ? text : undefined
    })
    expect(shown).to.contain('Vergeben an 1.').and.contain('⚠ Muster fehlt dafür eine Berechtigung, oder die Rolle steht über seiner eigenen.')
    await closePeriod()
    await fleet.rows.until(async () => (rolesOf(member).includes(veteran!.id) && !rolesOf(member).includes(regular!.id) ? true : undefined))
    expect(rolesOf(germanMember)).to.deep.equal([])
    expect(await textOf(germanAdmin, 'admin verified-role', { action: 'remove', role: veteran!.id })).to.contain('ist keine Rolle nach Zeit mehr')
    await fleet.rows.until(async () => (rolesOf(member).length === 0 ? true : undefined))
    for (const role of [regular, high]) await textOf(admin, 'admin verified-role', { action: 'remove', role: role!.id })
    expect(await textOf(admin, 'admin verified-role', { action: 'list' })).to.contain('Add one with `/admin verified-role action:add`')
    expect(await textOf(germanAdmin, 'admin verified-role', { action: 'add', role: regular!.id, minutes: 60, within: 'last' })).to.contain('60 min gezählter Zeit im letzten Zeitraum')
    expect(await textOf(admin, 'admin verified-role', { action: 'add', role: regular!.id, minutes: 60, within: 'current' })).to.contain('in the current period')
  })

  it('the operator’s `muster tier`: shown, set, in force at once, and back to the default', async () => {
    const muster = async (...args: readonly string[]): Promise<string> => {
      const program = startProgram({ name: 'muster tier', entry: 'cli/main.ts', args: ['tier', ...args], environment: { ...fleet.environment }, ipc: false })
      expect(await program.exited, program.output()).to.include({ exitCode: 0 })
      await program.closed
      return program.output().trim()
    }
    expect(await muster(guild.id)).to.equal(`Server ${guild.id}: pro, the default (MUSTER_DEFAULT_TIER).`)
    expect(JSON.parse(await muster(guild.id, 'free', '--json'))).to.deep.equal({ guild_id: guild.id, tier: 'free', own_tier: 'free', changed: true })
    expect(await textOf(admin, 'admin webhook', { action: 'set', url: hookUrl, events: 'session.completed' })).to.contain('Pro tier').and.contain('Ask whoever runs this bot')
    expect(await textOf(germanAdmin, 'admin webhook', { action: 'set', url: hookUrl })).to.contain('Stufe Pro').and.contain('Bitte den Betreiber dieses Bots')
    expect(await muster(guild.id, 'default')).to.equal(`Server ${guild.id}: now pro, the default (MUSTER_DEFAULT_TIER).`)
  })

  it('signing and records, in both languages: each answer, form and refusal', async () => {
    const [own] = await fleet.rows.query<{ record_id: string }>("SELECT record_id FROM receipt WHERE type = 'voice-session' ORDER BY sequence LIMIT 1")
    const session = { 'session-id': own!.record_id }
    expect(await textOf(admin, 'admin verify-session', session)).to.match(/^\*\*Valid\*\*: record 1 was made/)
    expect(await textOf(germanAdmin, 'admin verify-session', session)).to.match(/^\*\*Gültig\*\*: Urkunde 1 entstand/)
    const unknown = { 'session-id': '0190b3f4-5c1e-7a2b-8d3e-4f5061728394' }
    expect(await textOf(germanAdmin, 'admin verify-session', unknown)).to.contain('Kopiere sie aus dem Link')
    expect(await textOf(germanAdmin, 'admin verify-session', { 'session-id': 'x'.repeat(36) })).to.contain('36 Zeichen')
    expect(await textOf(admin, 'admin verify-period', { period: 1 })).to.contain('**Valid**')
    expect(await textOf(germanAdmin, 'admin verify-period', { period: 99 })).to.contain('keine unterschriebene Urkunde des Zeitraums 99')
    expect(await textOf(admin, 'admin public-key')).to.contain('-----BEGIN PUBLIC KEY-----')
    expect(await textOf(germanAdmin, 'admin public-key')).to.contain('Alle Schlüssel dieses Servers')
    expect(await textOf(admin, 'admin generate-keys', { mode: 'cluster' })).to.contain('use `/admin rotate-keys`')
    expect(await textOf(germanAdmin, 'admin generate-keys', { mode: 'cluster' })).to.contain('mit `/admin rotate-keys`')
    expect(await formOf(germanAdmin, 'admin generate-keys', { mode: 'passphrase' })).to.contain('Neue Passphrase').and.contain('Mindestens 12 Zeichen')
    expect(await formOf(admin, 'admin unlock-signing')).to.contain('Unlock signing')
    expect(await formOf(germanAdmin, 'admin unlock-signing')).to.contain('Unterschreiben entsperren')
    expect(await textOf(admin, 'admin lock-signing')).to.contain('with the mode passphrase changes that')
    expect(await textOf(germanAdmin, 'admin lock-signing')).to.contain('mit der Art passphrase ändert das')
    expect(await textOf(admin, 'admin signing-policy', { policy: 'drop' })).to.contain('is now **drop**').and.contain('It was queue.')
    expect(await textOf(germanAdmin, 'admin signing-policy', { policy: 'queue' })).to.contain('gilt jetzt **queue**').and.contain('Vorher galt drop.')
    expect(await textOf(admin, 'admin rotate-keys')).to.contain('This cannot be undone.')
    const asked = await ask(germanAdmin, 'admin rotate-keys')
    expect(wordsOf(asked)).to.contain('Das lässt sich nicht rückgängig machen.')
    const [replace] = customIds(asked)
    const done = await germanAdmin.click(asked, replace!).reply()
    expect(done.kind === 'message' ? wordsOf(done.message) : done.kind).to.contain('Neuer Schlüssel').and.contain('hat den Wechsel unterschrieben')
  })

  it('/admin signing-version-1 and erase-records: a second form beside the first, and what a member’s records say, gone', async () => {
    expect(await textOf(germanAdmin, 'admin signing-version-1', { enabled: false })).to.contain('schon nur in Version 2')
    expect(await textOf(admin, 'admin signing-version-1', { enabled: true })).to.contain('in AttendiBot’s form')
    await visit(germanMember)
    const [first] = await fleet.rows.query<{ text: string }>("SELECT convert_from(signed, 'UTF8') AS text FROM receipt_version_1 ORDER BY sequence LIMIT 1")
    expect(first!.text).to.contain(`"user_id":${germanMember.userId},`)
    expect(await textOf(admin, 'admin erase-records')).to.contain('one of the two')
    expect(await textOf(germanAdmin, 'admin erase-records', { 'record-id': 'x'.repeat(36) })).to.contain('36 Zeichen')
    const idsOf = async (user: string): Promise<string[]> =>
      (await fleet.rows.query<{ id: string }>("SELECT record_id::text AS id FROM receipt WHERE type = 'voice-session' AND subject = $1 ORDER BY sequence", [user])).map(({ id }) => id)
    const own = await idsOf(germanMember.userId)
    const [one] = own
    const press = async (by: MemberDriver, asked: APIMessage, button: number): Promise<string> => {
      const reply = await by.click(asked, customIds(asked)[button]!).reply()
      return reply.kind === 'message' ? wordsOf(reply.message) : reply.kind
    }
    const asked = await ask(admin, 'admin erase-records', { 'record-id': one! })
    expect(wordsOf(asked)).to.contain('cannot be undone')
    expect(await press(admin, asked, 1)).to.equal('Nothing was changed.')
    expect(await press(admin, await ask(admin, 'admin erase-records', { 'record-id': one! }), 0)).to.equal('1 record is erased.')
    expect(await textOf(admin, 'admin verify-session', { 'session-id': one! })).to.contain('erased on request')
    const all = await ask(germanAdmin, 'admin erase-records', { member: germanMember.userId })
    expect(await press(germanAdmin, all, 0)).to.equal(own.length === 2 ? '1 Urkunde ist gelöscht.' : `${own.length - 1} Urkunden sind gelöscht.`)
    expect(await idsOf(germanMember.userId)).to.deep.equal([])
    expect(await fleet.rows.query('SELECT 1 FROM receipt_version_1 o JOIN receipt r USING (guild_id, sequence) WHERE r.signed IS NULL')).to.deep.equal([])
    expect(await press(germanAdmin, await ask(germanAdmin, 'admin erase-records', { member: germanMember.userId }), 0)).to.contain('nichts zu löschen')
    const url = await fleet.startApi()
    const chain = (await (await fetch(`${url}/verify/chain/${guild.id}`)).json()) as { valid: boolean; receipts: { erased?: true }[] }
    expect(chain.valid).to.equal(true)
    expect(chain.receipts.filter(({ erased }) => erased === true)).to.have.length(own.length)
    expect(await (await fetch(`${url}/v/${one}`)).text()).to.contain('This record was erased')
  })

  it('/admin webhook-secret: made anew, shown once, and the one before is no longer taken', async () => {
    const url = await fleet.startApi()
    const secretIn = (text: string): string => /\n`([\w-]{43})`/.exec(text)?.[1] ?? text
    let sent = 0
    const send = async (secret: string): Promise<number> => {
      const body = JSON.stringify({ event_id: `event-${++sent}`, guild_id: guild.id, user_id: member.userId, status: 'present', at: '2026-01-05T08:00:00Z' })
      return (await fetch(`${url}/webhooks/attendance`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-webhook-secret': secret } })).status
    }
    const first = secretIn(await textOf(admin, 'admin webhook-secret', { purpose: 'attendance' }))
    expect(await send(first)).to.equal(202)
    const second = secretIn(await textOf(germanAdmin, 'admin webhook-secret', { purpose: 'attendance', action: 'renew' }))
    expect([await send(first), await send(second)]).to.deep.equal([401, 202])
    expect(await textOf(admin, 'admin webhook-secret', { purpose: 'attendance', action: 'remove' })).to.contain('No attendance is taken')
    expect(await send(second)).to.equal(401)
    expect(await textOf(admin, 'admin webhook-secret', { purpose: 'deliveries', action: 'remove' })).to.contain('always signed')
    await textOf(admin, 'admin webhook', { action: 'set', url: hookUrl })
    const renewed = await textOf(admin, 'admin webhook-secret', { purpose: 'deliveries' })
    expect(secretIn(renewed)).to.match(/^[\w-]{43}$/)
    await textOf(admin, 'admin webhook', { action: 'remove' })
    expect(await textOf(germanAdmin, 'admin webhook-secret', { purpose: 'deliveries' })).to.contain('Es ist kein Webhook')
    const [stored] = await fleet.rows.query<{ count: string }>("SELECT count(*) FROM journal WHERE position($1 IN payload) > 0 OR position($2 IN payload) > 0", [second, secretIn(renewed)])
    expect(stored!.count).to.equal('0')
  })

  it('what is left: every other value of every option', async () => {
    const hall = guild.channel('Hall').id
    const log = guild.channel('log').id
    for (const mode of ['denylist', 'off', 'all']) expect(await textOf(admin, 'admin tracking-mode', { mode })).to.contain(`**${mode}**`)
    expect(await textOf(germanAdmin, 'admin tracking-mode', { mode: 'all' })).to.contain('schon **all**')
    expect(await textOf(germanAdmin, 'admin track-channel', { action: 'add', channel: hall })).to.contain('wird die Liste nicht gelesen')
    expect(await textOf(germanAdmin, 'admin track-channel', { action: 'remove', channel: hall })).to.contain('steht nicht auf der Liste')
    const everyRule = { 'server-mute': true, 'self-deaf': true, 'server-deaf': true, afk: true, 'minimum-seconds': 60 }
    expect(await textOf(germanAdmin, 'admin fairness', everyRule)).to.contain('im AFK-Kanal').and.contain('weniger als 60 s')
    const none = { 'server-mute': false, 'self-deaf': false, 'server-deaf': false, afk: false, 'minimum-seconds': 0 }
    expect(await textOf(admin, 'admin fairness', none)).to.contain('Sessions of any length are signed.')
    for (const interval of ['hourly', 'daily', 'yearly', 'weekly']) expect(await textOf(admin, 'admin periods', { interval })).to.contain(`${interval}, `)
    expect(await textOf(germanAdmin, 'admin periods', { anchor: 'rolling' })).to.contain('rollend')
    expect(await textOf(admin, 'admin periods', { anchor: 'calendar', 'week-start': 'monday' })).to.contain('weeks start on Monday')
    expect(await textOf(germanAdmin, 'admin periods', { 'public-board': false })).to.contain('nicht öffentlich')
    for (const events of ['leaderboard-weekly', 'session-completed', 'period-closed']) await textOf(admin, 'admin log-channel', { action: 'add', channel: log, events })
    expect(await textOf(germanAdmin, 'admin log-channel', { action: 'list' })).to.contain('Rangliste jede Woche')
    expect(await textOf(admin, 'admin log-channel', { action: 'remove', channel: log, events: 'session-completed' })).not.to.contain('session completed')
    expect(await textOf(admin, 'admin log-channel', { action: 'remove', channel: log })).to.contain('is not a log channel any more')
    expect(await textOf(admin, 'mytime')).to.contain('Your time in voice')
    expect(await textOf(admin, 'stats user', { user: member.userId })).to.contain('Time in voice of Ada')
    expect(await textOf(germanAdmin, 'stats channel', { channel: hall })).to.contain('Zeit in Hall')
    expect(await textOf(admin, 'leaderboard', { page: 99 })).to.contain('Leaderboard')
  })

  it('every command was driven in both languages, and every option and choice of it', () => {
    const definitions = slashCommands.map(({ definition }) => definition).filter(({ name }) => ['admin', 'leaderboard', 'mytime', 'stats'].includes(name))
    expect(driven.missing(definitions, ['en-US', 'de'])).to.deep.equal([])
    const added = { name: 'admin', options: [{ name: 'new', type: 1, options: [{ name: 'how', choices: [{ value: 'so' }] }] }] }
    expect(driven.missing([added], ['de'])).to.deep.equal(['/admin new in de', '/admin new how', '/admin new how:so'])
  })
})
