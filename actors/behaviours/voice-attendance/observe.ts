/**
 * One observed voice state: who came, left, moved or muted.
 *
 * A session is identified by what Discord tells: member, channel. Telling the same twice changes nothing, so replays and
 * duplicates are harmless. Leaving is processed whatever the tracking mode says by then.
 */
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { VoiceFeedCommand } from '../../protocol/voice-attendance.ts'
import type { State, VoiceDecision } from './draft.ts'
import { Draft } from './draft.ts'
import { catchUp } from './known-voice.ts'
import { closeSession, enterChannel, sameVoice } from './sessions.ts'
import { announceClosed } from './announce.ts'

type Command<Kind extends VoiceFeedCommand['kind']> = Extract<VoiceFeedCommand, { kind: Kind }>

export function observeVoice(state: State, { voice, unobservedSince }: Command<'observe-voice'>, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  const caughtUp = catchUp(state, voice)
  if (caughtUp === 'older') return draft.decision({ kind: 'observed' })
  if (caughtUp === 'met') draft.events.push({ kind: 'voice-feed-met', userId: voice.userId })
  // Both may be told, by a replay that was forwarded to an owner without a feed: nobody watched from the earlier one on.
  const lost = [unobservedSince, state.feedLostSince].filter((since) => typeof since === 'number')
  const unobservedFrom = lost.length === 0 ? null : Math.min(...lost)
  const session = state.open[voice.userId]
  if (session !== undefined && session.channelId === voice.channelId) {
    if (sameVoice(session.voice, voice)) return draft.decision({ kind: 'observed' })
    const since = unobservedSince === undefined || unobservedFrom === null ? {} : { unobservedSince: unobservedFrom }
    draft.events.push({ kind: 'voice-flags-changed', voice, ...since })
    return draft.decision({ kind: 'observed' })
  }
  if (session !== undefined) closeSession(draft, session, { closeAt: context.now, unobservedFrom, recovered: false })
  enterChannel(draft, voice)
  announceClosed(draft)
  return draft.decision({ kind: 'observed' })
}

/** Where the AFK channel is matters only to a guild that counts. */
export function observeGuild(state: State, { afkChannelId }: Command<'observe-guild'>, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  noteAfkChannel(draft, afkChannelId)
  return draft.decision({ kind: 'observed' })
}

export function noteAfkChannel(draft: Draft, afkChannelId: Command<'observe-guild'>['afkChannelId']): void {
  const { state } = draft
  if (afkChannelId === state.afkChannelId) return
  if (state.trackingMode === 'off' && Object.keys(state.open).length === 0) return
  draft.events.push({ kind: 'voice-afk-channel-noted', afkChannelId })
}
