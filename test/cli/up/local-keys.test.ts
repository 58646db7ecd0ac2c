import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseClusterSigner, parseKeyEncryptionKeys, parseTrustedClusterKeys } from '../../../actors/records/cluster-key.ts'
import { openLocalKeys } from '../../../cli/up/local-keys.ts'
import { codeOf, coerceError } from '../../../kernel/errors.ts'

const none = { clusterKey: undefined, kek: undefined }
const secret = (fill: number): string => Buffer.alloc(32, fill).toString('base64')

describe('the keys of an installation that configured none', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-keys-'))
  })
  afterEach(async () => await rm(folder, { recursive: true }))

  const failure = async (configured: Parameters<typeof openLocalKeys>[1]): Promise<Error> => {
    try {
      await openLocalKeys(folder, configured)
    } catch (thrown) {
      return coerceError(thrown)
    }
    throw new Error('the keys were opened')
  }

  it('are made once, usable, and readable by their owner only', async () => {
    const made = await openLocalKeys(folder, none)
    expect(made).to.include({ isNew: true, file: join(folder, 'keys.json') })
    const { clusterKeyId } = parseClusterSigner({ name: 'MUSTER_CLUSTER_KEY', text: made.clusterKey })
    expect([...parseTrustedClusterKeys({ name: 'MUSTER_CLUSTER_PUBLIC_KEYS', text: made.clusterPublicKey }).keys()]).to.deep.equal([clusterKeyId])
    expect(parseKeyEncryptionKeys({ name: 'MUSTER_KEK', text: made.kek })).to.have.length(1)
    expect((await stat(made.file ?? '')).mode & 0o777).to.equal(0o600)
    expect(made.clusterKey).not.to.equal(made.kek)
  })

  it('are found again by the next start', async () => {
    const made = await openLocalKeys(folder, none)
    expect(await openLocalKeys(folder, none)).to.deep.equal({ ...made, isNew: false })
  })

  it('two installations have two', async () => {
    const made = await openLocalKeys(folder, none)
    await rm(join(folder, 'keys.json'))
    expect((await openLocalKeys(folder, none)).clusterKey).not.to.equal(made.clusterKey)
  })

  it('configured ones are used as they are, and nothing is written', async () => {
    const keys = await openLocalKeys(folder, { clusterKey: secret(3), kek: secret(4) })
    expect(keys).to.include({ clusterKey: secret(3), kek: secret(4), file: null, isNew: false })
    expect(await readFile(join(folder, 'keys.json'), 'utf8').catch((thrown: unknown) => codeOf(thrown))).to.equal('ENOENT')
  })

  it('one without the other is refused by the name of the missing one', async () => {
    expect((await failure({ clusterKey: secret(3), kek: undefined })).message).to.match(/^MUSTER_KEK is not set/)
    expect((await failure({ clusterKey: undefined, kek: secret(3) })).message).to.match(/^MUSTER_CLUSTER_KEY is not set/)
  })

  it('a damaged file is told with its place and never with its text; it is never overwritten', async () => {
    const file = join(folder, 'keys.json')
    for (const text of ['', '{"clusterKey":"hunter2"', '{"clusterKey":"hunter2"}', '{"clusterKey":"","kek":"hunter2"}', '[]']) {
      await writeFile(file, text)
      const error = await failure(none)
      expect(codeOf(error), text).to.equal('configuration-invalid')
      expect(error.message).to.contain(file).and.not.to.contain('hunter2')
      expect(await readFile(file, 'utf8')).to.equal(text)
    }
  })

  it('a key that is no key is refused without being shown', async () => {
    for (const clusterKey of ['hunter2', Buffer.alloc(31).toString('base64'), `${secret(3)}hunter2`]) {
      const error = await failure({ clusterKey, kek: secret(4) })
      expect(codeOf(error)).to.equal('configuration-invalid')
      expect(error.message).to.contain('MUSTER_CLUSTER_KEY').and.not.to.contain('hunter2')
    }
  })
})
