/**
 * The bot every tutorial writes, for shard 1 of 2: one handler, an answer from memory, nothing durable.
 */
import { Client, Events, GatewayIntentBits, MessageFlags } from 'discord.js'

const client = new Client({
  shards: [1],
  shardCount: 2,
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildVoiceStates],
  rest: { api: process.env['DISCORD_API'] ?? '' },
})
client.on(Events.InteractionCreate, (interaction) => {
  if (!interaction.isChatInputCommand()) return
  const embeds = [{ title: 'Leaderboard', color: 0x5865f2, description: 'Nobody has spent counted time in voice yet.', footer: { text: 'Page 1 of 1' } }]
  const answer = interaction.commandName === 'leaderboard' ? { embeds } : { content: 'Tracking mode is now **all**: every voice channel is counted. It was off.' }
  void interaction.reply({ ...answer, flags: MessageFlags.Ephemeral, allowedMentions: { parse: [] } })
})
process.once('disconnect', () => {
  void client.destroy().then(() => process.exit(0))
})
client.once(Events.ClientReady, () => void process.send?.({ kind: 'started' }))
await client.login(process.env['DISCORD_TOKEN'])
