/**
 * The runtime's refusals in words for people: what is wrong and what to do. Never a stack trace, never a code alone.
 */
import { MessageFlags } from 'discord-api-types/v10'
import type { RefusalReason } from '../../actors/protocol/command.ts'
import { english } from '../texts/english.ts'
import type { Texts } from '../texts/texts.ts'
import type { MessageAnswer } from './slash-command.ts'

export function presentRefusal(reason: RefusalReason, texts: Pick<Texts, 'refusals'> = english): MessageAnswer {
  return { content: texts.refusals[reason], flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] } }
}
