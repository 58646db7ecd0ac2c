/**
 * `/ping`: how fast gateway, REST and database answer right now.
 */
import { ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import { textsFor } from '../texts/choose-texts.ts'
import { wordsOf } from '../texts/command-words.ts'
import { ephemeral } from './ephemeral.ts'
import type { SlashCommand } from './slash-command.ts'

export const ping: SlashCommand = {
  definition: { ...wordsOf('ping'), type: ApplicationCommandType.ChatInput, contexts: [InteractionContextType.Guild] },
  async answer({ process, guildId, interaction }) {
    const { panels } = textsFor(interaction.locale)
    const inMs = (ms: number | null): string => (ms === null ? panels.notMeasured : `${Math.round(ms)} ms`)
    const [databaseMs, restMs] = await Promise.all([process.pingDatabaseMs(), process.pingRestMs()])
    const lines = [
      `${panels.pingGateway}: ${inMs(process.gatewayPingMs(guildId))}`,
      `${panels.pingRest}: ${inMs(restMs)}`,
      `${panels.pingDatabase}: ${inMs(databaseMs)}`,
    ]
    return ephemeral(lines.join('\n'))
  },
}
