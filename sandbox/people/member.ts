/**
 * One person in one guild: the driver that acts as they would and sees what they see.
 *
 * Everything a client would refuse is thrown as PeopleRefused before the world changes. The driver holds no state: it
 * may be made anew for every act.
 */
import type { APIGuildMember, APIMessage } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { GuildChannel } from '../world/state.ts'
import type { HandleDeps } from './handle.ts'
import type { MemberInteractions, MessageReference } from './member-interactions.ts'
import { createMemberInteractions } from './member-interactions.ts'
import type { MemberModeration } from './member-moderation.ts'
import { createMemberModeration } from './member-moderation.ts'
import type { MemberVoice } from './member-voice.ts'
import { createMemberVoice } from './member-voice.ts'
import type { VoiceModeration } from './voice-moderation.ts'
import { createVoiceModeration } from './voice-moderation.ts'
import { PeopleRefused, known } from './refused.ts'
import { createVisibleMessages } from './visible-messages.ts'

export interface PostInput {
  channel: string
  content: string
  /** The message this one answers. */
  replyTo?: string
}

export interface MemberDriver extends MemberInteractions, MemberVoice, VoiceModeration, MemberModeration {
  readonly userId: string
  readonly guildId: string
  /** The language of the member's client, as Discord names locales; English (US) until then. */
  setLocale(locale: string): void
  /** Joins the guild. */
  join(): void
  leave(): void
  member(): APIGuildMember
  /** Channels the member may view. */
  channels(): GuildChannel[]
  /** Messages the member sees in the channel, oldest first; others' ephemeral ones are not among them. */
  messages(channelId: string): APIMessage[]
  post(input: PostInput): APIMessage
  deleteMessage(message: MessageReference): void
  react(message: MessageReference, emoji: string): void
}

const mentionPattern = /<@!?(\d{17,19})>/g

export function createMember(deps: HandleDeps, who: { guildId: string; userId: string }): MemberDriver {
  const { world } = deps
  const { guildId, userId } = who
  const visible = createVisibleMessages(world, who)
  return {
    ...who,
    ...createMemberInteractions({ ...deps, visible }, who),
    ...createMemberVoice(world, who),
    ...createVoiceModeration(world, who),
    ...createMemberModeration(world, who),
    setLocale: (locale) => void world.users.update(userId, { locale }),
    join() {
      known(world.users.get(userId), 'unknown-user', `user ${userId}`)
      if (world.members.has(guildId, userId)) throw new PeopleRefused('already-member', `user ${userId} is a member already`)
      if (world.bans.get(guildId, userId) !== undefined) throw new PeopleRefused('banned', `user ${userId} is banned`)
      world.members.add(guildId, userId)
    },
    leave() {
      world.members.remove(guildId, userId)
    },
    member: () => world.apiMember(guildId, userId),
    channels: visible.channels,
    messages: visible.list,
    post({ channel, content, replyTo }) {
      const place = { ...who, channelId: visible.channel(channel).id }
      if ((world.permissions(place) & PermissionFlagsBits.SendMessages) === 0n) {
        throw new PeopleRefused('missing-permission', `the member may not write in channel ${channel}`)
      }
      const mentioned = [...content.matchAll(mentionPattern)].map(([, id]) => world.users.get(id ?? ''))
      const reference = replyTo === undefined ? {} : { message_reference: { message_id: replyTo, channel_id: channel, guild_id: guildId } }
      const mentions = mentioned.filter((user) => user !== undefined)
      return world.messages.create(channel, { authorId: userId, content, mentions, ...reference })
    },
    deleteMessage({ channel_id: channelId, id }) {
      const message = visible.message(channelId, id)
      const mayAny = (world.permissions({ ...who, channelId }) & PermissionFlagsBits.ManageMessages) !== 0n
      if (message.author.id !== userId && !mayAny) throw new PeopleRefused('missing-permission', 'not the member’s message')
      world.messages.remove(channelId, id)
    },
    react({ channel_id: channelId, id }, emoji) {
      world.reactions.add({ channelId, messageId: visible.message(channelId, id).id, userId, emoji })
    },
  }
}
