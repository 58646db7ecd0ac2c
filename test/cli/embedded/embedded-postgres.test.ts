/**
 * The embedded PostgreSQL, each test on a data folder of its own or on the one of its `describe`.
 */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import pg from 'pg'
import { pathsOf } from '../../../cli/embedded/data-folder.ts'
import { startEmbeddedPostgres } from '../../../cli/embedded/embedded-postgres.ts'
import type { EmbeddedServer } from '../../../cli/embedded/embedded-server.ts'
import { endProcess } from '../../../cli/embedded/end-process.ts'
import { identify } from '../../../cli/embedded/process-identity.ts'
import { createSystemClock } from '../../../kernel/clock.ts'
import { codeOf } from '../../../kernel/errors.ts'

const clock = createSystemClock()
const started: EmbeddedServer[] = []
let said: string[] = []

async function start(folder: string, portPreferred = 0): Promise<EmbeddedServer> {
  const server = await startEmbeddedPostgres({ clock, progress: (sentence) => said.push(sentence) }, { folder, portPreferred })
  started.push(server)
  return server
}

async function query<Row extends pg.QueryResultRow>(server: EmbeddedServer, sql: string): Promise<Row[]> {
  const url = new URL(server.url)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

describe('embedded postgres', function () {
  this.timeout(60_000)
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-embedded-'))
    await chmod(folder, 0o711)
  })
  beforeEach(() => {
    said = []
  })
  afterEach(async () => {
    for (const server of started.splice(0).toReversed()) await server.stop()
  })
  // The last test leaves a server to its guardian: Postgres may still be putting its files away.
  after(async () => await rm(folder, { recursive: true, maxRetries: 20, retryDelay: 100 }))

  it('the first start makes the data and says so; the second finds it, under the same address', async () => {
    const first = await start(folder)
    expect(said).to.deep.equal(['making a new PostgreSQL database'])
    await query(first, 'CREATE TABLE kept (word text)')
    await query(first, "INSERT INTO kept VALUES ('found again')")
    await first.stop()
    said = []
    const second = await start(folder, first.port)
    expect(said).to.deep.equal([])
    expect(second.url).to.equal(first.url)
    expect(await query(second, 'SELECT word FROM kept')).to.deep.equal([{ word: 'found again' }])
    await query(second, 'DROP TABLE kept')
  })

  it('weakens nothing of the durability and listens on 127.0.0.1 only', async () => {
    const server = await start(folder)
    const rows = await query<{ name: string; setting: string }>(server, `SELECT name, setting FROM pg_settings
      WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'unix_socket_directories') ORDER BY name`)
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).to.deep.equal({
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      synchronous_commit: 'on',
      unix_socket_directories: '',
    })
  })

  it('asks for the password, which lies in a file only its owner reads', async () => {
    const server = await start(folder)
    const wrong = new URL(server.url)
    wrong.password = 'wrong'
    const client = new pg.Client({ connectionString: wrong.href })
    const outcome = await client.connect().then(() => 'accepted', codeOf)
    expect(outcome).to.equal('28P01')
    const { password } = pathsOf(folder, 'postgres')
    expect((await readFile(password, 'utf8')).trim()).to.equal(new URL(server.url).password)
    expect((await import('node:fs')).statSync(password).mode & 0o777).to.equal(0o600)
  })

  it('a taken port is left alone: the next free one is used', async () => {
    const fresh = await mkdtemp(join(tmpdir(), 'muster-embedded-'))
    await chmod(fresh, 0o711)
    const stranger = createServer().listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const { port } = stranger.address() as AddressInfo
    const server = await start(fresh, port)
    expect(server.port).to.be.greaterThan(port)
    await server.stop()
    stranger.close()
    await rm(fresh, { recursive: true })
  })

  it('a server killed with SIGKILL is started again over its own data', async () => {
    const first = await start(folder)
    await endProcess(clock, await identify(first.pid), [{ signal: 'SIGKILL', patienceMs: 10_000 }])
    const second = await start(folder)
    expect(second.reused).to.equal(false)
    expect(await query(second, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
  })

  it('a postmaster.pid that names a living stranger is stale: the stranger is left alone', async () => {
    await (await start(folder)).stop()
    const data = join(await realpath(pathsOf(folder, 'postgres').data), 'data')
    await writeFile(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n1\n5432\n\n127.0.0.1\n0 0\nready   \n`)
    const server = await start(folder)
    expect(server.reused).to.equal(false)
    expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
  })

  it('two starts at once share one server, and only its keeper ends it', async () => {
    const servers = await Promise.all([start(folder), start(folder)])
    expect(servers[0].pid).to.equal(servers[1].pid)
    expect(servers.map(({ reused }) => reused)).to.have.members([false, true])
    await servers.find(({ reused }) => reused)!.stop()
    expect(await query(servers[0], 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
  })

  it('a server whose keeper is dead is adopted, and ended by who adopted it', async () => {
    const orphan = await start(folder)
    const { record } = pathsOf(folder, 'postgres')
    await writeFile(record, JSON.stringify({ pid: orphan.pid, port: orphan.port, keeper: { pid: process.pid, stamp: 'of another life' } }))
    const adopted = await start(folder)
    expect({ pid: adopted.pid, port: adopted.port, reused: adopted.reused }).to.deep.equal({ pid: orphan.pid, port: orphan.port, reused: true })
    const socket = connect(adopted.port, '127.0.0.1')
    await once(socket, 'connect')
    const closed = once(socket, 'close')
    await adopted.stop()
    await closed
  })

  it('a keeper killed with SIGKILL leaves no server behind', async () => {
    const keeper = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('keeper.ts', import.meta.url)), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(keeper.stdout, 'data')) as [Buffer]
    const socket = connect(Number(line.toString()), '127.0.0.1')
    await once(socket, 'connect')
    const closed = once(socket, 'close')
    keeper.kill('SIGKILL')
    await closed
  })
})
