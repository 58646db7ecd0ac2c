/**
 * Signing version 1, AttendiBot's form: verified for ever, and issued beside version 2 when a guild asks for it.
 *
 * Compact JSON in a fixed order of fields. Discord's ids are JSON integers, above 2^53: JSON.parse would round them to
 * other ids, so the text is read by its form and the ids through BigInt. Times have microseconds. It knows two types,
 * has no place in the chain and names no key.
 */
import { isSnowflake } from '../../kernel/ids.ts'
import type { PeriodEntry, RecordDraft } from '../protocol/record.ts'
import { malformed, parsed } from './parsed.ts'
import type { Parsed } from './parsed.ts'
import { isUuid } from './receipt-fields.ts'

export type ReceiptV1 =
  | {
      readonly type: 'voice-session'
      readonly sessionId: string
      readonly guildId: string
      readonly userId: string
      readonly channelId: string
      readonly periodId: string
      /** As signed: UTC with microseconds. */
      readonly joinedAt: string
      readonly leftAt: string
      readonly durationSeconds: number
    }
  | {
      readonly type: 'period'
      readonly periodId: string
      readonly guildId: string
      readonly periodIndex: number
      readonly startedAt: string
      readonly endedAt: string
      readonly entries: readonly PeriodEntry[]
    }

/** Longer bytes are no receipt: a period of 10,000 members stays below. */
const lengthMax = 2 * 1024 * 1024

const uuid = '"([0-9a-f-]{36})"'
const integer = '(0|[1-9]\\d{0,18})'
const time = '"(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}(?:Z|\\+00:00))"'
const form = (fields: Readonly<Record<string, string>>): string =>
  `\\{${Object.entries(fields).map(([name, pattern]) => `"${name}":${pattern}`).join(',')}\\}`

const sessionForm = new RegExp(
  `^${form({
    session_id: uuid, guild_id: integer, user_id: integer, channel_id: integer, period_id: uuid, joined_at: time,
    left_at: time, duration_seconds: integer,
  })}$`,
)
const periodForm = new RegExp(
  `^${form({ period_id: uuid, guild_id: integer, period_index: integer, started_at: time, ended_at: time, entries: '\\[(.*)\\]' })}$`,
)
const entryForm = new RegExp(form({ user_id: integer, duration_seconds: integer, sessions: integer }), 'y')

/** The exact bytes to sign; null for a type that version 1 does not know. */
export function receiptV1Bytes(guildId: string, draft: RecordDraft): Uint8Array | null {
  const text = textOf(guildId, draft)
  return text === null ? null : new TextEncoder().encode(text)
}

function textOf(guildId: string, draft: RecordDraft): string | null {
  if (draft.type === 'voice-session') {
    const { payload } = draft
    return (
      `{"session_id":"${payload.session_id}","guild_id":${id(guildId)},"user_id":${id(payload.user_id)},` +
      `"channel_id":${id(payload.channel_id)},"period_id":"${payload.period_id}","joined_at":"${micro(payload.joined_at)}",` +
      `"left_at":"${micro(payload.left_at)}","duration_seconds":${payload.duration_seconds}}`
    )
  }
  if (draft.type !== 'period') return null
  const { payload } = draft
  const entries = payload.entries.map(
    (entry) => `{"user_id":${id(entry.user_id)},"duration_seconds":${entry.duration_seconds},"sessions":${entry.sessions}}`,
  )
  return (
    `{"period_id":"${payload.period_id}","guild_id":${id(guildId)},"period_index":${payload.period_index},` +
    `"started_at":"${micro(payload.started_at)}","ended_at":"${micro(payload.ended_at)}","entries":[${entries.join(',')}]}`
  )
}

/** A Discord id as a JSON integer. */
const id = (text: string): string => BigInt(text).toString()
/** `….250Z` with milliseconds as `….250000Z`. */
const micro = (instant: string): string => instant.replace(/\.(\d{3})Z$/, '.$1000Z')

/** Reads version 1 bytes: this form, every value in range, nothing besides. */
export function parseReceiptV1(bytes: Uint8Array): Parsed<ReceiptV1> {
  if (bytes.length > lengthMax) return malformed('longer than any receipt')
  // The form has ASCII alone: another byte becomes a character that it does not know.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const session = sessionForm.exec(text)
  if (session !== null) return readSession(session)
  const period = periodForm.exec(text)
  return period === null ? malformed('not in the form of signing version 1') : readPeriod(period)
}

function readSession(found: RegExpExecArray): Parsed<ReceiptV1> {
  const [, sessionId = '', guildId = '', userId = '', channelId = '', periodId = '', joinedAt = '', leftAt = '', seconds = ''] = found
  const durationSeconds = Number(seconds)
  const isInRange =
    isUuid(sessionId) && isUuid(periodId) && [guildId, userId, channelId].every(isSnowflake) && isTime(joinedAt) &&
    isTime(leftAt) && Number.isSafeInteger(durationSeconds)
  if (!isInRange) return malformed('a value is out of its range')
  return parsed({ type: 'voice-session', sessionId, guildId, userId, channelId, periodId, joinedAt, leftAt, durationSeconds })
}

function readPeriod(found: RegExpExecArray): Parsed<ReceiptV1> {
  const [, periodId = '', guildId = '', index = '', startedAt = '', endedAt = '', list = ''] = found
  const entries = readEntries(list)
  const periodIndex = Number(index)
  const isInRange =
    entries !== null && isUuid(periodId) && isSnowflake(guildId) && isTime(startedAt) && isTime(endedAt) && Number.isSafeInteger(periodIndex)
  if (!isInRange) return malformed('a value is out of its range')
  return parsed({ type: 'period', periodId, guildId, periodIndex, startedAt, endedAt, entries })
}

function readEntries(list: string): readonly PeriodEntry[] | null {
  const entries: PeriodEntry[] = []
  let at = 0
  while (at < list.length) {
    if (entries.length > 0 && list[at++] !== ',') return null
    entryForm.lastIndex = at
    const found = entryForm.exec(list)
    if (found === null) return null
    const [whole, userId = '', seconds = '', sessions = ''] = found
    const entry = { user_id: userId, duration_seconds: Number(seconds), sessions: Number(sessions) }
    if (!isSnowflake(userId) || !Number.isSafeInteger(entry.duration_seconds) || !Number.isSafeInteger(entry.sessions)) return null
    entries.push(entry)
    at += whole.length
  }
  return entries
}

/** A moment that exists: written again to the millisecond it is the same text. */
function isTime(text: string): boolean {
  const toMs = `${text.slice(0, 23)}Z`
  const ms = Date.parse(toMs)
  return !Number.isNaN(ms) && new Date(ms).toISOString() === toMs
}
