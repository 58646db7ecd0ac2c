/**
 * The runtime's refusals in words for people: what is wrong and what to do. Never a stack trace, never a code alone.
 */
import { MessageFlags } from 'discord-api-types/v10'
import type { RefusalReason } from '../../actors/protocol/command.ts'
import type { MessageAnswer } from './slash-command.ts'

const sentences: Readonly<Record<RefusalReason, string>> = {
  'inbox-full': 'This server is very busy right now. Nothing was changed; please try again in a few seconds.',
  'mailbox-full': 'This server is very busy right now. Nothing was changed; please try again in a few seconds.',
  'batch-full': 'Records are being written as fast as possible. Nothing was changed; please try again in a few seconds.',
  'no-owner': 'This server is changing hands between processes. Nothing was changed; please try again in a few seconds.',
  busy: 'The records cannot be reached right now. Nothing was changed; please try again in a moment.',
  stopping: 'Muster is restarting. Nothing was changed; please try again in a few seconds.',
  expired: 'That took too long and was not carried out. Please try again.',
  unanswered: 'No answer came in time. It may still have been carried out: please look before you try again.',
  rejected: 'That could not be carried out because of a fault in Muster. It is recorded; please tell the operator.',
}

export function presentRefusal(reason: RefusalReason): MessageAnswer {
  return { content: sentences[reason], flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] } }
}
