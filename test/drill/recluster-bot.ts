/**
 * The bot of the baseline: as its library's documentation has it, with what it counts in memory.
 *
 * `/count` counts the guild's uses and answers with the number. In maintenance it says so, as the library advises.
 */
import { Client, Events, GatewayIntentBits, MessageFlags } from 'discord.js'
import { ClusterClient, getInfo } from 'discord-hybrid-sharding'

const { SHARD_LIST: shards, TOTAL_SHARDS: shardCount, CLUSTER: clusterId } = getInfo()
const api = process.env['SANDBOX_API'] ?? ''
const client = new Client({ shards, shardCount, intents: [GatewayIntentBits.Guilds], rest: { api } })
const cluster = new ClusterClient(client)
const counts = new Map<string, number>()

client.on(Events.ClientReady, () => cluster.triggerReady())
client.on(Events.Error, () => undefined)
client.on(Events.InteractionCreate, (interaction) => {
  if (!interaction.isChatInputCommand() || interaction.guildId === null) return
  const isInMaintenance = Boolean(cluster.maintenance)
  const count = (counts.get(interaction.guildId) ?? 0) + (isInMaintenance ? 0 : 1)
  counts.set(interaction.guildId, count)
  const content = isInMaintenance ? 'maintenance' : `count ${count}`
  interaction.reply({ content, flags: MessageFlags.Ephemeral }).catch((thrown: unknown) => {
    process.stdout.write(`not answered: ${String(thrown)}\n`)
  })
})
await client.login(process.env['SANDBOX_TOKEN'])
if (clusterId === 0) await client.application?.commands.set([{ name: 'count', description: 'Counts' }])
