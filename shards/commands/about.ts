/**
 * `/about`: what this is, which shard hears the server, and which process answers.
 */
import { ApplicationCommandType, InteractionContextType, MessageFlags } from 'discord-api-types/v10'
import type { SlashCommand } from './slash-command.ts'

export const about: SlashCommand = {
  definition: {
    name: 'about',
    description: 'Shows the version, the shard and the process that serves this server',
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
  },
  answer({ process, guildId }) {
    const { shardId, shardCount } = process.shardOf(guildId)
    const owner = process.owns(guildId) ? 'this process' : 'another process'
    const lines = [
      `Muster ${process.version}: attendance you can prove.`,
      `Shard ${shardId} of ${shardCount}, process ${process.incarnation}; the records of this server are kept by ${owner}.`,
    ]
    return Promise.resolve({ content: lines.join('\n'), flags: MessageFlags.Ephemeral })
  },
}
