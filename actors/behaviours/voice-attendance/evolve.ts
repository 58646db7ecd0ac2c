/**
 * How an event changes what is kept. Never refuses: an event has happened.
 *
 * Whether time accrues for a session depends on others too; it is evaluated here, after every event that can change it,
 * so that the arrival of one member ends the pause of another without an event of its own.
 */
import { assert } from '../../../kernel/assert.ts'
import { limits } from '../../../kernel/limits.ts'
import type { ObservedVoice, VoiceAttendanceEvent } from '../../protocol/voice-attendance.ts'
import type { OpenSession, VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import { advanceAccounts } from './accounts.ts'
import { addActivity } from './activity.ts'
import { evolveSettings } from './evolve-settings.ts'
import { evolvePeriod } from './evolve-period.ts'
import { addClosed, addDiscarded } from './evolve-totals.ts'
import { humansThatMatter, pauseReasonOf, countsHumans } from './pauses.ts'
import { dropBystandersOf, hasSessionIn } from './presence.ts'

type Event<Kind extends VoiceAttendanceEvent['kind']> = Extract<VoiceAttendanceEvent, { kind: Kind }>

export function evolve(state: VoiceAttendanceState, event: VoiceAttendanceEvent, at: number): VoiceAttendanceState {
  switch (event.kind) {
    case 'voice-session-opened':
      openSession(state, event, at)
      return state
    case 'voice-flags-changed':
      changeFlags(state, event, at)
      return state
    case 'voice-feed-lost':
    case 'voice-feed-resumed':
    case 'voice-feed-switched':
    case 'voice-feed-met':
    case 'voice-feed-settled':
      evolveFeed(state, event, at)
      return state
    case 'voice-session-closed':
    case 'voice-session-discarded':
      closeSession(state, event, at)
      return state
    case 'voice-bystander-noted': {
      const before = state.bystanders[event.userId]
      if (event.channelId === null) delete state.bystanders[event.userId]
      else state.bystanders[event.userId] = event.channelId
      for (const channel of [before, event.channelId]) if (typeof channel === 'string') evaluateChannel(state, channel, at)
      return state
    }
    case 'voice-afk-channel-noted':
      state.afkChannelId = event.afkChannelId
      evaluateAll(state, at)
      return state
    case 'fairness-set':
      state.fairness = event.fairness
      state.rulesVersion += 1
      evaluateAll(state, at)
      return state
    case 'voice-period-opened':
    case 'voice-period-scheduled':
    case 'voice-period-closing':
    case 'voice-period-closed':
      evolvePeriod(state, event, at)
      return state
    default:
      return evolveSettings(state, event, at)
  }
}

function evolveFeed(state: VoiceAttendanceState, event: Event<`voice-feed-${string}` & VoiceAttendanceEvent['kind']>, at: number): void {
  switch (event.kind) {
    case 'voice-feed-lost':
      // A duplicate event may have been accounted past `since` already; what is accounted stays (I13).
      state.feedLostSince = event.since
      return
    case 'voice-feed-resumed':
      for (const session of Object.values(state.open)) advance(state, session, at, event.watchedUntil)
      state.feedLostSince = null
      delete state.awaited
      evaluateAll(state, at)
      return
    case 'voice-feed-switched':
      delete state.awaited
      if (event.awaited.length > 0) state.awaited = Object.fromEntries(event.awaited.map((userId) => [userId, true as const]))
      return
    case 'voice-feed-met':
      if (state.awaited === undefined) return
      delete state.awaited[event.userId]
      if (Object.keys(state.awaited).length === 0) delete state.awaited
      return
    case 'voice-feed-settled':
      delete state.awaited
      // Those who stay are looked at anew (alone, too few); their time was watched throughout.
      evaluateAll(state, at)
  }
}

function advance(state: VoiceAttendanceState, session: OpenSession, until: number, unobservedFrom: number | null): void {
  const counted = advanceAccounts(session, until, unobservedFrom)
  if (counted !== null) addActivity(state, counted)
}

function openSession(state: VoiceAttendanceState, { sessionId, voice }: Event<'voice-session-opened'>, at: number): void {
  assert(voice.channelId !== null, 'a session opens in a channel')
  assert(state.open[voice.userId] === undefined, 'a member has one open session')
  const standsIn = state.bystanders[voice.userId]
  delete state.bystanders[voice.userId]
  forgetLeft(state, ({ userId }) => userId === voice.userId)
  state.open[voice.userId] = {
    sessionId,
    userId: voice.userId,
    channelId: voice.channelId,
    joinedAt: at,
    accountedUntil: at,
    countedMs: 0,
    pausedMs: {},
    unobservedMs: 0,
    voice,
  }
  arrive(state, voice.userId, at)
  if (standsIn !== undefined && standsIn !== voice.channelId) evaluateChannel(state, standsIn, at)
}

/** A session that began: its own pause, and that of those who are not alone any more. */
function arrive(state: VoiceAttendanceState, user: string, at: number): void {
  const session = state.open[user]
  assert(session !== undefined, 'who arrives has a session')
  if (countsHumans(state)) evaluateChannel(state, session.channelId, at)
  else evaluate(state, session, Infinity, at)
}

function changeFlags(state: VoiceAttendanceState, event: Event<'voice-flags-changed'>, at: number): void {
  const session = state.open[event.voice.userId]
  assert(session !== undefined, 'voice flags changed for a member without an open session')
  advance(state, session, at, event.unobservedSince ?? state.feedLostSince)
  session.voice = event.voice
  evaluate(state, session, humansThatMatter(state, session.channelId), at)
}

function closeSession(
  state: VoiceAttendanceState,
  event: Event<'voice-session-closed' | 'voice-session-discarded'>,
  at: number,
): void {
  const session = state.open[event.userId]
  assert(session?.sessionId === event.sessionId, 'the session that closes is the open one')
  advance(state, session, event.leftAt, event.unobservedSince ?? null)
  delete state.open[event.userId]
  if (event.kind === 'voice-session-closed') addClosed(state, event)
  else addDiscarded(state, event)
  if (event.kind === 'voice-session-closed' && event.nextSessionId !== undefined) {
    continueSession(state, session, event.nextSessionId, event)
    return
  }
  forgetLeft(state, (_voice, leftAt) => leftAt < at - leftKeptMs)
  state.left = { ...state.left, [event.userId]: { voice: session.voice, at } }
  if (!hasSessionIn(state, event.channelId, event.userId)) dropBystandersOf(state, event.channelId)
  // After an outage the others are evaluated when the feed is back: until then nobody knows when they became alone.
  const isRecovered = event.kind === 'voice-session-closed' ? event.recovered : event.leftAt < at
  if (!isRecovered && countsHumans(state)) evaluateChannel(state, event.channelId, at)
}

/** Long enough for any other feed to have told it as well: a process that is further behind is killed as wedged. */
export const leftKeptMs = 10 * limits.feedLagMs

function forgetLeft(state: VoiceAttendanceState, isForgotten: (voice: ObservedVoice, leftAt: number) => boolean): void {
  if (state.left === undefined) return
  const kept = Object.entries(state.left).filter(([, { voice, at }]) => !isForgotten(voice, at))
  if (kept.length === 0) delete state.left
  else state.left = Object.fromEntries(kept)
}

/** The second half of a split: same member, same channel, same pause, accounts from zero. */
function continueSession(
  state: VoiceAttendanceState,
  before: OpenSession,
  sessionId: string,
  { leftAt, durationSeconds }: Event<'voice-session-closed'>,
): void {
  const { userId, channelId, voice, pause, carriedSeconds } = before
  state.open[userId] = {
    sessionId,
    userId,
    channelId,
    joinedAt: leftAt,
    accountedUntil: leftAt,
    countedMs: 0,
    pausedMs: {},
    unobservedMs: 0,
    carriedSeconds: (carriedSeconds ?? 0) + durationSeconds,
    ...(pause === undefined ? {} : { pause }),
    voice,
  }
}

function evaluateAll(state: VoiceAttendanceState, at: number): void {
  const humansOf = new Map<string, number>()
  for (const session of Object.values(state.open)) {
    const humans = humansOf.get(session.channelId) ?? humansThatMatter(state, session.channelId)
    humansOf.set(session.channelId, humans)
    evaluate(state, session, humans, at)
  }
}

function evaluateChannel(state: VoiceAttendanceState, channel: string, at: number): void {
  const humans = humansThatMatter(state, channel)
  for (const user in state.open) {
    const session = state.open[user]
    if (session?.channelId === channel) evaluate(state, session, humans, at)
  }
}

/** Closes the account so far where the reason changes. */
function evaluate(state: VoiceAttendanceState, session: OpenSession, humans: number, at: number): void {
  const reason = pauseReasonOf(state, session, humans)
  if (reason === session.pause) return
  advance(state, session, at, state.feedLostSince)
  if (reason === undefined) delete session.pause
  else session.pause = reason
}
