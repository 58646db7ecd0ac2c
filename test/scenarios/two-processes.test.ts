/**
 * The house as it runs: manager, two shard processes with two shards each, API, on real Postgres and Redis, driven by people
 * of the sandbox. Discord's limits hold but for one that the title names.
 */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { GatewayIntentBits, PermissionFlagsBits } from 'discord-api-types/v10'
import { shardOfSlot, slotOf } from '../../actors/ownership/slots.ts'
import { guildId } from '../../kernel/ids.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import { PeopleRefused } from '../../sandbox/people/refused.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { hasOpenssl, verifyWithOpenssl, withOneBitChanged } from '../support/openssl.ts'
import type { SignedFile } from '../support/openssl.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import { expectEveryStayRecorded } from '../support/expect-recorded.ts'
import { staysOf } from '../support/session-oracle.ts'
import type { WrittenReceipt } from '../support/written-rows.ts'

const shardCount = 4
const guildCount = 8

async function textOf(member: MemberDriver, command: string, options: Record<string, string | number> = {}): Promise<string> {
  const reply = await member.slash(command, options).reply()
  expect(reply.kind, JSON.stringify(reply)).to.equal('message')
  if (reply.kind !== 'message') return ''
  expect(reply.ephemeral, 'only the member sees it').to.equal(true)
  const { content, embeds } = reply.message
  return [content, ...embeds.flatMap(({ title, description, footer }) => [title, description, footer?.text])]
    .filter((part) => part !== undefined && part !== '')
    .join('\n')
}

describe('two processes, four shards (four identifies at once allowed)', function () {
  this.timeout(60_000)
  let fleet: Fleet
  let apiUrl: string
  let guilds: GuildDriver[]

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 4 } }, shardCount, processCount: 2 })
    guilds = Array.from({ length: guildCount }, (_, index) =>
      fleet.sandbox.people.createGuild({ name: `guild ${index}`, voiceChannels: ['Hall', 'Library'] }),
    )
    fleet.startManager()
    apiUrl = await fleet.startApi()
    await fleet.whenReady()
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
    expect(fleet.output().split('\n').filter((line) => line.includes('"level":"error"'))).to.deep.equal([])
  })

  after(async () => {
    const pids = [...(fleet?.shardPids().values() ?? [])]
    const exits = await fleet?.stopProcesses()
    expect(exits?.map(({ exitCode }) => exitCode)).to.deep.equal([0, 0])
    expect(pids).to.have.length(2)
    await fleet?.stop()
  })

  const receiptsOf = async (guild: GuildDriver): Promise<readonly WrittenReceipt[]> =>
    (await fleet.rows.receipts()).filter((receipt) => receipt.guildId === guild.id)

  it('every shard is identified once, by one process, with unprivileged intents alone', async () => {
    const identified = fleet.sandbox.requestLog.entries().filter((entry) => entry.kind === 'gateway' && entry.event === 'identified')
    expect(identified.map((entry) => ('shard' in entry ? entry.shard : null))).to.have.members([0, 1, 2, 3])
    const intents = fleet.sandbox.gateway.sessions().map((session) => session.intents)
    expect(new Set(intents)).to.deep.equal(new Set([GatewayIntentBits.Guilds | GatewayIntentBits.GuildVoiceStates]))
    expect(new Set(guilds.map(({ id }) => shardOfSlot(slotOf(guildId(id)), shardCount))).size).to.equal(shardCount)
  })

  it('each guild’s events are handled exactly once: one receipt a session, from one owner at a time (I1, I2, I4)', async () => {
    await Promise.all(guilds.map((guild) => textOf(guild.owner(), 'admin tracking-mode', { mode: 'all' })))
    const people = guilds.map((guild) => guild.addMember({ username: 'ada' }))
    for (const [index, ada] of people.entries()) ada.joinVoice(guilds[index]!.channel('Hall').id)
    for (const ada of people) ada.selfMute(true)
    for (const [index, ada] of people.entries()) ada.moveVoice(guilds[index]!.channel('Library').id)
    for (const ada of people) ada.leaveVoice()
    expect(staysOf(fleet.sandbox.people.voiceLog())).to.have.length(guildCount * 2)
    await expectEveryStayRecorded(fleet)
    const events = await fleet.rows.events()
    for (const guild of guilds) {
      const own = events.filter((event) => event.guildId === guild.id)
      expect(own.map(({ seq }) => seq)).to.deep.equal(own.map((_, index) => index + 1))
      expect(own.map(({ fence }) => fence)).to.deep.equal(own.map(({ fence }) => fence).toSorted((a, b) => a - b))
    }
  })

  it('/ping and /about answer anybody with what the process knows', async () => {
    for (const guild of guilds) {
      const member = guild.addMember({ username: 'ben' })
      expect(await textOf(member, 'ping')).to.match(/^Gateway: (\d+ ms|not measured yet)\nREST: \d+ ms\nDatabase: \d+ ms$/)
      const shard = shardOfSlot(slotOf(guildId(guild.id)), shardCount)
      expect(await textOf(member, 'about')).to.match(
        new RegExp(`^Muster \\d+\\.\\d+\\.\\d+: attendance you can prove\\.\\nShard ${shard} of 4, process \\S+; the records of this server are kept by this process\\.$`),
      )
    }
  })

  it('/admin tracking-mode: the owner changes it, tells what it was, and is told when nothing changes', async () => {
    const guild = fleet.sandbox.people.createGuild({ name: 'new while we run', voiceChannels: ['Hall'] })
    const owner = guild.owner()
    expect(await textOf(owner, 'leaderboard')).to.contain('Voice time is not counted here yet.')
    expect(await textOf(owner, 'admin tracking-mode', { mode: 'denylist' })).to.equal(
      'Tracking mode is now **denylist**: all channels but the listed ones are counted. It was off.',
    )
    expect(await textOf(owner, 'admin tracking-mode', { mode: 'denylist' })).to.equal(
      'Tracking mode was already **denylist**: all channels but the listed ones are counted.',
    )
  })

  it('who is in voice when tracking is switched on is counted from then on', async () => {
    const guild = fleet.sandbox.people.createGuild({ name: 'early birds', voiceChannels: ['Hall'] })
    const ada = guild.addMember({ username: 'ada' })
    ada.joinVoice(guild.channel('Hall').id)
    await textOf(guild.owner(), 'admin tracking-mode', { mode: 'all' })
    const since = Date.now()
    await fleet.rows.until(async () => {
      const events = await fleet.rows.events()
      return events.find(({ guildId: id, kind }) => id === guild.id && kind === 'voice-session-opened')
    })
    ada.leaveVoice()
    const receipt = await fleet.rows.until(async () => (await receiptsOf(guild))[0])
    expect(receipt).to.include({ userId: ada.userId, unobservedSeconds: 0, recovered: false })
    expect(Math.abs(receipt.joinedAt - since)).to.be.below(2_000)
  })

  it('a member without Manage Server is refused by the client, and by our own check where the server’s rules let them through', async () => {
    const [guild] = guilds
    const member = guild!.addMember({ username: 'chloe' })
    expect(() => member.slash('admin tracking-mode', { mode: 'off' })).to.throw(PeopleRefused, 'may not use')
    const command = [...fleet.sandbox.world.state.commands.values()].find(({ name }) => name === 'admin')!
    const needed = command.default_member_permissions
    expect(BigInt(needed ?? 0)).to.equal(PermissionFlagsBits.ManageGuild)
    command.default_member_permissions = null
    try {
      expect(await textOf(member, 'admin tracking-mode', { mode: 'off' })).to.equal(
        'You need the permission "Manage Server" for this. Ask somebody who manages this server.',
      )
    } finally {
      command.default_member_permissions = needed
    }
    expect(await textOf(guild!.owner(), 'admin tracking-mode', { mode: 'all' })).to.contain('was already **all**')
  })

  it('an unknown mode is refused by the client, and in words where it gets through all the same', async () => {
    const owner = guilds[0]!.owner()
    expect(() => owner.slash('admin tracking-mode', { mode: 'sometimes' })).to.throw(PeopleRefused)
    const admin = [...fleet.sandbox.world.state.commands.values()].find(({ name }) => name === 'admin')!
    const [subcommand] = admin.options ?? []
    const [mode] = (subcommand as { options: { choices?: unknown }[] }).options
    const { choices } = mode!
    delete mode!.choices
    try {
      expect(await textOf(owner, 'admin tracking-mode', { mode: 'sometimes' })).to.equal(
        '"sometimes" is not a tracking mode. Choose one of: off, allowlist, denylist, all.',
      )
    } finally {
      mode!.choices = choices
    }
  })

  it('/leaderboard ranks by counted time, shows one’s own rank, and has pages', async () => {
    const guild = guilds[1]!
    const people = Array.from({ length: 12 }, (_, index) => guild.addMember({ username: `member${index}` }))
    for (const member of people) member.joinVoice(guild.channel('Hall').id)
    for (const member of people) member.leaveVoice()
    await fleet.rows.until(async () => ((await receiptsOf(guild)).length >= people.length + 2 ? true : undefined))
    const [first] = people
    const page = await textOf(first!, 'leaderboard')
    expect(page).to.match(/^Leaderboard\n(\*\*\d+\.\*\* <@\d+> · \d+ s\n){10}\nYour rank: \*\*\d+\.\*\* <@\d+> · \d+ s\nPage 1 of 2$/)
    expect(page).to.contain(`<@${first!.userId}>`)
    expect(await textOf(first!, 'leaderboard', { page: 2 })).to.match(/\nPage 2 of 2$/).and.contain('**13.**')
    expect(await textOf(guild.addMember({ username: 'late' }), 'leaderboard', { page: 99 })).to.contain('You have no counted time yet.')
  })

  it('a session is verified by the API and by openssl; one changed byte is refused; 400 and 404 are told apart', async function () {
    const guild = guilds[2]!
    const [receipt] = await receiptsOf(guild)
    const verdict = await fetch(`${apiUrl}/verify/session/${receipt!.recordId}`)
    expect(verdict.status).to.equal(200)
    expect(await verdict.json()).to.deep.include({ valid: true })
    expect((await fetch(`${apiUrl}/verify/session/not-a-uuid`)).status).to.equal(400)
    expect((await fetch(`${apiUrl}/verify/session/${randomUUID()}`)).status).to.equal(404)
    if (!hasOpenssl()) return this.skip()
    const file = (await (await fetch(`${apiUrl}/receipts/${receipt!.recordId}`)).json()) as SignedFile
    expect(await verifyWithOpenssl(file)).to.deep.equal({ isAccepted: true, output: 'Signature Verified Successfully\n' })
    const changed = await verifyWithOpenssl(withOneBitChanged(file, 40))
    expect(changed.isAccepted, changed.output).to.equal(false)
  })

  it('a name with U+0000 or half a surrogate pair changes nothing: the session is recorded, the bot goes on', async () => {
    const guild = guilds[3]!
    const before = (await receiptsOf(guild)).length
    const odd = ['nul\u0000name', 'half\ud800pair', '\udc00', '\u202ereversed'].map((username) => guild.addMember({ username, globalName: username }))
    for (const member of odd) member.joinVoice(guild.channel('Hall').id)
    guild.owner().setNick(odd[0]!.userId, 'nick\u0000\udfff')
    for (const member of odd) member.leaveVoice()
    await fleet.rows.until(async () => ((await receiptsOf(guild)).length >= before + odd.length ? true : undefined))
    const receipts = (await receiptsOf(guild)).slice(before)
    expect(receipts.map(({ userId }) => userId)).to.have.members(odd.map(({ userId }) => userId))
    expect(await textOf(odd[1]!, 'leaderboard')).to.contain(`<@${odd[1]!.userId}>`)
    expect((await fetch(`${apiUrl}/verify/session/${receipts[0]!.recordId}`)).status).to.equal(200)
  })
})
