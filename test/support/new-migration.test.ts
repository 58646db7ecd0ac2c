/**
 * The next migration as a draft: from the newest one's schema to the schema that shall be.
 */
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { codeOf } from '../../kernel/errors.ts'
import { writeMigration } from './new-migration.ts'
import { testServers, testServersTimeoutMs } from './servers.ts'

const schemaWith = (fields: string): string =>
  `datasource db {\n provider = "postgresql"\n}\nmodel Thing {\n id Int @id\n${fields}\n @@map("thing")\n}\n`
const now = new Date('2027-01-02T03:04:05Z')

describe('db:new', () => {
  let folder: string
  let url: string

  before(async function () {
    this.timeout(testServersTimeoutMs)
    url = (await testServers()).postgresUrl
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-new-migration-'))
    await mkdir(join(folder, '1_first'))
    await writeFile(join(folder, '1_first', 'migration.sql'), '--! compatible\n')
    await writeFile(join(folder, '1_first', 'schema.prisma'), schemaWith(' kept Int'))
  })
  afterEach(async () => await rm(folder, { recursive: true }))

  it('writes the difference, the schema it leads to, and that running code survives an added column', async () => {
    const schema = schemaWith(' kept Int\n added String?')
    const file = await writeMigration({ url, name: 'add_added', now, folder, schema })
    expect(file).to.equal(join(folder, '20270102030405_add_added', 'migration.sql'))
    expect(await readFile(file!, 'utf8')).to.equal('--! compatible\n-- AlterTable\nALTER TABLE "thing" ADD COLUMN     "added" TEXT;\n')
    expect(await readFile(join(dirname(file!), 'schema.prisma'), 'utf8')).to.equal(schema)
  })

  it('marks a dropped column as a breaking change', async () => {
    const file = await writeMigration({ url, name: 'drop_kept', now, folder, schema: schemaWith('') })
    expect(await readFile(file!, 'utf8')).to.match(/^--! breaking-change\n/)
  })

  it('writes nothing when the schema has not changed', async () => {
    expect(await writeMigration({ url, name: 'nothing', now, folder, schema: schemaWith(' kept Int') })).to.equal(undefined)
    expect(await readdir(folder)).to.deep.equal(['1_first'])
  })

  it('refuses a name that is not in lower_case_words', async () => {
    const error = await writeMigration({ url, name: '../escape', now, folder, schema: '' }).catch((thrown: unknown) => thrown)
    expect(codeOf(error)).to.equal('configuration-invalid')
  })
})
