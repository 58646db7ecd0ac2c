/**
 * `muster doctor` over one sound set-up and ten broken ones, each against real Postgres, Redis and the sandbox: what is broken
 * is named with its remedy, and nothing else is blamed.
 */
import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { DoctorDeps } from '../../../cli/doctor/doctor.ts'
import { examine } from '../../../cli/doctor/doctor.ts'
import type { Finding } from '../../../cli/doctor/finding.ts'
import { presentFindings } from '../../../cli/doctor/present.ts'
import { plain, terminalWidth } from '../../../cli/terminal.ts'
import { createSystemClock } from '../../../kernel/clock.ts'
import { silentLog } from '../../../kernel/log.ts'
import { migrateDatabase } from '../../../prisma/migrate.ts'
import { migrationsFolder } from '../../../prisma/migration-files.ts'
import type { Sandbox } from '../../../sandbox/server.ts'
import { createSandbox } from '../../../sandbox/server.ts'
import type { TestDatabase } from '../../support/servers.ts'
import { createTestDatabase, testServers, testServersTimeoutMs } from '../../support/servers.ts'

describe('muster doctor', function () {
  let database: TestDatabase
  let sandbox: Sandbox
  let folder: string
  let sound: Record<string, string>

  before(async function () {
    this.timeout(testServersTimeoutMs)
    const { redisUrl } = await testServers()
    database = await createTestDatabase()
    sandbox = await createSandbox({ clock: createSystemClock(), log: silentLog }, { privilegedIntents: 0 })
    await sandbox.start()
    folder = await mkdtemp(join(tmpdir(), 'muster-doctor-'))
    sound = {
      MUSTER_HOME: folder, DATABASE_URL: database.url, REDIS_URL: redisUrl, DISCORD_TOKEN: sandbox.token, DISCORD_API: sandbox.apiUrl(),
      MUSTER_CLUSTER_KEY: randomBytes(32).toString('base64'), MUSTER_KEK: randomBytes(32).toString('base64'), API_PORT: '0', HEALTH_PORT: '0',
    }
  })
  after(async () => {
    await sandbox?.stop()
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  })

  const look = (change: Record<string, string | undefined> = {}, deps: Partial<DoctorDeps> = {}): Promise<readonly Finding[]> =>
    examine({
      clock: createSystemClock(), environment: { ...sound, ...change }, nodeVersion: process.versions.node, findEmbedded: () => Promise.resolve(null), ...deps,
    })

  /** Exactly this one problem. */
  async function expectProblem(findings: Promise<readonly Finding[]>, check: string, says: RegExp, fix: RegExp): Promise<void> {
    const problems = (await findings).filter(({ level }) => level === 'problem')
    expect(problems.map((one) => one.check), JSON.stringify(problems)).to.deep.equal([check])
    expect(problems[0]!.says).to.match(says)
    expect(problems[0]!.fix).to.match(fix)
  }

  async function asAdministrator(url: string, ...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
  }

  it('finds nothing wrong in a sound set-up, and its text fits a terminal', async () => {
    const findings = await look()
    expect(findings.filter(({ level }) => level === 'problem' || level === 'warning')).to.deep.equal([])
    expect(findings.map(({ check }) => check)).to.include.members([
      'node', 'disk', 'port API_PORT', 'port HEALTH_PORT', 'postgres', 'postgres rights', 'postgres durability', 'schema', 'redis', 'redis eviction',
      'redis persistence', 'token', 'intents', 'shards', 'logins', 'clocks', 'keys', 'cluster key', 'topology', 'retention',
    ])
    const text = presentFindings(findings, plain)
    expect(text).to.match(/\nNothing is wrong\.\n$/)
    for (const secret of ['MUSTER_KEK', 'MUSTER_CLUSTER_KEY', 'DISCORD_TOKEN'].map((name) => sound[name]!)) expect(text).not.to.contain(secret)
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(terminalWidth)
  })

  it('a wrong token', () =>
    expectProblem(look({ DISCORD_TOKEN: 'this-is-not-the-token-of-anything' }), 'token', /refuses the bot token/, /developer portal.*DISCORD_TOKEN/))

  it('a Redis that throws keys away', async () => {
    const redis = new Redis(sound['REDIS_URL']!)
    try {
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
      await expectProblem(look(), 'redis eviction', /allkeys-lru/, /CONFIG SET maxmemory-policy noeviction/)
    } finally {
      await redis.config('SET', 'maxmemory-policy', 'noeviction')
      redis.disconnect()
    }
  })

  it('a clock that is two minutes slow, and whose', () => {
    const clock = { wallMs: () => Date.now() - 120_000 }
    return expectProblem(look({}, { clock }), 'clocks', /^this machine is 2\.0 minutes behind Discord and Postgres$/, /Set the clock of this machine by NTP/)
  })

  it('a port that another program has', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      server.on('connection', (socket) => socket.end('not http\n'))
      await expectProblem(look({ API_PORT: String(port) }), 'port API_PORT', new RegExp(`127\\.0\\.0\\.1:${port} is taken`), /set API_PORT to a free port/)
    } finally {
      server.close()
    }
  })

  it('a database of an older release, and one without any tables', async () => {
    const old = await createTestDatabase({ migrated: false })
    const migrations = await mkdtemp(join(tmpdir(), 'muster-migrations-'))
    try {
      await expectProblem(look({ DATABASE_URL: old.url }), 'schema', /no tables of Muster yet/, /muster migrate/)
      const [first = ''] = (await readdir(migrationsFolder)).toSorted()
      await cp(join(migrationsFolder, first), join(migrations, first), { recursive: true })
      await migrateDatabase(old.url, migrations)
      await expectProblem(look({ DATABASE_URL: old.url }), 'schema', /older than this release: \d+ of \d+ migrations are missing/, /Back it up and run `muster migrate`/)
    } finally {
      await rm(migrations, { recursive: true })
      await old.drop()
    }
  })

  it('an intent that is used and not switched on', () =>
    expectProblem(look({ MUSTER_MEMBERS_INTENT: 'on' }), 'intents', /Server Members Intent is off.*4014/, /developer portal/))

  it('a disk that cannot be written to', async function () {
    // Root may write past the mode of a folder, and not into the kernel's own.
    const closed = process.getuid?.() === 0 ? '/sys/muster-doctor' : await mkdtemp(join(tmpdir(), 'muster-closed-'))
    if (process.getuid?.() !== 0) await chmod(closed, 0o500)
    await expectProblem(look({ MUSTER_HOME: closed }), 'disk', /cannot be written to \(E[A-Z]+\)/, /Make the folder writable.*MUSTER_HOME/)
    if (process.getuid?.() !== 0) await rm(closed, { recursive: true })
  })

  it('a Postgres user without rights', async () => {
    const role = `watcher_${randomBytes(4).toString('hex')}`
    await asAdministrator(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'watching'`, `GRANT USAGE ON SCHEMA public TO ${role}`, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`)
    const url = new URL(database.url)
    url.username = role
    url.password = 'watching'
    try {
      await expectProblem(look({ DATABASE_URL: url.href }), 'postgres rights', /may not read and write the tables .*journal.*slot/, new RegExp(`GRANT ALL ON ALL TABLES IN SCHEMA public TO "${role}"`))
    } finally {
      await asAdministrator(database.url, `DROP OWNED BY ${role}`, `DROP ROLE ${role}`)
    }
  })

  it('a rescale that stopped half-way', async () => {
    await asAdministrator(database.url, `INSERT INTO topology (generation, shard_count, process_count, phase, created_at) VALUES (7, 8, 4, 'switch', now() - interval '1 hour')`)
    try {
      await expectProblem(look(), 'topology', /generation 7: 8 shards in 4 processes has been in "switch" for 60 minutes/, /Start the manager.*muster rescale --abort/)
    } finally {
      await asAdministrator(database.url, 'DELETE FROM topology')
    }
  })

  it('a key-encryption key that is not there', () => expectProblem(look({ MUSTER_KEK: undefined }), 'keys', /^MUSTER_KEK is not set/, /Set MUSTER_KEK from where you keep your secrets/))

  it('several at once, none hidden by another, and settings that are wrong', async () => {
    const url = new URL(database.url)
    url.port = '1'
    const findings = await look({ DATABASE_URL: url.href, REDIS_URL: 'redis://127.0.0.1:1', DISCORD_API: 'http://127.0.0.1:1', MUSTER_PROCESSES: '1e1', MUSTER_KEK: undefined })
    const problems = findings.filter(({ level }) => level === 'problem')
    expect(problems.map(({ check }) => check)).to.have.members(['settings', 'postgres', 'redis', 'discord', 'keys'])
    expect(problems.find(({ check }) => check === 'settings')!.says).to.equal('MUSTER_PROCESSES must be an integer between 1 and 384')
    for (const { fix } of problems) expect(fix).to.be.a('string').and.not.equal('')
  })
})
