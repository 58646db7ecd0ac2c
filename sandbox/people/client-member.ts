/**
 * One member over HTTP: what member.ts does in the sandbox's own process, with promises.
 *
 * An act on the bot resolves as soon as the interaction is on its way; its handle then waits for the reply.
 */
import type { APIGuildMember, APIMessage } from 'discord-api-types/v10'
import type { InteractionState } from '../interactions/interaction.ts'
import type { GuildChannel } from '../world/state.ts'
import type { Caller } from './client-call.ts'
import type { OptionValues } from './command-options.ts'
import type { Reply } from './handle.ts'
import type { PostInput } from './member.ts'
import type { MessageReference, Where } from './member-interactions.ts'
import type { JoinFlags } from './member-voice.ts'
import type { FieldValues } from './modal-fields.ts'

export interface HandleClient {
  readonly interactionId: string
  acknowledged(options?: { timeoutMs?: number }): Promise<InteractionState['kind']>
  reply(options?: { timeoutMs?: number }): Promise<Reply>
  followups(): Promise<APIMessage[]>
}

export interface MemberClient {
  readonly userId: string
  readonly guildId: string
  join(): Promise<void>
  leave(): Promise<void>
  member(): Promise<APIGuildMember & { voiceChannel: string | null }>
  channels(): Promise<GuildChannel[]>
  messages(channelId: string): Promise<APIMessage[]>
  post(input: PostInput): Promise<APIMessage>
  react(message: MessageReference, emoji: string): Promise<void>
  deleteMessage(message: MessageReference): Promise<void>
  slash(name: string, options?: OptionValues, where?: Where): Promise<HandleClient>
  autocomplete(name: string, options: OptionValues, focused: string, where?: Where): Promise<HandleClient>
  contextMenu(name: string, target: { user: string } | { message: MessageReference }, where?: Where): Promise<HandleClient>
  click(message: MessageReference, customId: string): Promise<HandleClient>
  select(message: MessageReference, customId: string, values: readonly string[]): Promise<HandleClient>
  submit(opened: { interactionId: string }, fields: FieldValues): Promise<HandleClient>
  joinVoice(channelId: string, flags?: JoinFlags): Promise<void>
  moveVoice(channelId: string): Promise<void>
  leaveVoice(): Promise<void>
  selfMute(on: boolean): Promise<void>
  selfDeaf(on: boolean): Promise<void>
  selfStream(on: boolean): Promise<void>
  selfVideo(on: boolean): Promise<void>
  serverMute(userId: string, on: boolean): Promise<void>
  serverDeaf(userId: string, on: boolean): Promise<void>
  moveMember(userId: string, channelId: string): Promise<void>
  disconnectMember(userId: string): Promise<void>
  giveRole(userId: string, roleId: string): Promise<void>
  takeRole(userId: string, roleId: string): Promise<void>
  setNick(userId: string, nick: string | null): Promise<void>
  kick(userId: string, reason?: string): Promise<void>
  ban(userId: string, reason?: string): Promise<void>
  unban(userId: string): Promise<void>
}

export function createMemberClient(call: Caller, who: { guildId: string; userId: string }): MemberClient {
  const at = `/people/guilds/${who.guildId}/members/${who.userId}`
  const act = (name: string, body?: object): Promise<void> => call.act(`${at}/${name}`, body)
  const because = (reason: string | undefined) => (reason === undefined ? {} : { reason })
  return {
    ...who,
    ...interactionActs(call, at),
    ...voiceActs(act),
    join: () => act('join'),
    leave: () => act('leave'),
    member: () => call.get(at),
    channels: () => call.get(`${at}/channels`),
    messages: (channelId) => call.get(`${at}/messages?channel=${channelId}`),
    post: (input) => call.post<APIMessage>(`${at}/post`, input),
    react: (message, emoji) => act('react', { message: reference(message), emoji }),
    deleteMessage: (message) => act('delete-message', { message: reference(message) }),
    serverMute: (user, on) => act('server-mute', { user, on }),
    serverDeaf: (user, on) => act('server-deaf', { user, on }),
    moveMember: (user, channel) => act('move-member', { user, channel }),
    disconnectMember: (user) => act('disconnect-member', { user }),
    giveRole: (user, role) => act('give-role', { user, role }),
    takeRole: (user, role) => act('take-role', { user, role }),
    setNick: (user, nick) => act('nick', { user, nick }),
    kick: (user, reason) => act('kick', { user, ...because(reason) }),
    ban: (user, reason) => act('ban', { user, ...because(reason) }),
    unban: (user) => act('unban', { user }),
  }
}

type InteractionActs = 'slash' | 'autocomplete' | 'contextMenu' | 'click' | 'select' | 'submit'
type VoiceActs = 'joinVoice' | 'moveVoice' | 'leaveVoice' | 'selfMute' | 'selfDeaf' | 'selfStream' | 'selfVideo'

function voiceActs(act: (name: string, body?: object) => Promise<void>): Pick<MemberClient, VoiceActs> {
  return {
    joinVoice: (channel, flags = {}) => act('voice/join', { channel, ...flags }),
    moveVoice: (channel) => act('voice/move', { channel }),
    leaveVoice: () => act('voice/leave'),
    selfMute: (on) => act('voice/self-mute', { on }),
    selfDeaf: (on) => act('voice/self-deaf', { on }),
    selfStream: (on) => act('voice/self-stream', { on }),
    selfVideo: (on) => act('voice/self-video', { on }),
  }
}

function interactionActs(call: Caller, at: string): Pick<MemberClient, InteractionActs> {
  const begin = async (name: string, body: object): Promise<HandleClient> => {
    const { interactionId } = await call.post<{ interactionId: string }>(`${at}/${name}`, { ...body, wait: false })
    return createHandleClient(call, interactionId)
  }
  return {
    slash: (name, options = {}, where = {}) => begin('slash', { name, options, ...where }),
    autocomplete: (name, options, focused, where = {}) => begin('autocomplete', { name, options, focused, ...where }),
    contextMenu: (name, target, where = {}) => {
      const aim = 'user' in target ? target : { message: reference(target.message) }
      return begin('context-menu', { name, ...aim, ...where })
    },
    click: (message, customId) => begin('click', { message: reference(message), customId }),
    select: (message, customId, values) => begin('select', { message: reference(message), customId, values }),
    submit: ({ interactionId }, fields) => begin('submit', { interactionId, fields }),
  }
}

function createHandleClient(call: Caller, interactionId: string): HandleClient {
  const at = `/people/interactions/${interactionId}`
  const wait = ({ timeoutMs }: { timeoutMs?: number } = {}) => (timeoutMs === undefined ? '' : `?timeoutMs=${timeoutMs}`)
  return {
    interactionId,
    async acknowledged(options) {
      const { state } = await call.get<{ state: InteractionState['kind'] }>(`${at}/acknowledged${wait(options)}`)
      return state
    },
    reply: (options) => call.get<Reply>(`${at}/reply${wait(options)}`),
    followups: () => call.get<APIMessage[]>(`${at}/followups`),
  }
}

/** Only what names a message travels, not the message that the caller may hold. */
function reference({ id, channel_id }: MessageReference): MessageReference {
  return { id, channel_id }
}
