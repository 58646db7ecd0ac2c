/**
 * What a record says, in words and in one way: the server writes these onto the page, and the browser makes them again
 * from the signed bytes and compares. Both run this file.
 */

/** A receipt of version 2 after JSON.parse. Only what is shown is read. */
export interface ShownReceipt {
  readonly type: string
  readonly guild_id: string
  readonly sequence: number
  readonly issued_at: string
  readonly payload: Readonly<Record<string, unknown>>
}

export interface Fact {
  /** Names the place on the page; the same on both sides. */
  readonly id: string
  readonly label: string
  readonly text: string
  /** RFC 3339, where it is a moment. */
  readonly time?: string
  /** What it is on Discord, to be looked up there. */
  readonly link?: string
  readonly note?: string
}

export function factsOf(receipt: ShownReceipt): readonly Fact[] {
  switch (receipt.type) {
    case 'voice-session':
      return sessionFacts(receipt)
    case 'attendance':
      return attendanceFacts(receipt)
    case 'period':
      return periodFacts(receipt)
    default:
      return []
  }
}

function sessionFacts(receipt: ShownReceipt): readonly Fact[] {
  const { guild_id: guild, payload } = receipt
  const user = String(payload['user_id'])
  const channel = String(payload['channel_id'])
  return [
    { id: 'member', label: 'Member', text: user, link: `https://discord.com/users/${user}`, note: 'the number of a Discord account' },
    { id: 'channel', label: 'Voice channel', text: channel, link: `https://discord.com/channels/${guild}/${channel}` },
    { id: 'server', label: 'Server', text: guild },
    moment('joined', 'Joined', payload['joined_at']),
    moment('left', 'Left', payload['left_at']),
    { id: 'duration', label: 'Time that counted', text: durationText(payload['duration_seconds']) },
    ...(payload['recovered'] === true
      ? [{ id: 'recovered', label: 'Note', text: 'The end was reconstructed after an interruption of the recording.' }]
      : []),
    ...(payload['split'] === true
      ? [{ id: 'split', label: 'Note', text: 'One stay that was recorded as several sessions; this is one of them.' }]
      : []),
  ]
}

const statusTexts: Readonly<Record<string, string>> = { present: 'Present', late: 'Late', excused: 'Excused', absent: 'Absent' }
const sourceTexts: Readonly<Record<string, string>> = {
  code: 'typed the code that was shown',
  staff: 'entered by staff',
  webhook: 'reported by another system of this server',
}

interface ShownEntry {
  readonly user_id: string
  readonly duration_seconds: number
  readonly sessions: number
}

/** Entries that a page lists; the rest is in the receipt. */
const entriesMax = 100
const entryPrefix = 'entry-'

export const isEntry = (factId: string): boolean => factId.startsWith(entryPrefix)

function periodFacts({ guild_id: guild, payload }: ShownReceipt): readonly Fact[] {
  const entries = (payload['entries'] ?? []) as readonly ShownEntry[]
  const unsigned = (payload['unsigned'] ?? { sessions: 0, seconds: 0 }) as { readonly sessions: number; readonly seconds: number }
  const sum = (pick: (entry: ShownEntry) => number): number => entries.reduce((total, entry) => total + pick(entry), 0)
  return [
    { id: 'period', label: 'Period', text: `number ${String(payload['period_index'])}` },
    moment('started', 'Began', payload['started_at']),
    moment('ended', 'Ended', payload['ended_at']),
    { id: 'members', label: 'Members with counted time', text: String(entries.length) },
    { id: 'sessions', label: 'Sessions', text: String(sum((entry) => entry.sessions)) },
    { id: 'duration', label: 'Time that counted', text: durationText(sum((entry) => entry.duration_seconds)) },
    ...(unsigned.sessions === 0
      ? []
      : [{ id: 'unsigned', label: 'Not signed, and in no total', text: `${unsigned.sessions} sessions, ${durationText(unsigned.seconds)}` }]),
    { id: 'server', label: 'Server', text: guild },
    ...entries.slice(0, entriesMax).map((entry, index) => ({
      id: `${entryPrefix}${index + 1}`, label: `Place ${index + 1}`, text: `${entry.user_id}: ${durationText(entry.duration_seconds)}`,
    })),
    ...(entries.length > entriesMax ? [{ id: `${entryPrefix}more`, label: 'Further places', text: `${entries.length - entriesMax}, in the receipt` }] : []),
  ]
}

function attendanceFacts({ guild_id: guild, payload }: ShownReceipt): readonly Fact[] {
  const user = String(payload['user_id'])
  const student = payload['student_id']
  const inVoice = payload['in_voice']
  return [
    { id: 'member', label: 'Member', text: user, link: `https://discord.com/users/${user}`, note: 'the number of a Discord account' },
    ...(typeof student === 'string' ? [{ id: 'student', label: 'Student id', text: student }] : []),
    { id: 'status', label: 'Status', text: statusText(payload['status']) },
    { id: 'session', label: 'Session', text: String(payload['session_id']) },
    { id: 'date', label: 'Date', text: String(payload['date_id']) },
    moment('submitted', 'Recorded', payload['submitted_at']),
    { id: 'source', label: 'How', text: sourceTexts[String(payload['source'])] ?? String(payload['source']) },
    ...(typeof inVoice === 'boolean'
      ? [{ id: 'voice', label: 'In the voice channel', text: inVoice ? 'yes' : 'no' }]
      : []),
    { id: 'server', label: 'Server', text: guild },
  ]
}

export function statusText(status: unknown): string {
  return statusTexts[String(status)] ?? String(status)
}

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

function moment(id: string, label: string, value: unknown): Fact {
  const time = String(value)
  return { id, label, text: timeText(time), time }
}

/** `20 November 2026, 18:00:00 UTC`. Of fixed form, so that it is the same wherever it is written. */
export function timeText(instant: string): string {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(instant)
  if (found === null) return instant
  const [, year, month, day, clock] = found
  return `${Number(day)} ${months[Number(month) - 1] ?? ''} ${year}, ${clock} UTC`
}

/** `1 h 05 min 09 s`; smaller units only where they are needed. */
export function durationText(value: unknown): string {
  const whole = typeof value === 'number' ? value : 0
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  const seconds = whole % 60
  const two = (part: number): string => String(part).padStart(2, '0')
  if (hours > 0) return `${hours} h ${two(minutes)} min ${two(seconds)} s`
  return minutes > 0 ? `${minutes} min ${two(seconds)} s` : `${seconds} s`
}

export interface Share {
  readonly id: 'counted' | 'paused' | 'unobserved'
  readonly label: string
  readonly seconds: number
}

const pauseTexts: Readonly<Record<string, string>> = {
  self_mute: 'microphone off', server_mute: 'muted by staff', self_deaf: 'sound off', server_deaf: 'deafened by staff',
  alone: 'alone in the channel', afk: 'in the AFK channel', too_few: 'too few others present',
}

/** How the time of a voice session divides; null for anything else. */
export function sharesOf({ type, payload }: ShownReceipt): readonly Share[] | null {
  if (type !== 'voice-session') return null
  const paused = Object.entries((payload['paused_seconds'] ?? {}) as Readonly<Record<string, number>>).filter(([, seconds]) => seconds > 0)
  return [
    { id: 'counted', label: 'counted', seconds: Number(payload['duration_seconds']) },
    ...paused.map(([reason, seconds]): Share => ({ id: 'paused', label: `not counted: ${pauseTexts[reason] ?? reason}`, seconds })),
    ...(Number(payload['unobserved_seconds']) > 0
      ? [{ id: 'unobserved', label: 'not counted: nobody recorded', seconds: Number(payload['unobserved_seconds']) } as const]
      : []),
  ]
}
