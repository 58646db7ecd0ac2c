/**
 * What cannot work, as somebody meets it on a terminal: one clear sentence with its remedy, said once, the exit code that the
 * README names, and nothing half-started left running.
 */
import { expect } from 'chai'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { createSigner } from '../../actors/records/ed25519.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import type { Sandbox } from '../../sandbox/server.ts'
import { createSandbox } from '../../sandbox/server.ts'
import type { Installation } from '../support/command-line.ts'
import { createInstallation } from '../support/command-line.ts'
import type { Program } from '../support/program.ts'
import { startProgram } from '../support/program.ts'
import type { TestDatabase } from '../support/servers.ts'
import { createTestDatabase, testServers, testServersTimeoutMs } from '../support/servers.ts'


/** Nothing listens here: the port of a server that was closed. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

let redisDatabase = 0

/** A Redis database of its own: a test does not wait for the identifies of the one before. */
function nextRedisDatabase(url: string): string {
  redisDatabase = (redisDatabase % 14) + 1
  const own = new URL(url)
  own.pathname = `/${redisDatabase}`
  return own.href
}

describe('bad input', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let redisUrl: string
  let sandbox: Sandbox
  let installation: Installation
  /** Everything given: nothing embedded is started, and Discord is the sandbox in this process. */
  let given: Record<string, string>
  let nobody: number

  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase({ migrated: false })
    redisUrl = (await testServers()).redisUrl
    nobody = await closedPort()
  })

  beforeEach(async () => {
    sandbox = await createSandbox({ clock: createSystemClock(), log: silentLog })
    await sandbox.start()
    sandbox.people.createGuild({ name: 'guild' })
    installation = await createInstallation()
    given = {
      DATABASE_URL: database.url,
      REDIS_URL: nextRedisDatabase(redisUrl),
      DISCORD_TOKEN: sandbox.token,
      DISCORD_API: sandbox.apiUrl(),
      LOG_LEVEL: 'warn',
    }
  })

  afterEach(async function () {
    await installation.endAll(this.currentTest)
    await sandbox.stop()
    await installation.remove()
  })

  after(() => database?.drop())

  /** Ended as it should: this code, one sentence on standard error, no stack, no secret, nobody left at database and gateway. */
  async function expectRefusal(program: Program, expected: { exitCode: number; sentence: RegExp }): Promise<string> {
    const { exitCode, signal } = await program.closed
    const said = program.errors()
    expect({ exitCode, signal }, program.output()).to.deep.equal({ exitCode: expected.exitCode, signal: null })
    expect(said).to.match(expected.sentence)
    expect(said.match(new RegExp(expected.sentence, 'g')), `said once:\n${said}`).to.have.length(1)
    expect(said.trimEnd().split('\n').filter((line) => line.startsWith('muster')), said).to.have.length(1)
    expect(program.output()).not.to.match(/^ {4}at /m)
    expect(program.output()).not.to.contain('hunter2')
    await expectNobodyLeft()
    return said
  }

  async function expectNobodyLeft(): Promise<void> {
    expect(sandbox.gateway.sessions().filter(({ sink }) => sink !== null)).to.deep.equal([])
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      const { rows } = await client.query<{ application_name: string }>(
        'SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      )
      expect(rows.map(({ application_name: name }) => name)).to.deep.equal([])
    } finally {
      await client.end()
    }
  }

  it('a wrong token: 3, and where to get the right one', async () => {
    const program = installation.muster(['up'], { ...given, DISCORD_TOKEN: 'wrong.token.hunter2-but-long-enough' })
    await expectRefusal(program, { exitCode: 3, sentence: /Discord refuses the bot token \(4004\)\. Copy the token .* into DISCORD_TOKEN\./ })
  })

  it('a token that stops to be right between its check and IDENTIFY (4004): 3, said once by two processes', async () => {
    closeIdentified(4004)
    const program = installation.muster(['up'], given)
    await expectRefusal(program, { exitCode: 3, sentence: /Discord refuses the bot token \(4004\)\./ })
  })

  it('disallowed intents (4014): 3, and where to switch them on', async () => {
    closeIdentified(4014)
    const program = installation.muster(['up'], given)
    await expectRefusal(program, { exitCode: 3, sentence: /Discord refuses the intents \(4014\)\. Switch the privileged intents on in the developer portal/ })
  })

  /** Every IDENTIFY is answered by this close code, as Discord does after looking at it. */
  function closeIdentified(code: number): void {
    sandbox.requestLog.onEntry((entry) => {
      if (entry.kind !== 'gateway' || entry.event !== 'identified') return
      sandbox.faults.closeConnections({ session: entry.session ?? '', code })
    })
  }

  it('no Discord at that address: 3', async () => {
    const program = installation.muster(['up'], { ...given, DISCORD_API: `http://127.0.0.1:${nobody}/api` })
    await expectRefusal(program, { exitCode: 3, sentence: /Discord cannot be reached at http:\/\/127\.0\.0\.1:\d+\/api \(ECONNREFUSED\)\. Check the network, or DISCORD_API if it is set\./ })
  })

  it('no Postgres at that address: 2', async () => {
    const program = installation.muster(['up'], { ...given, DATABASE_URL: `postgresql://u:hunter2@127.0.0.1:${nobody}/muster` })
    await expectRefusal(program, { exitCode: 2, sentence: /cannot connect to PostgreSQL at 127\.0\.0\.1:\d+: nothing listens there; start it, correct DATABASE_URL, or unset it/ })
  })

  it('a password that Postgres refuses: 2', async () => {
    const url = new URL(database.url)
    url.password = 'hunter2'
    const program = installation.muster(['up'], { ...given, DATABASE_URL: url.href })
    await expectRefusal(program, { exitCode: 2, sentence: /cannot connect to PostgreSQL .*: user or password are refused; correct them in DATABASE_URL/ })
  })

  it('no Redis at that address: 2', async () => {
    const program = installation.muster(['up'], { ...given, REDIS_URL: `redis://:hunter2@127.0.0.1:${nobody}/0` })
    await expectRefusal(program, { exitCode: 2, sentence: /cannot connect to Redis at 127\.0\.0\.1:\d+: nothing listens there; start it, correct REDIS_URL, or unset it/ })
  })

  it('a password that Redis refuses: 2', async () => {
    const url = new URL(redisUrl)
    url.password = 'hunter2'
    const program = installation.muster(['up'], { ...given, REDIS_URL: url.href })
    await expectRefusal(program, { exitCode: 2, sentence: /cannot connect to Redis .*: user or password are refused; correct them in REDIS_URL/ })
  })

  it('a configuration with several faults: 1, all of them at once, without their values', async () => {
    const program = installation.muster(['up'], {
      ...given,
      DATABASE_URL: 'mysql://hunter2',
      REDIS_URL: 'hunter2',
      API_PORT: 'hunter2',
      MUSTER_PROCESSES: '0',
      LOG_LEVEL: 'hunter2',
    })
    const said = await expectRefusal(program, { exitCode: 1, sentence: /the configuration of muster \(environment and \.env\) cannot be used:/ })
    for (const name of ['DATABASE_URL must be a URL starting with postgres:', 'REDIS_URL must be a URL', 'API_PORT must be an integer between', 'MUSTER_PROCESSES must be', 'LOG_LEVEL must be one of']) {
      expect(said).to.contain(name)
    }
  })

  it('a broken line in .env: 1, with its number and not its text', async () => {
    await writeFile(join(installation.folder, '.env'), 'LOG_LEVEL=warn\nDATABASE_URL postgresql://u:hunter2@h/db\n')
    const program = installation.muster(['up'], given)
    await expectRefusal(program, { exitCode: 1, sentence: /\.env cannot be used: line 2 should read NAME=value, with quotes closed/ })
  })

  it('a .env that is a folder: 1', async () => {
    await mkdir(join(installation.folder, '.env'))
    await expectRefusal(installation.muster(['up'], given), { exitCode: 1, sentence: /\.env cannot be read \(EISDIR\); correct it or remove it/ })
  })

  it('a shard count that splits slots: 1', async () => {
    const program = installation.muster(['up'], { ...given, MUSTER_SHARDS: '5' })
    await expectRefusal(program, { exitCode: 1, sentence: /MUSTER_SHARDS must be one of 1, 2, 3, 4, 6, / })
  })

  it('one key without the other, and a damaged key file: 1', async () => {
    const program = installation.muster(['up'], { ...given, MUSTER_KEK: 'hunter2' })
    await expectRefusal(program, { exitCode: 1, sentence: /MUSTER_CLUSTER_KEY is not set: set both keys, or neither/ })
    await mkdir(join(installation.folder, '.muster'), { recursive: true })
    await writeFile(join(installation.folder, '.muster', 'keys.json'), '{"clusterKey":"hunter2"')
    await expectRefusal(installation.muster(['up'], given), { exitCode: 1, sentence: /keys\.json is damaged\. Put back a copy of it/ })
  })

  it('--once against a real Discord: 1', async () => {
    await expectRefusal(installation.muster(['up', '--once'], given), { exitCode: 1, sentence: /--once plays on the local Discord: unset DISCORD_TOKEN/ })
  })

  it('the API alone: without configuration 1 with all that is missing, without Postgres 2', async () => {
    const api = (environment: Record<string, string>): Program =>
      startProgram({ name: 'api', entry: 'api/main.ts', environment: { API_PORT: '0', ...environment }, folder: installation.folder, ipc: false })
    const said = await expectRefusal(api({}), { exitCode: 1, sentence: /the configuration of the API cannot be used:/ })
    expect(said).to.contain('DATABASE_URL is not set').and.contain('MUSTER_CLUSTER_PUBLIC_KEYS is not set')
    const keys = Buffer.alloc(32, 7).toString('base64')
    const withoutPostgres = { MUSTER_CLUSTER_PUBLIC_KEYS: keyOf(keys), DATABASE_URL: `postgresql://u:hunter2@127.0.0.1:${nobody}/muster` }
    await expectRefusal(api(withoutPostgres), { exitCode: 2, sentence: /cannot connect to PostgreSQL at 127\.0\.0\.1:\d+: nothing listens there/ })
    await writeFile(join(installation.folder, '.env'), "BROKEN='")
    await expectRefusal(api(withoutPostgres), { exitCode: 1, sentence: /\.env cannot be used: line 1/ })
  })
})

/** A public key that is one: the API refuses bytes that are no point of the curve. */
function keyOf(seed: string): string {
  return Buffer.from(createSigner(Buffer.from(seed, 'base64')).publicKey).toString('base64')
}
