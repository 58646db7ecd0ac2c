/**
 * Two processes of the unmodified discord-hybrid-sharding with two shards each: the way the bot itself is run.
 */
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { ClusterManager } from 'discord-hybrid-sharding'
import { z } from 'zod'
import { isOnShard } from '../../sandbox/gateway/shard-route.ts'
import { createHarness } from './harness.ts'

const heardSchema = z.looseObject({
  heard: z.enum(['ready', 'voice']),
  guilds: z.array(z.string()),
  cluster: z.int(),
  shards: z.array(z.int()),
})
type Heard = z.infer<typeof heardSchema>

describe('sandbox: two processes, four shards', () => {
  const harness = createHarness()
  afterEach(() => harness.stopAll())

  it('each guild’s events arrive at exactly one shard of one process (four identifies at once allowed)', async function () {
    this.timeout(40_000)
    const sandbox = await harness.sandbox({ gatewayLimits: { maxConcurrency: 4 }, recommendedShards: 4 })
    const guilds = Array.from({ length: 12 }, (_, index) =>
      sandbox.people.createGuild({ name: `guild ${index}`, voiceChannels: ['V'] }),
    )
    const heard: Heard[] = []
    const wake: { check: () => void } = { check: () => undefined }
    const until = (holds: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        wake.check = () => {
          if (holds()) resolve()
        }
        wake.check()
      })
    const answer = (await (await fetch(`${sandbox.apiUrl()}/v10/gateway/bot`, { headers: { authorization: `Bot ${sandbox.token}` } })).json()) as { shards: number }
    const manager = new ClusterManager(fileURLToPath(new URL('./hybrid-bot.ts', import.meta.url)), {
      totalShards: answer.shards,
      shardsPerClusters: 2,
      mode: 'process',
      execArgv: ['--import', 'tsx'],
      respawn: false,
    })
    harness.later(() => {
      for (const cluster of manager.clusters.values()) cluster.kill({ force: true })
    })
    manager.on('clusterCreate', (cluster) => {
      cluster.on('message', (message) => {
        const parsed = heardSchema.safeParse((message as { raw?: unknown }).raw ?? message)
        if (!parsed.success) return
        heard.push(parsed.data)
        wake.check()
      })
    })
    process.env['SANDBOX_API'] = sandbox.apiUrl()
    process.env['SANDBOX_TOKEN'] = sandbox.token
    harness.later(() => {
      delete process.env['SANDBOX_API']
      delete process.env['SANDBOX_TOKEN']
    })
    await manager.spawn({ delay: 1, timeout: -1 })
    await until(() => heard.filter((one) => one.heard === 'ready').length === 2)

    for (const guild of guilds) guild.owner().joinVoice(guild.channel('V').id)
    await until(() => heard.filter((one) => one.heard === 'voice').length >= guilds.length)

    const voices = heard.filter((one) => one.heard === 'voice')
    expect(voices).to.have.length(guilds.length)
    for (const guild of guilds) {
      const [only, ...others] = voices.filter((one) => one.guilds[0] === guild.id)
      expect(others).to.deep.equal([])
      const shard = only?.shards[0] ?? -1
      expect(isOnShard(guild.id, [shard, 4])).to.equal(true)
      expect(only?.cluster).to.equal(shard < 2 ? 0 : 1)
    }
    const ready = heard.filter((one) => one.heard === 'ready').flatMap((one) => one.guilds)
    expect(ready.toSorted()).to.deep.equal(guilds.map(({ id }) => id).toSorted())
  })
})
