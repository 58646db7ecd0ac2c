/**
 * The answer to a command from another process, as it travels on that process' reply channel.
 *
 * Pub/sub delivers at most once. A lost answer is found again by asking with the same op id.
 */
import type { GuildId, Incarnation, OpId } from '../../kernel/ids.ts'
import type { Outcome } from '../protocol/command.ts'

export interface ReplyMessage {
  readonly guildId: GuildId
  readonly opId: OpId
  readonly outcome: Outcome
  /** The deadline of the entry that is answered: entries of one op may come from several askings. */
  readonly deadlineAt: number | null
}

export const replyChannelOf = (asker: Incarnation): string => `replies:${asker}`

export const replyText = (message: ReplyMessage): string => JSON.stringify(message)

/** Our own processes are the only writers of these channels: what does not parse is a bug, and throws. */
export const parseReplyText = (text: string): ReplyMessage => JSON.parse(text) as ReplyMessage
