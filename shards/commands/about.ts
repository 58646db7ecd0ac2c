/**
 * `/about`: what this is, which shard hears the server, and which process answers.
 */
import { ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import { textsFor } from '../texts/choose-texts.ts'
import { wordsOf } from '../texts/command-words.ts'
import { ephemeral } from './ephemeral.ts'
import type { SlashCommand } from './slash-command.ts'

export const about: SlashCommand = {
  definition: { ...wordsOf('about'), type: ApplicationCommandType.ChatInput, contexts: [InteractionContextType.Guild] },
  answer({ process, guildId, interaction }) {
    const { panels } = textsFor(interaction.locale)
    const { shardId, shardCount } = process.shardOf(guildId)
    const lines = [panels.aboutLine(process.version), panels.aboutShard(shardId, shardCount, process.incarnation, process.owns(guildId))]
    return ephemeral(lines.join('\n'))
  },
}
