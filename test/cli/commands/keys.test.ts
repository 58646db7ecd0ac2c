/** `muster keys rewrap` over real rows: progress, what is left, interrupted and run again, beside a commit that closes a key. */
import { expect } from 'chai'
import pg from 'pg'
import { createKeyEncryptionKey } from '../../../actors/records/cluster-key.ts'
import type { KeyWrapStore } from '../../../actors/records/key-rewrap.ts'
import { openPrivateKey } from '../../../actors/records/sealed-key.ts'
import { rewrapKeys, withKeyWraps } from '../../../cli/commands/keys.ts'
import { guildId } from '../../../kernel/ids.ts'
import { createTestCluster, insertChain, sealChain, seededRandom } from '../../support/records.ts'
import type { TestDatabase } from '../../support/servers.ts'
import { createTestDatabase, testServersTimeoutMs } from '../../support/servers.ts'

const test = createTestCluster('rewrap rows')
const newKek = createKeyEncryptionKey(seededRandom('new kek')(32))
const chains = Array.from({ length: 205 }, (_, index) =>
  sealChain(test, 1, { guild: guildId(String(1_142_857_142_857_142_857n + BigInt(index))), seed: `chain ${index}` }),
)

describe('muster keys rewrap', () => {
  let database: TestDatabase
  let client: pg.Client

  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    for (const chain of chains) await insertChain(client, chain)
  })
  after(async () => {
    await client?.end()
    await database?.drop()
  })

  async function run(options: { json: boolean; keks?: typeof test.keks; wrap?: (store: KeyWrapStore) => KeyWrapStore }): Promise<{ exitCode: number; lines: string[] }> {
    const lines: string[] = []
    const { json, keks = [newKek, ...test.keks], wrap = (store) => store } = options
    const exitCode = await withKeyWraps(database.url, (store) =>
      rewrapKeys({ store: wrap(store), keks }, { json, print: (line) => void lines.push(line) }),
    )
    return { exitCode, lines }
  }
  const keysUnder = async (kekId: string): Promise<number> => {
    const { rows } = await client.query<{ key_wrap: string }>('SELECT key_wrap FROM guild_key')
    return rows.filter(({ key_wrap: wrap }) => (JSON.parse(wrap) as { kek_id: string }).kek_id === kekId).length
  }

  it('without the key that wrapped them nothing is changed, the remedy is told, and the exit status is 1', async () => {
    const { exitCode, lines } = await run({ json: false, keks: [newKek] })
    expect(exitCode).to.equal(1)
    expect(lines.at(-1)).to.equal('205 guild keys are still under an older key-encryption key. Put the one that wrapped them after the first in MUSTER_KEK, and run this again.')
    expect(await keysUnder(test.keks[0].kekId)).to.equal(205)
  })

  it('interrupted it leaves whole keys; the next run goes on with what is left', async () => {
    let replaced = 0
    const wrap = (store: KeyWrapStore): KeyWrapStore => ({
      ...store,
      replaceWrap: (options) => {
        replaced += 1
        return replaced > 150 ? Promise.reject(new Error('interrupted')) : store.replaceWrap(options)
      },
    })
    const thrown: unknown = await run({ json: true, wrap }).catch((error: unknown) => error)
    expect(String(thrown)).to.contain('interrupted')
    expect([await keysUnder(newKek.kekId), await keysUnder(test.keks[0].kekId)]).to.deep.equal([150, 55])
    const { exitCode, lines } = await run({ json: true })
    expect(exitCode).to.equal(0)
    expect(lines.map((line) => JSON.parse(line) as unknown)).to.deep.equal([{ kekId: newKek.kekId, rewrapped: 55, left: 0, failed: [] }])
  })

  it('every key opens under the new one alone as it did before; nothing is left to do', async () => {
    const { rows } = await client.query<{ key_id: string; key_wrap: string }>('SELECT key_id, key_wrap FROM guild_key')
    for (const { keys } of chains) {
      const [key] = keys
      const keyWrap = rows.find(({ key_id: id }) => id === key!.keyId)?.key_wrap ?? ''
      expect(openPrivateKey(key!, { ...key!, keyWrap }, [newKek])).to.deep.equal(openPrivateKey(key!, key!, test.keks))
    }
    const { exitCode, lines } = await run({ json: false })
    expect([exitCode, lines]).to.deep.equal([0, ['No guild key is under an older key-encryption key: older ones may be taken out of MUSTER_KEK.']])
  })

  it('a wrap that changed since it was read is left alone', async () => {
    const otherKek = createKeyEncryptionKey(seededRandom('other kek')(32))
    const wrap = (store: KeyWrapStore): KeyWrapStore => ({
      ...store,
      async listOutdated(options) {
        const listed = await store.listOutdated(options)
        await client.query("UPDATE guild_key SET key_wrap = key_wrap || ' ' WHERE key_id = $1", [listed[0]?.keyId])
        return listed
      },
    })
    const { exitCode, lines } = await run({ json: true, keks: [otherKek, newKek], wrap })
    expect(exitCode).to.equal(1)
    expect(JSON.parse(lines[0] ?? '')).to.include({ left: 3 })
  })
})
