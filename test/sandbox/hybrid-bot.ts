/**
 * One shard process of discord-hybrid-sharding, for hybrid-sharding.test.ts: tells its manager what it hears.
 */
import { Client, Events, GatewayIntentBits } from 'discord.js'
import { ClusterClient, getInfo } from 'discord-hybrid-sharding'

const { SHARD_LIST: shards, TOTAL_SHARDS: shardCount } = getInfo()
const { Guilds, GuildVoiceStates } = GatewayIntentBits
const api = process.env['SANDBOX_API'] ?? ''
const client = new Client({ shards, shardCount, intents: [Guilds, GuildVoiceStates], rest: { api } })
const cluster = new ClusterClient(client)

client.on(Events.ClientReady, () => {
  cluster.triggerReady()
  void cluster.send({ heard: 'ready', guilds: [...client.guilds.cache.keys()], cluster: cluster.id, shards })
})
client.on(Events.VoiceStateUpdate, (_before, after) => {
  void cluster.send({ heard: 'voice', guilds: [after.guild.id], cluster: cluster.id, shards: [after.guild.shardId] })
})
await client.login(process.env['SANDBOX_TOKEN'])
