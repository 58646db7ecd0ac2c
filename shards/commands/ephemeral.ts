/**
 * A sentence that only the member sees, and that mentions nobody.
 */
import { MessageFlags } from 'discord-api-types/v10'
import type { MessageAnswer } from './slash-command.ts'

export function ephemeral(content: string): MessageAnswer {
  return { content, flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] } }
}
