/** What the doctor makes of facts: each way in which clocks, keys, Redis and Postgres can be wrong, and whose fault it is. */
import { expect } from 'chai'
import { judgeClocks } from '../../../cli/doctor/check-clocks.ts'
import type { ConfiguredKeys } from '../../../cli/doctor/check-keys.ts'
import { judgeKeys } from '../../../cli/doctor/check-keys.ts'
import { checkNode } from '../../../cli/doctor/check-machine.ts'
import { judgeDatabase } from '../../../cli/doctor/check-postgres.ts'
import { judgeRedis } from '../../../cli/doctor/check-redis.ts'
import { effectiveSettings, masked, settingsOf } from '../../../cli/doctor/effective-settings.ts'
import type { Finding } from '../../../cli/doctor/finding.ts'
import { configJson, printConfig } from '../../../cli/doctor/print-config.ts'
import { plain, terminalWidth } from '../../../cli/terminal.ts'
import { parseClusterSigner, parseKeyEncryptionKeys } from '../../../actors/records/cluster-key.ts'
import type { DatabaseFacts } from '../../../prisma/inspect-database.ts'

const bad = (findings: readonly Finding[]): readonly string[] => findings.filter(({ level }) => level !== 'ok' && level !== 'note').map(({ level, check, says }) => `${level} ${check}: ${says}`)

describe('the doctor judges', () => {
  it('a Node that is too old, and none that is not', () => {
    expect(['20.19.0', '22.1.0', '21.0.1'].map((version) => checkNode(version).level)).to.deep.equal(['ok', 'ok', 'ok'])
    expect(['20.18.9', '18.20.0'].map((version) => checkNode(version).level)).to.deep.equal(['problem', 'problem'])
  })

  it('clocks: two that agree are right, and the third is named', () => {
    const judge = (postgresMs: number | null, discordMs: number | null) => {
      const { level, says } = judgeClocks({ postgresMs, discordMs })
      return `${level}: ${says}`
    }
    expect(judge(40, -900)).to.equal('ok: this machine, Postgres, Discord agree')
    expect(judge(null, null)).to.match(/^note/)
    expect(judge(5_000, 5_500)).to.equal('warning: this machine is 5.5 s behind Discord and Postgres')
    expect(judge(-120_000, -119_800)).to.equal('problem: this machine is 2.0 minutes ahead of Discord and Postgres')
    expect(judge(40_000, 300)).to.equal('problem: Postgres is 40.0 s ahead of Discord and this machine: records would carry a wrong time')
    expect(judge(60_000, -60_000)).to.equal('problem: this machine is 60.0 s ahead of Discord, and Postgres 2.0 minutes ahead of Discord')
    expect(judge(null, 31_000)).to.equal('problem: this machine is 31.0 s behind Discord')
    expect(judge(31_000, null)).to.equal('problem: this machine is 31.0 s behind Postgres')
  })

  it('keys: missing, malformed, not those of the database, not believed', () => {
    const text = (fill: number): string => Buffer.alloc(32, fill).toString('base64')
    const kekId = parseKeyEncryptionKeys({ name: 'k', text: text(2) })[0].kekId
    const { clusterKeyId, signer } = parseClusterSigner({ name: 'c', text: text(1) })
    const judge = (keys: Partial<ConfiguredKeys>, stored = { kekIds: [] as string[], clusterKeyIds: [] as string[] }) =>
      judgeKeys({ clusterKey: text(1), kek: text(2), publicKeys: undefined, file: null, ...keys }, stored)
    expect(bad(judge({}, { kekIds: [kekId], clusterKeyIds: [clusterKeyId] }))).to.deep.equal([])
    expect(bad(judge({ publicKeys: Buffer.from(signer.publicKey).toString('base64') }))).to.deep.equal([])
    expect(bad(judge({ kek: undefined }))).to.match(/MUSTER_KEK is not set, and the other key is/)
    expect(bad(judge({ clusterKey: undefined }))).to.match(/MUSTER_CLUSTER_KEY is not set/)
    expect(bad(judge({ clusterKey: undefined, kek: undefined }))).to.deep.equal([])
    expect(bad(judge({ clusterKey: undefined, kek: undefined }, { kekIds: [kekId], clusterKeyIds: [] }))).to.match(/the database holds guild keys, and neither/)
    expect(bad(judge({}, { kekIds: ['0123456789abcdef'], clusterKeyIds: [] }))).to.match(/under the key-encryption key 0123456789abcdef, which is not in MUSTER_KEK/)
    expect(judge({ kek: `${text(3)},${text(2)}` }, { kekIds: [kekId], clusterKeyIds: [] }).map(({ says }) => says)).to.include('some guild keys are still under an older key-encryption key: `muster keys rewrap` moves them')
    expect(bad(judge({}, { kekIds: [], clusterKeyIds: ['ffff'] }))).to.match(/stated by the cluster key ffff, which is not believed/)
    const [stranger] = [parseClusterSigner({ name: 'c', text: text(9) }).signer.publicKey]
    expect(bad(judge({ publicKeys: Buffer.from(stranger).toString('base64') }))).to.match(/its public half is not in MUSTER_CLUSTER_PUBLIC_KEYS/)
    const hunter = 'hunter2hunter2'
    const said = bad(judge({ kek: hunter, clusterKey: hunter }))
    expect(said).to.have.length(2)
    expect(said.join()).not.to.contain(hunter)
  })

  it('a Redis that is too old, a replica, in cluster mode, evicting, or full', () => {
    const sound = { redis_version: '7.2.0', role: 'master', cluster_enabled: '0', maxmemory_policy: 'noeviction', aof_enabled: '1', maxmemory: '0', used_memory: '1' }
    const judge = (change: Record<string, string>) => bad(judgeRedis(new Map(Object.entries({ ...sound, ...change }))))
    expect(judge({})).to.deep.equal([])
    expect(judge({ aof_enabled: '0' })).to.deep.equal([])
    expect(judge({ redis_version: '6.0.9' })).to.match(/too old/)
    expect(judge({ role: 'slave' })).to.match(/replica/)
    expect(judge({ cluster_enabled: '1' })).to.match(/cluster mode/)
    expect(judge({ maxmemory_policy: 'volatile-ttl' })).to.match(/volatile-ttl/)
    expect(judge({ maxmemory: '100', used_memory: '90' })).to.match(/warning redis memory: 90 %/)
  })

  it('a Postgres that is too old, a standby, weakened, short of connections, or from a newer release', () => {
    const sound: DatabaseFacts = {
      version: '16.1', versionNumber: 160_001, database: 'muster', user: 'muster', isStandby: false, weakened: [], connectionsMax: 200, connectionsUsed: 3, clockOffsetMs: 0,
      missingRights: [], migrations: { applied: ['a'], pending: [], breaking: [], changed: [], ahead: [], mayRead: true }, topology: null, kekIds: [], clusterKeyIds: [],
    }
    const judge = (change: Partial<DatabaseFacts>) => bad(judgeDatabase({ ...sound, ...change }, { connections: 50 }))
    expect(judge({})).to.deep.equal([])
    expect(judge({ missingRights: ['create tables'] }), 'only the next release needs that').to.deep.equal([])
    expect(judge({ versionNumber: 130_000 })).to.match(/too old/)
    expect(judge({ isStandby: true })).to.match(/standby/)
    expect(judge({ weakened: ['fsync = off'] })).to.match(/fsync = off: what Muster acknowledged would be lost/)
    expect(judge({ connectionsMax: 60 })).to.match(/warning postgres connections: 60 are allowed; this installation opens up to 50/)
    expect(judge({ migrations: { ...sound.migrations, ahead: ['z'] } })).to.match(/warning schema: .*newer release \(z\)/)
    expect(judge({ migrations: { ...sound.migrations, changed: ['a'] } })).to.match(/problem schema: a was applied in another wording/)
    const topology = { generation: 2, shardCount: 4, processCount: 2, phase: 'prepare', ageMs: 60_000 }
    expect(judge({ topology }), 'a rescale that is under way').to.deep.equal([])
    expect(judge({ topology: { ...topology, phase: 'current', ageMs: 1e9 } })).to.deep.equal([])
    expect(judge({ topology: { ...topology, ageMs: 3_600_000 } })).to.match(/stopped half-way/)
  })
})

describe('muster doctor --print-config', () => {
  const environment = { DATABASE_URL: 'postgresql://u:hunter2@db:5432/m?sslpassword=hunter2', REDIS_URL: 'rediss://:hunter2@r', DISCORD_BOT_TOKEN: 'hunter2', MUSTER_KEK: 'hunter2', API_PORT: '8 080' }

  it('shows what each process reads, where it comes from, and no secret', () => {
    const settings = effectiveSettings(environment)
    const text = printConfig(settings, plain)
    const json = JSON.stringify(configJson(settings))
    for (const shown of [text, json]) expect(shown).not.to.contain('hunter2')
    expect(text).to.match(/^ {2}DISCORD_TOKEN +set +••••••$/m).and.match(/^ {2}API_PORT +wrong +must be an integer/m).and.match(/^ {2}HEALTH_PORT +default +9464$/m)
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(terminalWidth)
    expect(JSON.parse(json)).to.have.nested.property('api.DATABASE_URL.value', 'postgresql://u:••••••@db:5432/m?…')
    expect(settingsOf('shard', environment).find(({ name }) => name === 'MUSTER_CLUSTER_KEY')).to.include({ from: 'nowhere', isRequired: true })
  })

  it('masks whatever is secret and is not an address that is understood', () => {
    for (const text of ['hunter2', 'mysql://u:hunter2@h/d', 'postgres://u:hunter2@h:99999/d']) expect(masked({ text, isSecret: true })).not.to.contain('hunter2')
    expect(masked({ text: 'redis://localhost:6379', isSecret: true })).to.equal('redis://localhost:6379')
    expect(masked({ text: null, isSecret: true })).to.equal('—')
  })
})
