/**
 * The house under a real pm2, as docs/operations.md says: started, reloaded under load, restarted, stopped.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { findFreePort } from '../../cli/embedded/free-port.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, startFleet } from '../support/fleet-processes.ts'
import { OpenSessions } from '../support/open-sessions.ts'
import type { Pm2, Pm2Process } from '../support/pm2.ts'
import { startPm2 } from '../support/pm2.ts'
import { isAlive } from '../support/program.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import { expectEveryStayRecorded } from '../support/expect-recorded.ts'
import { startSteadyRequests } from '../support/steady-requests.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const ecosystem = join(root, 'ecosystem.config.js')
const execute = promisify(execFile)
/** As `npm run build`. */
async function build(): Promise<void> {
  await execute(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { cwd: root })
  await execute(process.execPath, ['--import', 'tsx', 'test/support/copy-assets.ts'], { cwd: root })
}
const guildCount = 4
/** Every client has met both instances many times. */
const enough = 300

describe('pm2 (two identifies at once allowed)', function () {
  this.timeout(120_000)
  // Each step stands on the one before it.
  this.bail(true)
  let fleet: Fleet
  let pm2: Pm2
  let port: number
  let guilds: GuildDriver[]

  before(async function () {
    this.timeout(testServersTimeoutMs)
    await build()
    fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 2 } }, shardCount: 2, processCount: 2 })
    guilds = Array.from({ length: guildCount }, (_, index) =>
      fleet.sandbox.people.createGuild({ name: `guild ${index}`, voiceChannels: ['Hall', 'Library'] }),
    )
    port = await findFreePort(0)
    pm2 = await startPm2({ ...fleet.environment, API_PORT: String(port), API_REQUESTS_PER_MINUTE: '0' })
  })

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') process.stderr.write(`\n--- ${this.currentTest.title}\n${await pm2.daemonLog()}\n`)
  })

  after(async () => {
    await pm2?.kill()
    await fleet?.stop()
  })

  const named = async (name: string): Promise<readonly Pm2Process[]> => (await pm2.list()).filter((one) => one.name === name)
  const pidsOf = async (name: string): Promise<readonly number[]> => (await named(name)).map(({ pid }) => pid)
  const members: MemberDriver[] = []
  /** Somebody new in the hall of every guild, their sessions durable. */
  async function gather(): Promise<void> {
    for (const [index, guild] of guilds.entries()) {
      const member = guild.addMember({ username: `m${members.length}-${index}` })
      member.joinVoice(guild.channel('Hall').id)
      members.push(member)
    }
    const open = new OpenSessions(fleet.rows)
    const inVoice = members.filter((member) => member.voiceChannel() !== null).length
    await fleet.rows.until(async () => ((await open.read()).size === inVoice ? true : undefined))
  }

  it('starts manager and API and waits until both are ready', async () => {
    await pm2.run('start', ecosystem)
    expect((await pm2.list()).map(({ name, status, mode, restarts }) => ({ name, status, mode, restarts }))).to.deep.equal([
      { name: 'muster-manager', status: 'online', mode: 'fork_mode', restarts: 0 },
      { name: 'muster-api', status: 'online', mode: 'cluster_mode', restarts: 0 },
      { name: 'muster-api', status: 'online', mode: 'cluster_mode', restarts: 0 },
    ])
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).to.equal(200)
    const reply = await guilds[0]!.owner().slash('admin tracking-mode', { mode: 'all' }).reply()
    expect(reply.kind, 'somebody serves').to.equal('message')
    await Promise.all(guilds.slice(1).map((guild) => guild.owner().slash('admin tracking-mode', { mode: 'all' }).reply()))
  })

  it('the API is given no key that signs and no token', async function () {
    if (process.platform !== 'linux') this.skip()
    for (const pid of await pidsOf('muster-api')) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
      for (const name of ['DISCORD_TOKEN', 'MUSTER_KEK', 'MUSTER_CLUSTER_KEY'] as const) {
        expect(environment, name).not.to.contain(fleet.environment[name])
      }
    }
  })

  it('reloads the API under load without one failed request', async () => {
    await gather()
    for (const member of members) member.leaveVoice()
    const receipts = await fleet.rows.until(async () => {
      const written = await fleet.rows.receipts()
      return written.length === guildCount ? written : undefined
    })
    const paths = receipts.map(({ recordId }) => `/verify/session/${recordId}`)
    const before = await pidsOf('muster-api')
    const requests = startSteadyRequests({ port, clients: 8, paths })
    await requests.more(enough)
    await pm2.run('reload', 'muster-api')
    await requests.more(enough)
    const { answered, failures } = await requests.end()
    expect(failures).to.deep.equal([])
    expect(answered).to.be.at.least(2 * enough)
    const after = await pidsOf('muster-api')
    expect(after).to.have.length(2)
    expect(before.filter((pid) => after.includes(pid) || isAlive(pid))).to.deep.equal([])
  })

  it('shows what each part says: pm2 logs', async () => {
    const manager = await pm2.run('logs', 'muster-manager', '--nostream', '--raw', '--lines', '200')
    expect(manager).to.match(/"msg":"shard process ready"/)
    const api = await pm2.run('logs', 'muster-api', '--nostream', '--raw', '--lines', '200')
    expect(api.match(/"msg":"listening"/g)).to.have.length(4)
    expect(api.match(/"msg":"stopped"/g), 'the last words of those that were reloaded').to.have.length(2)
  })

  it('restarts the manager: nothing is lost, who left meanwhile is closed, who stayed goes on', async () => {
    await gather()
    const [before] = await pidsOf('muster-manager')
    const restarted = pm2.run('restart', 'muster-manager')
    for (const [index, member] of members.slice(-guildCount).entries()) if (index % 2 === 0) member.leaveVoice()
    await restarted
    const [after] = await pidsOf('muster-manager')
    expect(after).not.to.equal(before)
    for (const member of members) if (member.voiceChannel() !== null) member.leaveVoice()
    await expectEveryStayRecorded(fleet)
  })

  it('stops everything within the drain time: nobody is killed, nobody is left', async () => {
    await gather()
    await pm2.run('stop', 'all')
    const ended = await pm2.list()
    expect(ended.map(({ name, status, exitCode }) => ({ name, status, exitCode }))).to.deep.equal([
      { name: 'muster-manager', status: 'stopped', exitCode: 0 },
      { name: 'muster-api', status: 'stopped', exitCode: 0 },
      { name: 'muster-api', status: 'stopped', exitCode: 0 },
    ])
    expect(await pm2.daemonLog()).not.to.contain('SIGKILL')
    const said = await pm2.run('logs', 'muster-manager', '--nostream', '--raw', '--lines', '200')
    const lastWords = said.split('\n').filter((line) => line.includes('"msg":"drained"')).slice(-3)
    expect(lastWords.map((line) => (JSON.parse(line) as { process: string }).process).sort()).to.deep.equal(['manager', 'shard-0', 'shard-1'])
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
  })
})
