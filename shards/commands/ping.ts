/**
 * `/ping`: how fast gateway, REST and database answer right now.
 */
import { ApplicationCommandType, InteractionContextType, MessageFlags } from 'discord-api-types/v10'
import type { SlashCommand } from './slash-command.ts'

const inMs = (ms: number | null): string => (ms === null ? 'not measured yet' : `${Math.round(ms)} ms`)

export const ping: SlashCommand = {
  definition: {
    name: 'ping',
    description: 'Shows how fast gateway, REST and database answer',
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
  },
  async answer({ process, guildId }) {
    const [databaseMs, restMs] = await Promise.all([process.pingDatabaseMs(), process.pingRestMs()])
    const lines = [
      `Gateway: ${inMs(process.gatewayPingMs(guildId))}`,
      `REST: ${inMs(restMs)}`,
      `Database: ${inMs(databaseMs)}`,
    ]
    return { content: lines.join('\n'), flags: MessageFlags.Ephemeral }
  },
}
