/**
 * What a session asks for: members of a guild (op 8), and a voice state for the bot itself (op 4).
 */
import { GatewayDispatchEvents } from 'discord-api-types/v10'
import { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import { isVoiceChannel } from '../world/channels.ts'
import type { World } from '../world/world.ts'
import type { Broadcast } from './broadcast.ts'
import type { GatewayLimits } from './limits.ts'
import { answerMemberRequest, asksForEveryone, parseMemberRequest, rateLimitedAnswer } from './member-request.ts'
import type { Session } from './session.ts'

export interface SessionRequests {
  /** False when the data has not the form of the request. */
  requestMembers(session: Session, data: unknown): boolean
  updateVoiceState(session: Session, data: unknown): boolean
}

const voiceSchema = z.looseObject({
  guild_id: z.string(),
  channel_id: z.string().nullable(),
  self_mute: z.boolean().optional(),
  self_deaf: z.boolean().optional(),
})

export function createSessionRequests(
  deps: { world: World; clock: Clock; broadcast: Broadcast },
  limits: GatewayLimits,
): SessionRequests {
  const { world, clock, broadcast } = deps
  /** By guild, when everybody was last asked for. One entry a guild of the world. */
  const askedAtMs = new Map<string, number>()

  return {
    requestMembers(session, data) {
      const request = parseMemberRequest(data)
      if (request === undefined) return false
      if (asksForEveryone(request)) {
        const nowMs = clock.monotonicMs()
        const waitMs = (askedAtMs.get(request.guild_id) ?? -Infinity) + limits.memberRequestIntervalMs - nowMs
        if (waitMs > 0) {
          broadcast.tell(session, rateLimitedAnswer(request, waitMs))
          return true
        }
        if (world.guilds.get(request.guild_id) !== undefined) askedAtMs.set(request.guild_id, nowMs)
      }
      for (const chunk of answerMemberRequest(world, request, session.intents)) broadcast.tell(session, chunk)
      return true
    },
    updateVoiceState(session, data) {
      const parsed = voiceSchema.safeParse(data)
      if (!parsed.success) return false
      const { guild_id: guildId, channel_id: channelId, self_mute = false, self_deaf = false } = parsed.data
      const { botId } = world.state
      // What does not exist is ignored without an answer, as Discord does for op 4.
      if (world.guilds.get(guildId)?.botPresent !== true) return true
      if (channelId === null) {
        if (world.voice.get(guildId, botId) !== undefined) world.voice.leave(guildId, botId)
        return true
      }
      const channel = world.channels.get(channelId)
      if (!isVoiceChannel(channel) || channel.guild_id !== guildId) return true
      world.voice.join(guildId, botId, channelId, { self_mute, self_deaf })
      // No audio is served here, so there is no endpoint, which is what Discord sends while it looks for a server.
      const d = { token: '0'.repeat(16), guild_id: guildId, endpoint: null }
      broadcast.tell(session, { t: GatewayDispatchEvents.VoiceServerUpdate, d })
      return true
    },
  }
}
