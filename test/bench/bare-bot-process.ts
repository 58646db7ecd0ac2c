/**
 * The bot every tutorial writes, for shard 1 of 2: one handler, an answer from memory, nothing durable.
 */
import { ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, Events, GatewayIntentBits, MessageFlags } from 'discord.js'
import type { ButtonInteraction } from 'discord.js'

const client = new Client({
  shards: [1],
  shardCount: 2,
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildVoiceStates],
  rest: { api: process.env['DISCORD_API'] ?? '' },
})
client.on(Events.InteractionCreate, (interaction) => {
  if (interaction.isButton()) void toggleRole(interaction)
  if (!interaction.isChatInputCommand()) return
  const embeds = [{ title: 'Leaderboard', color: 0x5865f2, description: 'Nobody has spent counted time in voice yet.', footer: { text: 'Page 1 of 1' } }]
  const answer = interaction.commandName === 'leaderboard' ? { embeds } : { content: 'Tracking mode is now **all**: every voice channel is counted. It was off.' }
  void interaction.reply({ ...answer, flags: MessageFlags.Ephemeral, allowedMentions: { parse: [] } })
})
process.once('disconnect', () => {
  void client.destroy().then(() => process.exit(0))
})
async function toggleRole(interaction: ButtonInteraction): Promise<void> {
  if (!interaction.inCachedGuild()) return
  const role = process.env['BARE_ROLE'] ?? ''
  const isHeld = interaction.member.roles.cache.has(role)
  if (isHeld) await interaction.member.roles.remove(role)
  else await interaction.member.roles.add(role)
  const flags = MessageFlags.Ephemeral
  await interaction.reply({ content: `${isHeld ? 'Removed' : 'Added'}: <@&${role}>`, flags, allowedMentions: { parse: [] } })
}

async function postButton(): Promise<void> {
  const channel = await client.channels.fetch(process.env['BARE_CHANNEL'] ?? '')
  const button = new ButtonBuilder().setCustomId('role').setLabel('Team').setStyle(ButtonStyle.Secondary)
  if (channel?.isSendable() === true) await channel.send({ content: 'Team', components: [new ActionRowBuilder<ButtonBuilder>().addComponents(button)] })
}

client.once(Events.ClientReady, () => {
  void (process.env['BARE_CHANNEL'] === undefined ? Promise.resolve() : postButton()).then(() => process.send?.({ kind: 'started' }))
})
await client.login(process.env['DISCORD_TOKEN'])
