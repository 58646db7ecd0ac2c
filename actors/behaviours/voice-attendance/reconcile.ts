/**
 * After time that nobody watched: the open sessions against who is in voice now.
 *
 * Same channel: the session goes on and the gap is unobserved. Gone: it closes at the last moment known. Found without a
 * session: one opens now. A boundary may lie in the gap: then `lose-feed`, dated at its beginning, tells who is gone
 * before the boundary is applied, and `reconcile-voice` does the rest after it.
 */
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { ObservedVoice, VoiceFeedCommand } from '../../protocol/voice-attendance.ts'
import { announceClosed } from './announce.ts'
import type { State, VoiceDecision } from './draft.ts'
import { Draft } from './draft.ts'
import { noteAfkChannel } from './observe.ts'
import { closeSession, enterChannel, sameVoice } from './sessions.ts'

type Command<Kind extends VoiceFeedCommand['kind']> = Extract<VoiceFeedCommand, { kind: Kind }>

export function reconcileVoice(state: State, command: Command<'reconcile-voice'>, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  const watchedUntil = Math.min(command.watchedUntil, state.feedLostSince ?? Infinity, context.now)
  if (!closeGone(draft, command.voices, watchedUntil)) return partial(draft, watchedUntil)
  if (command.afkChannelId !== undefined) noteAfkChannel(draft, command.afkChannelId)
  const hasOpen = Object.keys(state.open).length > 0
  if (hasOpen || state.feedLostSince !== null || state.awaited !== undefined) draft.events.push({ kind: 'voice-feed-resumed', watchedUntil })
  for (const voice of command.voices) {
    if (draft.isFull) return partial(draft, null)
    const session = state.open[voice.userId]
    const goesOn = session !== undefined && session.channelId === voice.channelId
    if (goesOn && sameVoice(session.voice, voice)) continue
    if (goesOn) {
      draft.sessions += 1
      draft.events.push({ kind: 'voice-flags-changed', voice })
    } else enterChannel(draft, voice)
  }
  dropGoneBystanders(draft, command.voices)
  announceClosed(draft)
  return draft.decision({ kind: 'observed' })
}

export function loseFeed(state: State, { since, voices }: Command<'lose-feed'>, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  const hasOpen = Object.keys(state.open).length > 0
  if (hasOpen && state.feedLostSince === null) draft.events.push({ kind: 'voice-feed-lost', since })
  if (voices !== undefined && hasOpen) {
    closeGone(draft, voices, Math.min(since, state.feedLostSince ?? Infinity, context.now))
    announceClosed(draft)
  }
  return draft.decision({ kind: 'observed' })
}

/** False: there were more than one turn closes. */
function closeGone(draft: Draft, voices: readonly ObservedVoice[], watchedUntil: number): boolean {
  const present = new Map(voices.map((voice) => [voice.userId, voice]))
  for (const session of Object.values(draft.state.open)) {
    if (present.get(session.userId)?.channelId === session.channelId) continue
    if (draft.isFull) return false
    const closeAt = Math.max(session.accountedUntil, watchedUntil)
    closeSession(draft, session, { unobservedFrom: null, closeAt, recovered: true })
  }
  return true
}

export function dropGoneBystanders(draft: Draft, voices: readonly ObservedVoice[]): void {
  const present = new Set(voices.map((voice) => voice.userId as string))
  for (const user of Object.keys(draft.state.bystanders)) {
    if (!present.has(user)) draft.events.push({ kind: 'voice-bystander-noted', userId: user as ObservedVoice['userId'], channelId: null })
  }
}

/** What is left is told again; until then nobody is believed to watch. */
function partial(draft: Draft, lostSince: number | null): VoiceDecision {
  if (lostSince !== null && draft.state.feedLostSince === null) draft.events.push({ kind: 'voice-feed-lost', since: lostSince })
  announceClosed(draft)
  return draft.decision({ kind: 'observed', isPartial: true })
}
