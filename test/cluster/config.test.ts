import { expect } from 'chai'
import { allowedShardCounts } from '../../kernel/shard-counts.ts'
import { parseManagerConfig } from '../../cluster/config.ts'

const stores = { DATABASE_URL: 'postgres://db/muster', REDIS_URL: 'redis://cache' }
const good = { DISCORD_TOKEN: 'token', ...stores }

describe('configuration of the manager', () => {
  it('needs a token, and has defaults for the rest', () => {
    expect(parseManagerConfig(good)).to.deep.equal({
      databaseUrl: stores.DATABASE_URL,
      redisUrl: stores.REDIS_URL,
      redisPrefix: 'muster:',
      discordToken: 'token',
      discordApi: 'https://discord.com/api',
      shardCount: null,
      processCount: 2,
      respawnDelayMsMax: 60_000,
      healthHost: '127.0.0.1',
      healthPort: 9464,
      logLevel: 'info',
    })
    expect(() => parseManagerConfig({})).to.throw('DISCORD_TOKEN is not set')
  })

  it('takes the token under its other name too, the first one first', () => {
    expect(parseManagerConfig({ ...stores, DISCORD_BOT_TOKEN: 'b' }).discordToken).to.equal('b')
    expect(parseManagerConfig({ ...stores, DISCORD_BOT_TOKEN: 'b', DISCORD_TOKEN: 'a' }).discordToken).to.equal('a')
  })

  it('takes every shard count that splits no slot, and says which ones those are', () => {
    for (const count of allowedShardCounts) expect(parseManagerConfig({ ...good, MUSTER_SHARDS: String(count) }).shardCount).to.equal(count)
    for (const wrong of ['0', '5', '7', '-1', '1.5', '385', 'many', '1e0', ' 4', '0x4']) {
      expect(() => parseManagerConfig({ ...good, MUSTER_SHARDS: wrong }), wrong).to.throw(/MUSTER_SHARDS must be one of 1, 2, 3/)
    }
  })

  it('never holds what signs: those variables are not its own', () => {
    const config = parseManagerConfig({ ...good, MUSTER_CLUSTER_KEY: 'hunter2', MUSTER_KEK: 'hunter2' })
    expect(JSON.stringify(config)).not.to.contain('hunter2')
  })
})
