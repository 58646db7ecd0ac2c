/**
 * From Discord's words to ours: gateway dispatches and voice states, reduced to what counts. Pure.
 *
 * This is where text from outside enters; it is made well-formed here and nowhere else. What cannot be understood is
 * null, never a throw: a gateway must not be stopped by one odd event.
 */
import type { APIVoiceState } from 'discord-api-types/v10'
import type { ObservedVoice } from '../../actors/protocol/voice-attendance.ts'
import type { ChannelId } from '../../kernel/ids.ts'
import { channelId, isSnowflake, userId } from '../../kernel/ids.ts'
import { truncateText, wellFormedText } from '../../kernel/text.ts'

type AnyVoiceState = Omit<APIVoiceState, 'guild_id'>

/** Longest voice session id kept; Discord's are 32 hexadecimal characters. */
const voiceSessionIdLengthMax = 64

/** A voice state as an observation; `isBot` must be known, from the member of the state or of the guild. */
export function translateVoiceState(state: AnyVoiceState, isBot: boolean): ObservedVoice | null {
  const { user_id: user, channel_id: channel, session_id: session }: Partial<Record<keyof AnyVoiceState, unknown>> = state
  if (typeof user !== 'string' || !isSnowflake(user)) return null
  if (channel !== null && (typeof channel !== 'string' || !isSnowflake(channel))) return null
  return {
    userId: userId(user),
    bot: isBot,
    channelId: channel === null ? null : channelId(channel),
    voiceSessionId: typeof session === 'string' ? truncateText(wellFormedText(session), voiceSessionIdLengthMax) : '',
    selfMute: state.self_mute === true,
    serverMute: state.mute === true,
    selfDeaf: state.self_deaf === true,
    serverDeaf: state.deaf === true,
  }
}

/** A channel's id, or null where there is none or what was told is not one. */
export function translateChannel(id: unknown): ChannelId | null {
  return typeof id === 'string' && isSnowflake(id) ? channelId(id) : null
}
