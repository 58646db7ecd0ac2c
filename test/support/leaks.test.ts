/**
 * The net under the tests, tried with a mocha of its own: a leak fails its test by name, an ended thing does not.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const leaks = new URL('leaks.ts', import.meta.url).href
const mocha = fileURLToPath(new URL('../../node_modules/mocha/bin/mocha.js', import.meta.url))
const reporter = fileURLToPath(new URL('reporter.cjs', import.meta.url))
const setup = fileURLToPath(new URL('servers.ts', import.meta.url))

/** Runs a file of tests and gives back all it printed; a failing run is an answer here. */
async function runMocha(folder: string, text: string): Promise<string> {
  const file = join(folder, 'inner.test.mts')
  await writeFile(file, `import { mustEnd } from ${JSON.stringify(leaks)}\n${text}`)
  const args = ['--import', 'tsx', mocha, '--no-config', '--require', setup, '--reporter', reporter, file]
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((thrown: unknown) => thrown as { stdout: string })
  return stdout
}

describe('leaks', function () {
  this.timeout(30_000)
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-leaks-'))
  })
  after(async () => await rm(folder, { recursive: true }))

  it('a thing that outlives its test fails, named with the test that made it', async () => {
    const output = await runMocha(folder, `describe('outer', () => { it('leaves a timer', () => mustEnd('timer', () => true)) })`)
    expect(output).to.contain('still alive: timer (made in outer leaves a timer)')
    expect(output).to.match(/\n1 passed, 1 failed\n$/)
  })

  it('a thing made in a before hook has until the end of the run', async () => {
    const output = await runMocha(folder, `
      describe('outer', () => {
        let alive = true
        before(() => mustEnd('pool', () => alive))
        after(() => { alive = false })
        it('uses it', () => undefined)
        it.skip('is skipped, and the last line says so', () => undefined)
      })`)
    expect(output).to.match(/\n1 passed, 0 failed, 1 skipped\n$/)
  })
})
