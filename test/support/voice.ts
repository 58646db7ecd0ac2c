/** Voice attendance in the hands of a test: voices, and a guild that decides and evolves as the runtime would. */
import { decide } from '../../actors/behaviours/voice-attendance/decide.ts'
import { evolve } from '../../actors/behaviours/voice-attendance/evolve.ts'
import { initialState } from '../../actors/behaviours/voice-attendance/state.ts'
import type { Decision } from '../../actors/protocol/behaviour.ts'
import type { RecordDraft } from '../../actors/protocol/record.ts'
import type {
  ObservedVoice,
  VoiceAttendanceCommand,
  VoiceAttendanceEvent,
  VoiceAttendanceReply,
} from '../../actors/protocol/voice-attendance.ts'
import type { TrackingMode } from '../../actors/protocol/voice-settings.ts'
import type { VoiceAttendanceState } from '../../actors/protocol/voice-attendance-state.ts'
import { channelId, guildId, opId, userId } from '../../kernel/ids.ts'
import { seededRandom } from './records.ts'

const feature = 'voice-attendance' as const

/** Member `user` in `channel`; small numbers make readable ids. */
export function voiceOf(user: number, channel: number | null, flags: Partial<ObservedVoice> = {}): ObservedVoice {
  return {
    userId: userId(String(1_000 + user)),
    bot: false,
    channelId: channel === null ? null : channelId(String(2_000 + channel)),
    voiceSessionId: `session-${user}`,
    selfMute: false,
    serverMute: false,
    selfDeaf: false,
    serverDeaf: false,
    ...flags,
  }
}

export const observe = (voice: ObservedVoice, unobservedSince?: number): VoiceAttendanceCommand => ({
  feature,
  kind: 'observe-voice',
  voice,
  ...(unobservedSince === undefined ? {} : { unobservedSince }),
})

export const reconcile = (voices: readonly ObservedVoice[], watchedUntil: number): VoiceAttendanceCommand => ({
  feature,
  kind: 'reconcile-voice',
  voices,
  watchedUntil,
})

export const loseFeed = (since: number): VoiceAttendanceCommand => ({ feature, kind: 'lose-feed', since })

export const setMode = (mode: TrackingMode): VoiceAttendanceCommand => ({
  feature,
  kind: 'set-tracking-mode',
  mode,
  byUserId: userId('1'),
})

export const readBoard = (page: number, user: number): VoiceAttendanceCommand => ({
  feature,
  kind: 'read-leaderboard',
  page,
  forUserId: userId(String(1_000 + user)),
})

export type ClosedSession = Extract<VoiceAttendanceEvent, { kind: 'voice-session-closed' }>

export interface VoiceGuild {
  state: VoiceAttendanceState
  readonly journal: readonly { readonly at: number; readonly event: VoiceAttendanceEvent }[]
  readonly records: readonly RecordDraft[]
  run(command: VoiceAttendanceCommand, now: number): Decision<VoiceAttendanceEvent, VoiceAttendanceReply>
  closed(): readonly ClosedSession[]
}

/** A guild that tracks every channel unless told otherwise. */
export function createVoiceGuild(settings: Partial<VoiceAttendanceState> = { trackingMode: 'all' }): VoiceGuild {
  const random = seededRandom('voice')
  const journal: { at: number; event: VoiceAttendanceEvent }[] = []
  const records: RecordDraft[] = []
  const guild: VoiceGuild = {
    state: { ...initialState(), ...settings },
    journal,
    records,
    run(command, now) {
      const before = JSON.stringify(guild.state)
      const decision = decide(guild.state, command, { guildId: guildId('7'), opId: opId('op'), now, random })
      if (JSON.stringify(guild.state) !== before) throw new Error('decide changed the state')
      records.push(...(decision.records ?? []))
      for (const event of decision.events) {
        journal.push({ at: now, event })
        guild.state = evolve(guild.state, event, now)
      }
      return decision
    },
    closed: () => journal.map(({ event }) => event).filter((event) => event.kind === 'voice-session-closed'),
  }
  return guild
}
