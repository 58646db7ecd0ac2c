/**
 * The embedded Redis: where it comes from, what it is set to, and who may end it.
 */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { pathsOf } from '../../../cli/embedded/data-folder.ts'
import { startEmbeddedRedis } from '../../../cli/embedded/embedded-redis.ts'
import type { EmbeddedServer } from '../../../cli/embedded/embedded-server.ts'
import { endProcess } from '../../../cli/embedded/end-process.ts'
import { identify, processCommand } from '../../../cli/embedded/process-identity.ts'
import { findRedisProgram } from '../../../cli/embedded/redis-program.ts'
import { createSystemClock } from '../../../kernel/clock.ts'
import { codeOf } from '../../../kernel/errors.ts'

const clock = createSystemClock()
const started: EmbeddedServer[] = []

async function start(folder: string, portPreferred = 0): Promise<EmbeddedServer> {
  const deps = { clock, progress: () => undefined }
  const server = await startEmbeddedRedis(deps, { folder, portPreferred, searchPath: process.env['PATH'] ?? '' })
  started.push(server)
  return server
}

async function ask<T>(server: EmbeddedServer, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url, { lazyConnect: true, maxRetriesPerRequest: 0 })
  redis.on('error', () => undefined)
  try {
    return await question(redis)
  } finally {
    redis.disconnect()
  }
}

describe('embedded redis', function () {
  this.timeout(240_000) // The first start may have to fetch Redis.
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-embedded-'))
  })
  afterEach(async () => {
    for (const server of started.splice(0).toReversed()) await server.stop()
  })
  after(async () => await rm(folder, { recursive: true }))

  it('keeps nothing on disk, never evicts, listens on 127.0.0.1 only', async () => {
    const server = await start(folder)
    const settings = await ask(server, async (redis) => {
      const names = ['save', 'appendonly', 'maxmemory-policy', 'bind'] as const
      return await Promise.all(names.map(async (name) => await redis.config('GET', name)))
    })
    expect(settings).to.deep.equal([['save', ''], ['appendonly', 'no'], ['maxmemory-policy', 'noeviction'], ['bind', '127.0.0.1']])
  })

  it('asks for a password that no command line shows', async () => {
    const server = await start(folder)
    const password = new URL(server.url).password
    expect((await readFile(pathsOf(folder, 'redis').password, 'utf8')).trim()).to.equal(password)
    expect(await processCommand(server.pid)).to.not.contain(password)
    const url = new URL(server.url)
    url.password = ''
    const outcome = await ask({ ...server, url: url.href }, (redis) => redis.get('x')).then(() => 'accepted', String)
    expect(outcome).to.contain('NOAUTH')
  })

  it('a taken port is left alone: the next free one is used', async () => {
    const stranger = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const { port } = stranger.address() as AddressInfo
    await rm(pathsOf(folder, 'redis').record)
    const server = await start(folder, port)
    expect(server.port).to.be.greaterThan(port)
    stranger.close()
  })

  it('two starts at once share one server, and only its keeper ends it', async () => {
    const servers = await Promise.all([start(folder), start(folder)])
    expect(servers[0].pid).to.equal(servers[1].pid)
    await servers.find(({ reused }) => reused)!.stop()
    expect(await ask(servers[0], (redis) => redis.ping())).to.equal('PONG')
  })

  it('a server whose keeper is dead is adopted, and ended by who adopted it', async () => {
    const orphan = await start(folder)
    const keeper = { pid: process.pid, stamp: 'of another life' }
    await writeFile(pathsOf(folder, 'redis').record, JSON.stringify({ pid: orphan.pid, port: orphan.port, keeper }))
    const adopted = await start(folder)
    expect({ pid: adopted.pid, reused: adopted.reused }).to.deep.equal({ pid: orphan.pid, reused: true })
    await adopted.stop()
    expect(await processCommand(orphan.pid)).to.equal(undefined)
  })

  it('a server killed with SIGKILL is started anew and empty', async () => {
    const first = await start(folder)
    await ask(first, (redis) => redis.set('key', 'value'))
    await endProcess(clock, await identify(first.pid), [{ signal: 'SIGKILL', patienceMs: 10_000 }])
    const second = await start(folder)
    expect(await ask(second, (redis) => redis.get('key'))).to.equal(null)
  })
})

describe('embedded redis: where the program comes from', () => {
  let folder: string
  let bin: string
  let said: string[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-redis-program-'))
    bin = join(folder, 'bin')
    await mkdir(bin)
    said = []
  })
  afterEach(async () => await rm(folder, { recursive: true }))

  const program = async (name: string, script: string): Promise<void> => {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(bin, name), 0o755)
  }
  const find = (): ReturnType<typeof findRedisProgram> =>
    findRedisProgram({ folder, searchPath: `/nowhere:${bin}`, progress: (sentence) => said.push(sentence) })
  const unpackingDpkg = 'mkdir -p "$3/usr/bin" "$3/usr/lib/some-machine" && cp /bin/sh "$3/usr/bin/redis-server"'

  it('a redis-server on the path is used as it is', async () => {
    await program('redis-server', 'true')
    expect(await find()).to.deep.equal({ file: join(bin, 'redis-server'), environment: {} })
  })

  it('a valkey-server does as well', async () => {
    await program('valkey-server', 'true')
    expect((await find()).file).to.equal(join(bin, 'valkey-server'))
  })

  it('without one, the Debian package is unpacked into the folder, once', async () => {
    await program('apt-get', 'case "$*" in *" -s "*) echo "Inst redis-server (7)" ;; *download*) touch redis-server.deb ;; esac')
    await program('dpkg', unpackingDpkg)
    const found = await find()
    expect(found.file).to.equal(join(folder, 'redis-package', 'usr', 'bin', 'redis-server'))
    expect(found.environment['LD_LIBRARY_PATH']).to.contain(join(folder, 'redis-package', 'usr', 'lib', 'some-machine'))
    expect(said).to.deep.equal(["fetching Redis from this machine's package mirror"])
    await rm(join(bin, 'apt-get'))
    expect(await find()).to.deep.equal(found)
  })

  it("the machine's empty package lists are not touched: fresh ones go into the folder", async () => {
    const fresh = 'case "$*" in *Dir::State::lists=*) : ;; *) exit 100 ;; esac'
    await program('apt-get', `${fresh}\ncase "$*" in *update*) echo "$*" > "${folder}/updated" ;; *" -s "*) echo "Inst redis-server (7)" ;; *download*) touch redis-server.deb ;; esac`)
    await program('dpkg', unpackingDpkg)
    await find()
    expect(await readFile(join(folder, 'updated'), 'utf8')).to.contain(`Dir::State::lists=${folder}/redis-package.draft/lists`)
  })

  it('a mirror that cannot be reached ends in the line to type', async () => {
    await program('apt-get', 'exit 100')
    await program('dpkg', 'exit 2')
    const error = (await find().catch((thrown: unknown) => thrown)) as Error
    expect(codeOf(error)).to.equal('embedded-server-failed')
    expect(error.message).to.equal(
      'there is no Redis on this machine and its package could not be fetched; install one (sudo apt-get update && sudo apt-get install -y redis-server) or set REDIS_URL',
    )
  })

  for (const [manager, line] of [['brew', 'brew install redis'], ['dnf', 'sudo dnf install -y valkey']] as const) {
    it(`a machine with ${manager} and no Redis is told the line to type`, async () => {
      await program(manager, 'true')
      const error = (await find().catch((thrown: unknown) => thrown)) as Error
      expect(error.message).to.equal(`there is no Redis on this machine; install one (${line}) or set REDIS_URL`)
    })
  }
})
