/**
 * Settings of code attendance, per guild: what can be set, and what stands in for what was not.
 *
 * null means "not set": then the installation's default holds, which an operator of a single guild gives in the
 * environment. Seconds and minutes are whole.
 */
import type { ChannelId, RoleId } from '../../kernel/ids.ts'

export const codeAlphabets = ['full', 'unambiguous'] as const
/** full: A–Z and 0–9. unambiguous: without I, O, 0 and 1. */
export type CodeAlphabet = (typeof codeAlphabets)[number]

export const voicePresences = ['off', 'flag', 'require'] as const
/** flag: whether the member was in the channel is recorded. require: who is not in it is refused. */
export type VoicePresence = (typeof voicePresences)[number]

export const intervalSecondsBounds = { min: 5, max: 300 } as const
export const codeLengthBounds = { min: 3, max: 12 } as const
/** One day: a class that is open longer was forgotten. */
export const sessionMinutesMax = 1_440

export interface AttendanceSettings {
  readonly adminChannelId: ChannelId | null
  readonly attendanceChannelId: ChannelId | null
  /** Members with this role are staff, beside those with Manage Server. */
  readonly staffRoleId: RoleId | null
  readonly intervalSeconds: number | null
  readonly codeLength: number | null
  readonly alphabet: CodeAlphabet
  /** Previous codes that are still accepted. */
  readonly grace: 0 | 1
  /** Minutes after opening from which an entry counts as late; null: off. */
  readonly lateAfterMinutes: number | null
  /** Minutes after opening at which the session closes by itself; null: off. */
  readonly autoCloseMinutes: number | null
  readonly voicePresence: VoicePresence
  readonly voiceChannelId: ChannelId | null
  /** IANA; null: the guild's. */
  readonly timeZone: string | null
}

/** What an installation says for guilds that said nothing. */
export interface AttendanceDefaults {
  readonly adminChannelId: ChannelId | null
  readonly attendanceChannelId: ChannelId | null
  readonly intervalSeconds: number
  readonly codeLength: number
}

/** Settings with every default put in. */
export interface EffectiveSettings extends AttendanceSettings {
  readonly intervalSeconds: number
  readonly codeLength: number
  readonly timeZone: string
}

/** Who asks, from where, and what their process knows that the state does not. */
export interface AttendanceAsker {
  readonly channelId: ChannelId
  /** Has Manage Server. */
  readonly isManager: boolean
  readonly roleIds: readonly RoleId[]
  readonly defaults: AttendanceDefaults
  /** The guild's own, where attendance has none. */
  readonly guildTimeZone: string
}
