/**
 * Posts the messages of a class, and turns them red when it is over.
 *
 * What a message says is made here, at the moment it leaves: a code that lay in the outbox would be old, and a code has
 * no business in a table. A class that closed before its message could be posted needs none any more.
 */
import { DiscordAPIError } from 'discord.js'
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { RESTPatchAPIChannelMessageJSONBody } from 'discord-api-types/v10'
import type { AttendanceReply } from '../../actors/protocol/attendance.ts'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import { sessionMessageNames } from '../../actors/protocol/code-session.ts'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import type { GuildId } from '../../kernel/ids.ts'
import type { CodeBoard } from '../attendance/code-board.ts'
import { adminMessage, closedMessage, noticeMessage } from '../attendance/session-messages.ts'
import type { Texts } from '../texts/texts.ts'
import { needsLease } from './lease-header.ts'
import { postMessage } from './post-message.ts'
import type { PostMessageDeps } from './post-message.ts'

export interface PostSessionDeps extends PostMessageDeps {
  textsOf(guildId: GuildId): Texts
  readonly codeBoard: Pick<CodeBoard, 'shownNow'>
  /** What the guild's actor says of its classes; rejects while it cannot be asked. */
  readAttendance(guildId: GuildId): Promise<Extract<AttendanceReply, { kind: 'attendance' }>>
}

const postSchema = z.object({ sessionId: z.string(), message: z.enum(sessionMessageNames) })
const closedSchema = postSchema.extend({
  openedAt: z.number(),
  closedAt: z.number(),
  dateId: z.string(),
  entryCount: z.number(),
  lateCount: z.number(),
  channelId: z.string(),
  messageId: z.string().nullable(),
})

export async function postSession(deps: PostSessionDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const { sessionId, message } = postSchema.parse(attempt.payload)
  const { open } = await deps.readAttendance(attempt.guildId)
  if (open?.sessionId !== sessionId || open.isClosing) return { kind: 'impossible', reason: 'The session was closed before its message could be posted.' }
  const texts = deps.textsOf(attempt.guildId)
  if (message === 'notice') {
    const body = noticeMessage(texts, open)
    return await postMessage(deps, { ...attempt, payload: { channelId: open.attendanceChannelId, body } }, signal)
  }
  const shown = deps.codeBoard.shownNow(attempt.guildId, sessionId)
  if (shown === null) throw new Error('the code of this session is not known here yet')
  const body = adminMessage(texts, shown.session, shown)
  return await postMessage(deps, { ...attempt, payload: { channelId: open.adminChannelId, body } }, signal)
}

export async function showClosed(deps: PostSessionDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const closed = closedSchema.parse(attempt.payload)
  const messageId = closed.messageId ?? (await messageOf(deps, attempt.guildId, closed))
  if (messageId === null) return { kind: 'impossible', reason: 'The message of this session was never posted.' }
  const body: RESTPatchAPIChannelMessageJSONBody = { embeds: closedMessage(deps.textsOf(attempt.guildId), closed).embeds ?? [] }
  try {
    await deps.rest.patch(Routes.channelMessage(closed.channelId, messageId), { body, headers: needsLease, signal })
  } catch (thrown) {
    if (!(thrown instanceof DiscordAPIError) || thrown.code !== RESTJSONErrorCodes.UnknownMessage) throw thrown
    return { kind: 'impossible', reason: 'The message of this session was deleted.' }
  }
  return { kind: 'done', answer: {} }
}

/** Posted while the session was being closed: its place was noted after the effect was wished for. */
async function messageOf(deps: PostSessionDeps, guildId: GuildId, { sessionId, message }: z.output<typeof closedSchema>): Promise<string | null> {
  const { last } = await deps.readAttendance(guildId)
  return last?.sessionId === sessionId ? last.messages[message].messageId : null
}
