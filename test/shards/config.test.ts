import { expect } from 'chai'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import { parseShardConfig } from '../../shards/config.ts'
import { publicKeysText } from '../support/api.ts'
import { createTestCluster } from '../support/records.ts'

const { trusted } = createTestCluster()
const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64')
const good = {
  DATABASE_URL: 'postgresql://u:p@localhost/muster',
  REDIS_URL: 'redis://localhost',
  DISCORD_TOKEN: 'token',
  MUSTER_CLUSTER_KEY: key(3),
  MUSTER_CLUSTER_PUBLIC_KEYS: publicKeysText(trusted),
  MUSTER_KEK: `${key(4)}, ${key(5)}`,
}

function messageOf(environment: Record<string, string>): string {
  try {
    parseShardConfig(environment)
  } catch (thrown) {
    expect(codeOf(thrown)).to.equal('configuration-invalid')
    return coerceError(thrown).message
  }
  return 'none'
}

describe('configuration of a shard process', () => {
  it('needs stores, token and keys, and has defaults for the rest', () => {
    expect(parseShardConfig(good)).to.deep.include({
      databaseUrl: good.DATABASE_URL,
      redisUrl: good.REDIS_URL,
      redisPrefix: 'muster:',
      discordToken: 'token',
      discordApi: 'https://discord.com/api',
      publicUrl: 'http://127.0.0.1:8080',
      trustedClusterKeys: trusted,
      defaultTier: 'free',
      webhookAllowList: [],
      hasMembersIntent: false,
      databaseConnectionsMax: 5,
      logLevel: 'info',
    })
    expect(parseShardConfig(good).keks).to.have.length(2)
  })

  it('without anything, names everything that is missing, one line each', () => {
    expect(messageOf({}).split('\n').slice(1)).to.deep.equal(Object.keys(good).map((name) => `  ${name} is not set`))
  })

  it('the text "null", which the manager’s library writes without a token, is no token', () => {
    expect(messageOf({ ...good, DISCORD_TOKEN: 'null' })).to.match(/^ {2}DISCORD_TOKEN is not set$/m)
  })

  it('takes addresses without the slash at their end', () => {
    const config = parseShardConfig({ ...good, DISCORD_API: 'http://127.0.0.1:4140/api//', PUBLIC_URL: 'https://muster.example/' })
    expect(config).to.include({ discordApi: 'http://127.0.0.1:4140/api', publicUrl: 'https://muster.example' })
  })

  it('reads a list of hosts in any case, without gaps', () => {
    expect(parseShardConfig({ ...good, MUSTER_WEBHOOK_ALLOW: ' Hook.LAN , ,127.0.0.1:9 ' }).webhookAllowList).to.deep.equal(['hook.lan', '127.0.0.1:9'])
  })

  it('says of a key what is wrong with it, not what it is', () => {
    const message = messageOf({ ...good, MUSTER_CLUSTER_KEY: 'hunter2hunter2', MUSTER_KEK: ',', MUSTER_CLUSTER_PUBLIC_KEYS: Buffer.alloc(32).toString('base64') })
    expect(message).to.match(/^ {2}MUSTER_CLUSTER_KEY .*expected 32 bytes in base64$/m)
    expect(message).to.match(/^ {2}MUSTER_KEK is empty$/m)
    expect(message).to.match(/^ {2}MUSTER_CLUSTER_PUBLIC_KEYS .*small order/m)
    expect(message).not.to.contain('hunter2')
  })
})
