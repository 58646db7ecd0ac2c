/**
 * The sandbox as a process: what it prints, how it ends.
 */
import type { ChildProcess } from 'node:child_process'
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { parseSandboxConfig } from '../../sandbox/config.ts'
import { createHarness } from './harness.ts'

const main = fileURLToPath(new URL('../../sandbox/main.ts', import.meta.url))

describe('sandbox: the process', function () {
  this.timeout(15_000)
  const harness = createHarness()
  afterEach(() => harness.stopAll())

  function start(environment: Record<string, string>): { child: ChildProcess; exited: Promise<number | null> } {
    const env = { ...process.env, SANDBOX_PORT: '0', ...environment }
    const child = spawn(process.execPath, ['--import', 'tsx', main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    harness.later(() => child.kill('SIGKILL'))
    return { child, exited: once(child, 'exit').then(([code]) => code as number | null) }
  }
  /** The line that says where it listens; other lines are its log. */
  async function hello(child: ChildProcess): Promise<{ url: string; port: number; api: string }> {
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line.includes('"listening":true')) return JSON.parse(line) as { url: string; port: number; api: string }
    }
    throw new Error('the sandbox ended without listening')
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`prints one JSON line when it listens and ends cleanly on ${signal}`, async () => {
      const { child, exited } = start({})
      const { url, api } = await hello(child)
      expect(api).to.equal(`${url}/api`)
      expect((await fetch(`${url}/people/guilds`)).status).to.equal(200)
      child.kill(signal)
      expect(await exited).to.equal(0)
    })
  }

  it('ends when the parent that forked it is gone', async () => {
    const child = fork(main, { execArgv: ['--import', 'tsx'], env: { ...process.env, SANDBOX_PORT: '0' }, silent: true })
    harness.later(() => child.kill('SIGKILL'))
    const [message] = (await once(child, 'message')) as [{ listening: boolean }]
    expect(message.listening).to.equal(true)
    const exited = once(child, 'exit')
    child.disconnect()
    expect((await exited)[0]).to.equal(0)
  })

  it('takes the next free port when the wanted one is taken, and says so', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    harness.later(() => taken.close())
    const { port } = taken.address() as AddressInfo
    const sandbox = await harness.sandbox({ port })
    expect(sandbox.port()).to.be.greaterThan(port)
  })

  it('names every problem of its configuration at once and exits 1', async () => {
    const { child, exited } = start({ SANDBOX_PORT: 'many', SANDBOX_TOKEN: 'short' })
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
    expect(await exited).to.equal(1)
    expect(said).to.include('SANDBOX_PORT').and.include('SANDBOX_TOKEN')
  })

  it('takes an empty variable for one that is not set', () => {
    expect(parseSandboxConfig({ SANDBOX_PORT: '', SANDBOX_STATE_FILE: '' })).to.deep.include({ port: 4_140, stateFile: undefined })
  })
})
