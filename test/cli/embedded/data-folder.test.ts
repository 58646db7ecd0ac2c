/**
 * The data folder: secrets that stay, and a lock that outlives nobody.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDataFolder, readOrCreateSecret, withFolderLock } from '../../../cli/embedded/data-folder.ts'
import { createSystemClock } from '../../../kernel/clock.ts'
import { codeOf } from '../../../kernel/errors.ts'

const clock = createSystemClock()

describe('data folder', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-data-folder-'))
  })
  afterEach(async () => await rm(folder, { recursive: true }))

  it('a secret is made once and readable by its owner only', async () => {
    const file = join(folder, 'secret')
    const secret = await readOrCreateSecret(file)
    expect(secret).to.match(/^[A-Za-z0-9_-]{32}$/)
    expect(await readOrCreateSecret(file)).to.equal(secret)
    expect((await stat(file)).mode & 0o777).to.equal(0o600)
  })

  it('two holders of the lock never overlap', async () => {
    const lock = join(folder, 'lock')
    let inside = 0
    let insideMost = 0
    const visit = (): Promise<void> =>
      withFolderLock(clock, lock, async () => {
        insideMost = Math.max(insideMost, ++inside)
        await readFile(lock)
        inside--
      })
    await Promise.all(Array.from({ length: 20 }, visit))
    expect(insideMost).to.equal(1)
  })

  for (const [what, content] of [
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 - 1, stamp: '1' })],
    ['of an earlier process with the same number', JSON.stringify({ pid: process.pid, stamp: 'of another life' })],
    ['that was cut short', '{"pid":'],
  ] as const) {
    it(`a lock ${what} is taken over`, async () => {
      await writeFile(join(folder, 'lock'), content)
      expect(await withFolderLock(clock, join(folder, 'lock'), () => Promise.resolve('inside'))).to.equal('inside')
    })
  }

  it('the lock is free again after the action failed', async () => {
    const lock = join(folder, 'lock')
    const outcome = await withFolderLock(clock, lock, () => Promise.reject(new Error('as planned'))).catch(String)
    expect(outcome).to.equal('Error: as planned')
    expect(await withFolderLock(clock, lock, () => Promise.resolve('inside'))).to.equal('inside')
  })

  it('a folder that cannot be made is refused in words', async () => {
    await writeFile(join(folder, 'file'), '')
    const error = (await openDataFolder(join(folder, 'file', 'below')).catch((thrown: unknown) => thrown)) as Error
    expect(codeOf(error)).to.equal('embedded-server-failed')
    expect(error.message).to.contain('ENOTDIR')
  })
})
