/**
 * Posts to a log channel: what the feature tells, as a message in the server's language.
 *
 * The posts of a closed period and of an export carry the head of the guild's chain: Discord's own message time then witnesses how far
 * the chain had come, which nobody can move later.
 */
import { z } from 'zod'
import type { APIEmbed, RESTPostAPIChannelMessageJSONBody } from 'discord-api-types/v10'
import type { SigningChange } from '../../actors/protocol/behaviour.ts'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { LeaderboardEntry, LoggedSession, LogPost } from '../../actors/protocol/voice-attendance.ts'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { formatDuration, formatInstant } from '../texts/duration.ts'
import type { Texts } from '../texts/texts.ts'
import { postMessage } from './post-message.ts'
import type { PostMessageDeps } from './post-message.ts'

export interface PostLogDeps extends PostMessageDeps {
  /** Without a slash at the end. */
  readonly publicUrl: string
  /** In the server's own language. */
  textsOf(guildId: GuildId): Texts
  /** How far the guild's chain of records has come; null: no record yet. */
  readChainHead(guildId: GuildId): Promise<{ readonly sequence: number; readonly hash: string } | null>
}

/** Blurple, Discord's own accent. */
const accentColor = 0x5865f2
/** https://docs.discord.com/developers/resources/message#embed-object-embed-limits */
const descriptionLengthMax = 4096

/** The feature wrote the post itself: its form is the protocol's. */
const payloadSchema = z.object({ channelId: z.string(), post: z.custom<LogPost>((value) => typeof value === 'object' && value !== null) })

export async function postLog(deps: PostLogDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const { channelId, post } = payloadSchema.parse(attempt.payload)
  const head = post.kind === 'period' || post.kind === 'export' ? await deps.readChainHead(attempt.guildId) : null
  const embed = describePost({ texts: deps.textsOf(attempt.guildId), publicUrl: deps.publicUrl, head }, post)
  const body: RESTPostAPIChannelMessageJSONBody = { embeds: [embed], allowed_mentions: { parse: [] } }
  return await postMessage(deps, { ...attempt, payload: { channelId, body } }, signal)
}

interface Describing {
  readonly texts: Texts
  readonly publicUrl: string
  readonly head: { readonly sequence: number; readonly hash: string } | null
}

export function describePost(context: Describing, post: LogPost): APIEmbed {
  const { texts } = context
  switch (post.kind) {
    case 'sessions': {
      const lines = post.sessions.map((session) => sessionLine(context, session))
      return { title: texts.logSessionsTitle, color: accentColor, description: joinWithin(lines) }
    }
    case 'period':
      return describePeriod(context, post)
    case 'board': {
      const when = post.period === null ? [] : [texts.periodLine(post.period.index, formatInstant(post.period.startedAt), endOf(post.period.endsAt))]
      const lines = post.entries.length === 0 ? [texts.leaderboardEmpty] : post.entries.map((entry) => boardLine(texts, entry))
      return { title: texts.logBoardTitle, color: accentColor, description: joinWithin([...when, ...lines]) }
    }
    case 'signing':
      return describeSigning(texts, post.change)
    case 'export': {
      const lines = [texts.announcements.exported(post.from, post.to), ...headLines(context)]
      return { title: texts.announcements.exportTitle, color: accentColor, description: joinWithin(lines) }
    }
  }
}

const endOf = (endsAt: number | null): string => (endsAt === null ? '…' : formatInstant(endsAt))

function describePeriod(context: Describing, post: Extract<LogPost, { kind: 'period' }>): APIEmbed {
  const { texts, publicUrl } = context
  const lines = [
    texts.periodLine(post.index, formatInstant(post.startedAt), formatInstant(post.endedAt)),
    texts.logPeriodMembers(post.members),
    ...(post.unsigned === 0 ? [] : [texts.logPeriodUnsigned(post.unsigned)]),
    ...post.entries.map((entry) => boardLine(texts, entry)),
    ...headLines(context),
    `[${texts.logVerify}](${publicUrl}/v/${post.periodId})`,
  ]
  return { title: texts.logPeriodTitle(post.index), color: accentColor, description: joinWithin(lines) }
}

const headLines = ({ texts, head }: Describing): readonly string[] => (head === null ? [] : [texts.logChainHead(head.sequence, head.hash)])

function describeSigning({ announcements: words }: Texts, change: SigningChange): APIEmbed {
  const who = change.byUserId === null ? null : `<@${change.byUserId}>`
  if (change.kind === 'locked') {
    const lines = [who === null ? words.lockForgotten : words.lockedBy(who), words.whileLocked(change.policy)]
    return { title: words.lockedTitle, color: accentColor, description: joinWithin(lines) }
  }
  const lines = [words.unlockedBy(who ?? ''), ...(change.waiting === 0 ? [] : [words.waiting(change.waiting)])]
  return { title: words.unlockedTitle, color: accentColor, description: joinWithin(lines) }
}

const boardLine = (texts: Texts, entry: LeaderboardEntry): string =>
  `**${entry.rank}.** <@${entry.userId}> · ${formatDuration(texts, entry.durationSeconds)}`

function sessionLine({ texts, publicUrl }: Describing, session: LoggedSession): string {
  const spent = texts.logSession(`<@${session.userId}>`, `<#${session.channelId}>`, formatDuration(texts, session.durationSeconds))
  const setAside = session.setAsideSeconds === 0 ? '' : texts.logSetAside(formatDuration(texts, session.setAsideSeconds))
  if (session.isUnsigned === true) return `${spent}${setAside}${texts.logUnsigned}`
  return `${spent}${setAside} · [${texts.logRecord}](${publicUrl}/v/${session.sessionId})`
}

/** Whole lines, as many as an embed holds. */
function joinWithin(lines: readonly string[]): string {
  let text = ''
  for (const line of lines) {
    if (text.length + line.length + 3 > descriptionLengthMax) return `${text}\n…`
    text = text === '' ? line : `${text}\n${line}`
  }
  return text
}
