/** `muster migrate` as it is typed: what is missing, bringing it up to date, and finding nothing to do. */
import { expect } from 'chai'
import { startProgram } from '../../support/program.ts'
import type { TestDatabase } from '../../support/servers.ts'
import { createTestDatabase, testServersTimeoutMs } from '../../support/servers.ts'

describe('muster migrate', function () {
  this.timeout(60_000)
  let database: TestDatabase
  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase({ migrated: false })
  })
  after(() => database?.drop())

  async function migrate(...args: string[]): Promise<readonly [number | null, string]> {
    const environment = { NODE_ENV: 'production', DATABASE_URL: database.url }
    const program = startProgram({ name: 'muster migrate', entry: 'cli/main.ts', args: ['migrate', ...args], environment, ipc: false })
    const { exitCode } = await program.closed
    return [exitCode, program.output()]
  }

  it('--check names what is missing and changes nothing; migrate applies it; then there is nothing to do', async () => {
    const [missing, names] = await migrate('--check')
    expect(missing, names).to.equal(1)
    expect(names).to.match(/^Missing 20261120000000_init\.$/m).and.match(/Back the database up and run `muster migrate`\.\n$/)
    const [done, applied] = await migrate('--json')
    expect(done, applied).to.equal(0)
    expect(JSON.parse(applied)).to.have.nested.property('applied[0]', '20261120000000_init')
    expect(await migrate('--check')).to.deep.equal([0, 'Nothing is missing.\n'])
  })
})
