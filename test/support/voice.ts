/** Voice attendance in the hands of a test: voices, and a guild that decides and evolves as the runtime would. */
import { decide } from '../../actors/behaviours/voice-attendance/decide.ts'
import { evolve } from '../../actors/behaviours/voice-attendance/evolve.ts'
import { initialState } from '../../actors/behaviours/voice-attendance/state.ts'
import { voiceAttendance } from '../../actors/behaviours/voice-attendance/voice-attendance.ts'
import type { Alarm, Decision } from '../../actors/protocol/behaviour.ts'
import type { Effect } from '../../actors/protocol/effect.ts'
import type { FinishedRecord } from '../../actors/protocol/record.ts'
import type {
  ObservedVoice,
  VoiceAttendanceCommand,
  VoiceAttendanceEvent,
  VoiceAttendanceReply,
} from '../../actors/protocol/voice-attendance.ts'
import type { Tier, TrackingMode } from '../../actors/protocol/voice-settings.ts'
import type { VoiceAttendanceState } from '../../actors/protocol/voice-attendance-state.ts'
import { channelId, guildId, opId, userId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
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
  readonly records: readonly FinishedRecord[]
  readonly effects: readonly Effect[]
  /** Memory is gone, and what is stored is loaded again. */
  crash(): void
  run(command: VoiceAttendanceCommand, now: number): Decision<VoiceAttendanceEvent, VoiceAttendanceReply>
  closed(): readonly ClosedSession[]
}

/** A guild that tracks every channel unless told otherwise. Alarms that are due come before a command, as in the runtime. */
export function createVoiceGuild(
  settings: Partial<VoiceAttendanceState> = { trackingMode: 'all' },
  options: { readonly dropsRecords?: () => boolean; readonly defaultTier?: Tier } = {},
): VoiceGuild {
  const random = seededRandom('voice')
  const journal: { at: number; event: VoiceAttendanceEvent }[] = []
  const records: FinishedRecord[] = []
  const effects: Effect[] = []

  function decideOne(command: VoiceAttendanceCommand, now: number): Decision<VoiceAttendanceEvent, VoiceAttendanceReply> {
    const before = JSON.stringify(guild.state)
    const context = { guildId: guildId('7'), opId: opId('op'), now, random, dropsRecords: options.dropsRecords?.() ?? false, ...(options.defaultTier === undefined ? {} : { defaultTier: options.defaultTier }) }
    const decision = decide(guild.state, command, context)
    if (JSON.stringify(guild.state) !== before) throw new Error('decide changed the state')
    const sealed = decision.events.length + (decision.records?.length ?? 0)
    if (sealed > limits.commitBatchEventsMax) throw new Error(`a turn of ${sealed} events does not fit a commit`)
    if (decision.events.length === 0 && (decision.effects?.length ?? 0) > 0) throw new Error('an effect without an event')
    if (voiceAttendance.reads.has(command.kind) && decision.events.length > 0) throw new Error('a read decided an event')
    records.push(...(decision.records ?? []))
    effects.push(...(decision.effects ?? []))
    for (const event of decision.events) {
      journal.push({ at: now, event })
      guild.state = evolve(guild.state, event, now)
    }
    return decision
  }

  function fireAlarms(now: number): void {
    for (;;) {
      const due = dueAlarm(guild.state, now)
      if (due === undefined) return
      const at = Math.max(due.dueAt, journal.at(-1)?.at ?? 0)
      decideOne(voiceAttendance.onAlarm!(due.purpose, due.dueAt), at)
      const again = voiceAttendance.alarms!(guild.state).find(({ purpose }) => purpose === due.purpose)
      if (again?.dueAt === due.dueAt) throw new Error(`the alarm ${due.purpose} has not moved`)
    }
  }

  const guild: VoiceGuild = {
    state: { ...initialState(), ...settings },
    journal,
    records,
    effects,
    run(command, now) {
      const context = { guildId: guildId('7'), opId: opId('op'), now, random }
      for (const step of voiceAttendance.unfold?.[command.kind]?.(guild.state, command, context) ?? []) {
        const at = Math.max(Math.min(step.at, now), journal.at(-1)?.at ?? 0)
        fireAlarms(at)
        decideOne(step.command, at)
      }
      fireAlarms(now)
      return decideOne(command, now)
    },
    crash() {
      guild.state = JSON.parse(JSON.stringify(guild.state)) as VoiceAttendanceState
    },
    closed: () => journal.map(({ event }) => event).filter((event) => event.kind === 'voice-session-closed'),
  }
  return guild
}

function dueAlarm(state: VoiceAttendanceState, now: number): Alarm | undefined {
  const [first] = voiceAttendance.alarms!(state).filter(({ dueAt }) => dueAt <= now).toSorted((a, b) => a.dueAt - b.dueAt)
  return first
}
