/**
 * The bodies of the people face's HTTP interface. Ids are strings of digits, permissions decimal bit sets.
 */
import { ChannelType } from 'discord-api-types/v10'
import { z } from 'zod'

const id = z.string().regex(/^\d{1,19}$/)
const name = z.string().min(1).max(100)
const text = z.string().max(4_000)
const bits = z.string().regex(/^\d{1,20}$/)
const optionValues = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
const waiting = { wait: z.boolean().default(true), timeoutMs: z.number().min(0).max(900_000).optional() }
const message = z.object({ id, channel_id: id })

export const bodies = {
  createUser: z.object({ username: name, globalName: name.optional(), id: id.optional() }),
  createGuild: z.object({
    name,
    id: id.optional(),
    ownerId: id.optional(),
    botPermissions: bits.optional(),
    inviteBot: z.boolean().optional(),
    textChannels: z.array(name).max(100).optional(),
    voiceChannels: z.array(name).max(100).optional(),
  }),
  addMember: z.object({ username: name, globalName: name.optional(), roles: z.array(id).optional() }),
  createChannel: z.object({
    name,
    type: z
      .literal([
        ChannelType.GuildText,
        ChannelType.GuildVoice,
        ChannelType.GuildCategory,
        ChannelType.GuildAnnouncement,
        ChannelType.GuildStageVoice,
      ])
      .optional(),
    parent_id: id.optional(),
    topic: text.optional(),
    user_limit: z.int().min(0).max(99).optional(),
    permission_overwrites: z
      .array(z.object({ id, type: z.literal([0, 1]), allow: bits, deny: bits }))
      .optional(),
  }),
  createRole: z.object({ name, permissions: bits.optional(), color: z.int().optional(), hoist: z.boolean().optional() }),
  bot: z.object({ present: z.boolean(), permissions: bits.optional() }),
  available: z.object({ available: z.boolean() }),
  slash: z.object({ name: z.string(), options: optionValues.default({}), channel: id.optional(), ...waiting }),
  contextMenu: z.object({ name: z.string(), user: id.optional(), message: message.optional(), channel: id.optional(), ...waiting }),
  autocomplete: z.object({
    name: z.string(),
    options: optionValues.default({}),
    focused: z.string(),
    channel: id.optional(),
    ...waiting,
  }),
  click: z.object({ message, customId: z.string(), ...waiting }),
  select: z.object({ message, customId: z.string(), values: z.array(z.string()), ...waiting }),
  submit: z.object({
    interactionId: id,
    fields: z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())])),
    ...waiting,
  }),
  voiceJoin: z.object({ channel: id, selfMute: z.boolean().optional(), selfDeaf: z.boolean().optional() }),
  voiceMove: z.object({ channel: id }),
  on: z.object({ on: z.boolean() }),
  onOther: z.object({ user: id, on: z.boolean() }),
  moveMember: z.object({ user: id, channel: id }),
  other: z.object({ user: id, reason: z.string().max(512).optional() }),
  role: z.object({ user: id, role: id }),
  nick: z.object({ user: id, nick: z.string().max(32).nullable() }),
  post: z.object({ channel: id, content: text, replyTo: id.optional() }),
  message: z.object({ message }),
  react: z.object({ message, emoji: z.string().min(1) }),
}

/** Drops what is undefined, so that optional fields are absent instead. */
export function given<Fields extends object>(fields: Fields): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as { [Name in keyof Fields]: Exclude<Fields[Name], undefined> }
}
