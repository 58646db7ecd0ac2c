/**
 * What the two messages of a class look like: open, and closed. Pure.
 */
import type { APIEmbed, RESTPostAPIChannelMessageJSONBody } from 'discord-api-types/v10'
import type { LastCodeSession, OpenedSession, SessionMessages } from '../../actors/protocol/code-session.ts'
import { formatInstant } from '../texts/duration.ts'
import type { Texts } from '../texts/texts.ts'

const openColor = 0x2e8b57
const closedColor = 0xc0392b

export interface ShownCode {
  readonly code: string
  /** When the next one comes, Discord's clock. */
  readonly endsAt: number
  readonly entryCount: number
}

/** `session` beside the state's own: the messages, for what could not be posted. */
export function adminMessage(
  texts: Texts,
  session: OpenedSession & { readonly messages: SessionMessages },
  shown: ShownCode,
): RESTPostAPIChannelMessageJSONBody {
  const { attendance } = texts
  const lines = [
    `# \`${shown.code}\``,
    attendance.nextCode(formatInstant(shown.endsAt, 'R')),
    attendance.entries(shown.entryCount),
    ...(session.lateFrom === null ? [] : [attendance.lateFrom(formatInstant(session.lateFrom, 't'))]),
    ...(session.closesAt === null ? [] : [attendance.closesAt(formatInstant(session.closesAt - session.clockOffsetMs, 'R'))]),
    ...(session.messages.notice.failure === null ? [] : [attendance.noticeFailed(session.attendanceChannelId, session.messages.notice.failure)]),
  ]
  return message({ title: attendance.openTitle, description: lines.join('\n'), color: openColor, footer: { text: attendance.sessionFooter(session.sessionId) } })
}

export function noticeMessage(texts: Texts, session: OpenedSession): RESTPostAPIChannelMessageJSONBody {
  const { attendance } = texts
  const lines = [attendance.noticeText, ...(session.lateFrom === null ? [] : [attendance.lateFrom(formatInstant(session.lateFrom, 't'))])]
  if (session.voicePresence === 'require' && session.voiceChannelId !== null) lines.push(attendance.noticeVoice(session.voiceChannelId))
  return message({ title: attendance.noticeTitle, description: lines.join('\n'), color: openColor, footer: { text: attendance.sessionFooter(session.sessionId) } })
}

export function closedMessage(texts: Texts, session: Omit<LastCodeSession, 'messages' | 'timeZone'>): RESTPostAPIChannelMessageJSONBody {
  const { attendance } = texts
  const { entryCount, lateCount, sessionId, closedAt } = session
  const description = [attendance.closedText(formatInstant(closedAt, 't')), attendance.totals(entryCount, lateCount)].join('\n')
  return message({ title: attendance.closedTitle, description, color: closedColor, footer: { text: attendance.sessionFooter(sessionId) } })
}

const message = (embed: APIEmbed): RESTPostAPIChannelMessageJSONBody => ({ embeds: [embed], allowed_mentions: { parse: [] } })
