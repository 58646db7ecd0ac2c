/**
 * Health, metrics, status and logs of a running house, as an operator sees them: one fleet and one API for all of it.
 */
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { parse as parseYaml } from 'yaml'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import type { Program } from '../support/program.ts'
import { startProgram } from '../support/program.ts'
import { findQueryProblem, readPage } from '../support/promql.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

interface LogLine {
  readonly msg: string
  readonly process: string
  readonly trace?: string
  readonly [field: string]: unknown
}

describe('vital signs of a running house (heartbeats every two seconds)', function () {
  this.timeout(60_000)
  let fleet: Fleet
  let manager: Program
  let api: Program
  let guild: GuildDriver
  let health: string
  let apiUrl: string
  /** Made on the way; none may be in a log. */
  const secrets: string[] = []

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ shardCount: 2, processCount: 2, sandbox: { gatewayLimits: { maxConcurrency: 2, heartbeatIntervalMs: 2_000 } }, environment: { LOG_LEVEL: 'debug' } })
    guild = fleet.sandbox.people.createGuild({ name: 'one', textChannels: ['log'], voiceChannels: ['Hall'] })
    manager = fleet.startManager()
    api = startProgram({ name: 'api', entry: 'api/main.ts', environment: { ...fleet.environment, API_PORT: '0' }, ipc: true })
    apiUrl = `http://127.0.0.1:${await api.message((message) => (message as { port?: number }).port)}`
    health = `http://127.0.0.1:${await manager.message((message) => (message as { healthPort?: number }).healthPort)}`
    await fleet.whenReady()
  })
  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
  })
  after(async () => {
    api?.kill()
    await api?.closed
    await fleet?.stop()
  })

  const get = async (url: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(url)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  /** On a machine that is busy with other things a database may answer late, and that is told: the first 200 counts. */
  async function whenReady(url: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { status, body } = await get(url)
      if (status === 200) return body
      expect(status, JSON.stringify(body)).to.equal(503)
    }
  }

  const linesOf = (...programs: readonly Program[]): readonly LogLine[] =>
    programs.flatMap((program) => program.lines().flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : [])))

  /** Starts `muster` beside the house, as an operator does. */
  async function muster(...args: string[]): Promise<{ exitCode: number | null; output: string }> {
    const program = startProgram({ name: `muster ${args[0]}`, entry: 'cli/main.ts', args, environment: fleet.environment, ipc: false })
    const { exitCode } = await program.closed
    return { exitCode, output: program.output() }
  }

  it('health: live, ready and told process by process, on the manager and on the API', async () => {
    expect(await get(`${health}/health/live`)).to.deep.equal({ status: 200, body: { status: 'live' } })
    expect(await whenReady(`${health}/health/ready`)).to.deep.equal({ status: 'ready' })
    const { body } = await get(`${health}/health`)
    expect(body).to.include({ status: 'ready', draining: false })
    const processes = body['processes'] as Record<string, unknown>[]
    expect(processes.map(({ process }) => process)).to.have.members(['shard-0', 'shard-1'])
    for (const one of processes) expect(one).to.include({ status: 'ready', gateway: 'up', database: 'up', redis: 'up' })
    expect(await whenReady(`${apiUrl}/health/ready`)).to.deep.equal({ status: 'ready' })
    expect((await fetch(`${health}/anything`)).status).to.equal(404)
    expect((await fetch(`${health}/health`, { method: 'POST' })).status).to.equal(405)
  })

  it('an interaction is followed by its id, through command and commit, to the effect that it wished for', async () => {
    const owner = guild.owner()
    await owner.slash('admin tracking-mode', { mode: 'all' }).reply()
    await owner.slash('admin log-channel', { action: 'add', channel: guild.channel('log').id, events: 'period-closed' }).reply()
    owner.joinVoice(guild.channel('Hall').id)
    owner.leaveVoice()
    await fleet.rows.until(async () => ((await fleet.rows.receipts()).length > 0 ? true : undefined))
    const asked = await owner.slash('admin reset-now').reply()
    if (asked.kind !== 'message') throw new Error(JSON.stringify(asked))
    const [row] = asked.message.components as unknown as { components: { custom_id: string }[] }[]
    const closed = await owner.click(asked.message, row!.components[0]!.custom_id).reply()
    expect(JSON.stringify(closed)).to.contain('Period 1 is closed')
    await manager.line(/"msg":"effect ran"/)
    const [ran] = linesOf(manager).filter(({ msg }) => msg === 'effect ran')
    const followed = linesOf(manager).filter(({ trace }) => trace === ran!.trace)
    expect(followed.map(({ msg }) => msg)).to.have.members(['interaction', 'command settled', 'committed', 'effect ran'])
    const line = (phrase: string): LogLine => followed.find(({ msg }) => msg === phrase)!
    expect(line('interaction')).to.include({ guildId: guild.id, command: 'reset:close' })
    expect(line('command settled')).to.include({ command: 'reset-period', status: 'answered', result: 'period-reset' })
    expect(line('committed')['effects']).to.have.length(1)
    expect(line('effect ran')).to.include({ effect: 'post-log', result: 'done', attempt: 1 })
  })

  it('a request over HTTP is followed by the trace of its answer, from the API to the commit in another process', async () => {
    const shown = await guild.owner().slash('admin webhook-secret', { purpose: 'attendance' }).reply()
    secrets.push(/\n`([\w-]{43})`/.exec(shown.kind === 'message' ? shown.message.content : '')![1]!)
    const headers = { 'content-type': 'application/json', 'x-webhook-secret': secrets.at(-1)! }
    const body = JSON.stringify({ event_id: 'event-1', guild_id: guild.id, user_id: guild.owner().userId, status: 'present', at: '2026-01-05T08:00:00Z' })
    const response = await fetch(`${apiUrl}/webhooks/attendance`, { method: 'POST', body, headers })
    expect(response.status).to.equal(202)
    const trace = response.headers.get('x-trace-id')
    await manager.line(new RegExp(`"trace":"${trace}".*"msg":"command settled"`))
    const followed = linesOf(api, manager).filter((line) => line.trace === trace)
    // Asked once more where the owner wants to know what rows say: the same op, so that it is followed all the same.
    const told = new Set(followed.map(({ msg, process }) => `${process === 'api' ? 'api' : 'shard'}: ${msg}`))
    expect([...told]).to.have.members(['api: request', 'shard: committed', 'shard: command settled'])
    expect(followed.filter(({ msg }) => msg === 'committed')).to.have.length(1)
  })

  it('no secret and nothing that people typed is in any log, at level debug', async () => {
    const owner = guild.owner()
    const form = owner.slash('admin generate-keys', { mode: 'passphrase' })
    await form.reply()
    await owner.submit(form, { passphrase: 'seven lanterns', again: 'not seven lanterns at all' }).reply()
    const { DISCORD_TOKEN, MUSTER_KEK, MUSTER_CLUSTER_KEY, DATABASE_URL, REDIS_URL } = fleet.environment as Record<string, string>
    const passwords = [DATABASE_URL!, REDIS_URL!].map((url) => decodeURIComponent(new URL(url).password)).filter((password) => password !== '')
    const words = [DISCORD_TOKEN!, MUSTER_KEK!, MUSTER_CLUSTER_KEY!, ...passwords, ...secrets, 'seven lanterns']
    expect(words.length).to.be.at.least(6)
    const said = `${manager.output()}${api.output()}`
    for (const word of words) expect(said.includes(word), 'a secret is in the logs').to.equal(false)
    expect(linesOf(manager, api).length).to.be.greaterThan(20)
    expect(linesOf(manager, api).filter((line) => line['level'] === 'error')).to.deep.equal([])
  })

  it('`muster status`, `guild`, `migrate --check` and `doctor` look at it, and find it well', async () => {
    const [status, json, look, migrations, doctor] = await Promise.all([
      muster('status'), muster('status', '--json'), muster('guild', guild.id), muster('migrate', '--check', '--json'), muster('doctor', '--json'),
    ])
    expect(status.exitCode, status.output).to.equal(0)
    expect(status.output).to.match(/^generation 1, current: 2 shards in 2 processes, 384 of 384 slots owned\nmanager \S+, \d+ of 1000 logins left today\n/)
    expect(status.output).to.match(/^shard-1 +ready +\d+ +\d+ +\d+ +\d+\.\d +\d+ MB +192$/m).and.match(/^ {2}shard 0 +ready +(—|\d+ ms) +\d+$/m)
    for (const line of status.output.split('\n')) expect(line.length, line).to.be.at.most(80)
    expect(JSON.parse(json.output)).to.deep.include({ ok: true, troubles: [], slotsOwned: 384 })
    expect(look.exitCode, look.output).to.equal(0)
    expect(look.output).to.match(/^owner +shard-\d, fence \d+, generation 1, its lease stands, \d+ in the inbox/m).and.match(/^journal +head at \d+ \([0-9a-f]{16}…\), newest/m)
    expect(migrations.exitCode, migrations.output).to.equal(0)
    expect(JSON.parse(migrations.output)).to.deep.include({ pending: [] })
    const { findings } = JSON.parse(doctor.output) as { findings: { check: string; level: string }[] }
    expect(findings.filter(({ level }) => level === 'problem')).to.deep.equal([])
  })

  it('metrics: every query of the dashboard and of the alerts finds what it asks for on the pages of a running house', async () => {
    let text: string
    do text = await (await fetch(`${health}/metrics`)).text()
    while (!text.includes('muster_gateway_ping_seconds{')) // Known from the first heartbeat on.
    const page = readPage(`${text}\n${await (await fetch(`${apiUrl}/metrics`)).text()}`)
    const dashboard = JSON.parse(await readFile('ops/grafana/muster.json', 'utf8')) as { panels: { title: string; targets?: { expr: string }[] }[] }
    const alerts = parseYaml(await readFile('ops/alerts.yml', 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] }
    const queries = [
      ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr.replaceAll('$process', '.*')] as const)),
      ...alerts.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr] as const)),
    ]
    expect(queries.length).to.be.greaterThan(50)
    const remedies = await readFile('docs/operations.md', 'utf8')
    const unexplained = alerts.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)).filter((alert) => !remedies.includes(`| ${alert} |`))
    expect(unexplained, 'no remedy in docs/operations.md').to.deep.equal([])
    const explained = await readFile('docs/monitoring.md', 'utf8')
    const ours = [...page.keys()].filter((name) => name.startsWith('muster_')).map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    expect([...new Set(ours)].filter((name) => !explained.includes(`\`${name}\``)), 'not in docs/monitoring.md').to.deep.equal([])
    expect(queries.map(([name, query]) => [name, findQueryProblem(query, page)]).filter(([, problem]) => problem !== null)).to.deep.equal([])
  })
})
