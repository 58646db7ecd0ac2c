/**
 * `muster up` as somebody types it in an empty folder: everything embedded, Discord's limits, a process killed in the middle;
 * then again on the data of the first time; and what becomes of it when it is ended, at any moment and in any way.
 *
 * The run is judged here once more, from the folder it leaves and by openssl, with nothing of the program that made it.
 */
import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import type { VoiceLogLine } from '../../sandbox/voice-log.ts'
import type { Installation } from '../support/command-line.ts'
import { createInstallation, descendants, livingOf, whenGone } from '../support/command-line.ts'
import { hasOpenssl, verifyWithOpenssl } from '../support/openssl.ts'
import type { SignedFile } from '../support/openssl.ts'
import type { Program } from '../support/program.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import { compareWithReceipts, findMissingSeconds, staysOf } from '../support/session-oracle.ts'
import type { WrittenReceipt } from '../support/written-rows.ts'
import { readReceiptFile } from '../support/written-rows.ts'

interface Result {
  readonly ok: boolean
  readonly shardProcesses: number
  readonly sessions: readonly { readonly id: string; readonly url: string; readonly valid: boolean }[]
  readonly killed: number
  readonly lost: number
  readonly doubled: number
  readonly seconds: number
}

interface LastRun {
  readonly receipts: readonly WrittenReceipt[]
  readonly files: readonly SignedFile[]
  readonly stays: ReturnType<typeof staysOf>
  readonly journal: readonly { readonly guildId: string; readonly seq: number; readonly payload: string; readonly hash: string }[]
}

async function readLastRun(installation: Installation): Promise<LastRun> {
  const folder = join(installation.folder, '.muster', 'last-run')
  const lines = async <Line>(file: string): Promise<Line[]> =>
    (await readFile(join(folder, file), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Line)
  const names = await readdir(join(folder, 'receipts'))
  const files = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, 'receipts', name), 'utf8')) as SignedFile),
  )
  return {
    files,
    receipts: files.map(readReceiptFile),
    stays: staysOf(await lines<VoiceLogLine>('voice-log.jsonl')),
    journal: await lines('journal.jsonl'),
  }
}

async function runOnce(installation: Installation): Promise<{ program: Program; result: Result }> {
  const program = installation.muster(['up', '--once'])
  const ended = await program.closed
  expect(ended, program.output()).to.deep.equal({ exitCode: 0, signal: null })
  const last = program.output().trimEnd().split('\n').at(-1) ?? ''
  return { program, result: JSON.parse(last) as Result }
}

/** The hash chain of each guild's journal, built again from the texts. */
function expectChained(journal: LastRun['journal']): void {
  const heads = new Map<string, Buffer>()
  for (const { guildId, payload, hash } of journal) {
    const previous = heads.get(guildId) ?? Buffer.alloc(32)
    const head = createHash('sha256').update(previous).update(payload, 'utf8').digest()
    expect(head.toString('hex'), payload).to.equal(hash)
    heads.set(guildId, head)
  }
}

async function expectSoundRun(installation: Installation, result: Result): Promise<LastRun> {
  const run = await readLastRun(installation)
  expect(result).to.deep.include({ ok: true, shardProcesses: 2, killed: 1, lost: 0, doubled: 0 })
  const { lost, doubled, pairs } = compareWithReceipts(run.stays, run.receipts)
  expect({ lost, doubled }).to.deep.equal({ lost: [], doubled: [] })
  expect(pairs).to.have.length(7)
  expect(result.sessions.map(({ id }) => id)).to.have.members(run.receipts.map(({ recordId }) => recordId))
  expect(result.sessions.every(({ valid, url, id }) => valid && url.endsWith(`/verify/session/${id}`))).to.equal(true)
  expect(run.receipts.map(findMissingSeconds).filter((missing) => missing !== null)).to.deep.equal([])
  expectChained(run.journal)
  return run
}

/** Takes ports of 127.0.0.1 as another program would. */
async function takePort(): Promise<{ server: Server; port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}

describe('muster up', function () {
  this.timeout(120_000)
  let installation: Installation
  let first: LastRun

  before(async function () {
    // On a bare machine the first start fetches Redis.
    this.timeout(testServersTimeoutMs)
    installation = await createInstallation()
  })
  afterEach(async function () {
    await installation.endAll(this.currentTest)
  })
  after(() => installation?.remove())

  it('--once in an empty folder: a process is killed, nothing is lost or doubled, and its folder proves it', async function () {
    const { program, result } = await runOnce(installation)
    first = await expectSoundRun(installation, result)
    expect(program.errors()).to.equal('')
    expect(await readdir(join(installation.folder, '.muster', 'last-run'))).to.have.members([
      'README.txt', 'journal.jsonl', 'keys.json', 'receipts', 'voice-log.jsonl',
    ])
    const logs = join(installation.folder, '.muster', 'logs')
    for (const name of await readdir(logs)) {
      const errors = (await readFile(join(logs, name), 'utf8')).split('\n').filter((line) => line.includes('"level":"error"'))
      expect(errors, name).to.deep.equal([])
    }
    if (!hasOpenssl()) return
    for (const file of first.files) expect((await verifyWithOpenssl(file)).isAccepted).to.equal(true)
  })

  it('a second start finds the data of the first and refuses a third beside it; ctrl-c in the scene ends it with 0 and leaves nothing', async () => {
    const { server, port } = await takePort()
    const program = installation.muster(['up'], { ...quick, API_PORT: String(port), SANDBOX_PORT: String(port) })
    await program.line(/^Ben joins "Study hall"/)
    expect(program.output()).to.contain('Tracking mode was already all')
    expect(program.output()).to.match(new RegExp(`^API listening on http://127\\.0\\.0\\.1:\\d+ \\(${port} was taken\\)\\.$`, 'm'))
    expect(program.output()).to.match(new RegExp(`^Local Discord started, port \\d+ \\(${port} was taken\\)\\.$`, 'm'))
    const beside = installation.muster(['up'])
    expect((await beside.closed).exitCode).to.equal(1)
    expect(beside.output()).to.match(new RegExp(`^muster: Muster already runs in .*\\.muster, as process ${program.pid}\\. End it \\(kill ${program.pid}\\), or set MUSTER_HOME to another folder\\.\\n$`))
    const below = await descendants(program.pid)
    expect(below.length).to.be.at.least(6)
    program.killGroup('SIGINT')
    expect(await program.closed).to.deep.equal({ exitCode: 0, signal: null })
    expect(program.errors()).to.equal('')
    expect(await livingOf(below)).to.deep.equal([])
    server.close()
  })

  for (const moment of [/^Postgres started/, /^Redis started/, /^Local Discord started/, /^API listening/] as const) {
    it(`ctrl-c at "${moment.source.slice(1)}" ends what was started, with 0, and leaves nothing`, async () => {
      const program = installation.muster(['up'], quick)
      await program.line(moment)
      const below = await descendants(program.pid)
      program.killGroup('SIGINT')
      expect(await program.closed, program.output()).to.deep.equal({ exitCode: 0, signal: null })
      expect(program.errors()).to.equal('')
      expect(await livingOf(below)).to.deep.equal([])
    })
  }

  it('SIGKILL leaves nothing either: its processes end when it is gone, its servers by their guardians', async () => {
    const program = installation.muster(['up'], quick)
    await program.line(/^Emil joins/)
    const below = await descendants(program.pid)
    expect(below.length).to.be.at.least(6)
    program.kill('SIGKILL')
    await program.closed
    await whenGone(below)
  })

  it('after all that, --once: the same servers, their chains go on, and people left in voice by an interrupted scene count as nobody’s', async () => {
    const { result } = await runOnce(installation)
    const run = await expectSoundRun(installation, result)
    const guildsOf = ({ receipts }: LastRun): Set<string> => new Set(receipts.map(({ guildId }) => guildId))
    expect(guildsOf(run)).to.deep.equal(guildsOf(first))
    for (const guildId of guildsOf(run)) {
      const before = first.receipts.filter((receipt) => receipt.guildId === guildId).map(({ sequence }) => sequence)
      const after = run.receipts.filter((receipt) => receipt.guildId === guildId).map(({ sequence }) => sequence)
      expect(Math.min(...after)).to.be.above(Math.max(...before))
    }
    expect(run.journal.slice(0, 3)).to.deep.equal(first.journal.slice(0, 3))
  })
})

/** One shard: its identify waits for no other. */
const quick = { MUSTER_SHARDS: '1', MUSTER_PROCESSES: '1' }
