/**
 * Who is in which voice channel, muted or not.
 *
 * Each change is dispatched as VOICE_STATE_UPDATE with the member, and told to `onVoiceChange` with its instant: the
 * voice log is written from there, so that sessions can be recomputed without believing the bot. A change that
 * changes nothing is not told, as on Discord. The session id is the member's connection: kept by a move.
 */
import type { APIVoiceState } from 'discord-api-types/v10'
import { GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import { assert } from '../../kernel/assert.ts'
import type { WorldCore } from './core.ts'
import type { VoiceState } from './state.ts'

export type VoiceFlags = Partial<
  Pick<VoiceState, 'self_mute' | 'self_deaf' | 'self_stream' | 'self_video' | 'suppress' | 'request_to_speak_timestamp'>
>

export interface VoiceChange {
  kind: 'join' | 'move' | 'leave' | 'flags'
  atMs: number
  guildId: string
  userId: string
  channelBefore: string | null
  channelAfter: string | null
  /** The state after the change; of a leave, the last one before it. */
  state: VoiceState
}

export interface Voice {
  get(guildId: string, userId: string): VoiceState | undefined
  list(guildId: string): VoiceState[]
  /** Joins, or moves when already in another channel of the guild. */
  join(guildId: string, userId: string, channelId: string, flags?: VoiceFlags): void
  leave(guildId: string, userId: string): void
  setFlags(guildId: string, userId: string, flags: VoiceFlags): void
  /** Server mute and deafening: also fields of the member. */
  setServerFlags(guildId: string, userId: string, flags: { mute?: boolean; deaf?: boolean }): void
  onVoiceChange(listener: (change: VoiceChange) => void): () => void
}

export function createVoice(core: WorldCore): Voice {
  const listeners = new Set<(change: VoiceChange) => void>()

  const tell = (guildId: string, before: VoiceState | undefined, after: VoiceState | undefined): void => {
    const state = after ?? before
    assert(state !== undefined, 'a voice change has a state before or after it')
    const [channelBefore, channelAfter] = [before?.channel_id ?? null, after?.channel_id ?? null]
    const kind = before === undefined ? 'join' : after === undefined ? 'leave' : channelBefore === channelAfter ? 'flags' : 'move'
    const atMs = core.clock.wallMs()
    const change = { kind, atMs, guildId, userId: state.user_id, channelBefore, channelAfter, state } as const
    for (const listener of listeners) listener(change)
    const member = core.apiMember(guildId, state.user_id)
    const d: APIVoiceState = { ...state, channel_id: channelAfter, guild_id: guildId, member }
    core.hub.emit({ t: GatewayDispatchEvents.VoiceStateUpdate, d }, { guildId, intent: GatewayIntentBits.GuildVoiceStates })
  }

  const put = (guildId: string, after: VoiceState): void => {
    const states = core.guild(guildId).voiceStates
    const before = states.get(after.user_id)
    if (before !== undefined && isSameState(before, after)) return
    states.set(after.user_id, after)
    tell(guildId, before, after)
  }

  const must = (guildId: string, userId: string): VoiceState => {
    const state = core.guild(guildId).voiceStates.get(userId)
    assert(state !== undefined, `user ${userId} is not in voice in guild ${guildId}`)
    return state
  }

  return {
    get: (guildId, userId) => core.guild(guildId).voiceStates.get(userId),
    list: (guildId) => [...core.guild(guildId).voiceStates.values()],
    join(guildId, userId, channelId, flags = {}) {
      const { mute, deaf } = core.member(guildId, userId)
      const known = core.guild(guildId).voiceStates.get(userId)
      const base = known ?? blankVoiceState(userId, `${core.ids.next()}${userId}`)
      put(guildId, { ...base, mute, deaf, ...flags, channel_id: channelId })
    },
    leave(guildId, userId) {
      const before = must(guildId, userId)
      core.guild(guildId).voiceStates.delete(userId)
      tell(guildId, before, undefined)
    },
    setFlags(guildId, userId, flags) {
      put(guildId, { ...must(guildId, userId), ...flags })
    },
    setServerFlags(guildId, userId, flags) {
      const member = core.member(guildId, userId)
      if (flags.mute !== undefined) member.mute = flags.mute
      if (flags.deaf !== undefined) member.deaf = flags.deaf
      put(guildId, { ...must(guildId, userId), mute: member.mute, deaf: member.deaf })
    },
    onVoiceChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function blankVoiceState(userId: string, sessionSeed: string): VoiceState {
  return {
    user_id: userId,
    channel_id: '',
    // Discord's session ids are 32 hexadecimal digits.
    session_id: BigInt(sessionSeed).toString(16).padStart(32, '0').slice(-32),
    deaf: false,
    mute: false,
    self_deaf: false,
    self_mute: false,
    self_stream: false,
    self_video: false,
    suppress: false,
    request_to_speak_timestamp: null,
  }
}

function isSameState(one: VoiceState, other: VoiceState): boolean {
  return (Object.keys(one) as (keyof VoiceState)[]).every((key) => one[key] === other[key])
}
