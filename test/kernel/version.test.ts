import { expect } from 'chai'
import { version } from '../../kernel/version.ts'
import { readHouseFile } from '../support/house-files.ts'

describe('the version', () => {
  it('is the one of package.json', async () => {
    const { version: packaged } = JSON.parse(await readHouseFile('package.json')) as { version: string }
    expect(version).to.equal(packaged)
  })
})
