/**
 * Routes of one member: /people/guilds/:guild/members/:user/… .
 *
 * Acts on the bot answer `{ interactionId, reply }`, or `{ interactionId }` at once when the body says `"wait": false`.
 */
import type { z } from 'zod'
import type { JsonCall, JsonRoute } from '../json-door.ts'
import type { Handle } from './handle.ts'
import { bodies, given } from './http-schemas.ts'
import type { MemberDriver } from './member.ts'
import type { People } from './people.ts'
import { known } from './refused.ts'

const at = '/people/guilds/:guild/members/:user'

export function memberRoutes(people: People): JsonRoute[] {
  const member = ({ param }: JsonCall): MemberDriver => people.guild(param('guild')).user(param('user'))
  const get = (name: string, look: (driver: MemberDriver, call: JsonCall) => unknown): JsonRoute => ({
    method: 'GET',
    pattern: `${at}${name}`,
    handle: (call) => look(member(call), call),
  })
  const post = <Schema extends z.ZodType>(
    name: string,
    schema: Schema,
    act: (driver: MemberDriver, body: z.infer<Schema>) => unknown,
  ): JsonRoute => ({
    method: 'POST',
    pattern: `${at}/${name}`,
    handle: (call) => act(member(call), schema.parse(call.body)),
  })
  const plain = (name: string, act: (driver: MemberDriver) => unknown): JsonRoute => ({
    method: 'POST',
    pattern: `${at}/${name}`,
    handle: (call) => act(member(call)),
  })
  return [
    get('', (driver) => ({ ...driver.member(), voiceChannel: driver.voiceChannel() })),
    get('/channels', (driver) => driver.channels()),
    get('/messages', (driver, { query }) => driver.messages(query.get('channel') ?? '')),
    plain('join', (driver) => driver.join()),
    plain('leave', (driver) => driver.leave()),
    post('post', bodies.post, (driver, body) => driver.post(given(body))),
    post('react', bodies.react, (driver, { message, emoji }) => driver.react(message, emoji)),
    post('delete-message', bodies.message, (driver, { message }) => driver.deleteMessage(message)),
    ...interactionActs(post),
    ...voiceActs(post, plain),
    ...moderationActs(post),
  ]
}

type Post = <Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  act: (driver: MemberDriver, body: z.infer<Schema>) => unknown,
) => JsonRoute
type Plain = (name: string, act: (driver: MemberDriver) => unknown) => JsonRoute

function interactionActs(post: Post): JsonRoute[] {
  const settle = async (handle: Handle, body: { wait: boolean; timeoutMs?: number | undefined }): Promise<object> => {
    const { interactionId } = handle
    if (!body.wait) return { interactionId }
    return { interactionId, reply: await handle.reply(given({ timeoutMs: body.timeoutMs })) }
  }
  return [
    post('slash', bodies.slash, (driver, body) =>
      settle(driver.slash(body.name, body.options, given({ channel: body.channel })), body),
    ),
    post('autocomplete', bodies.autocomplete, (driver, body) =>
      settle(driver.autocomplete(body.name, body.options, body.focused, given({ channel: body.channel })), body),
    ),
    post('context-menu', bodies.contextMenu, (driver, body) => {
      const { name, user, message, channel } = body
      const target = message === undefined ? { user: known(user, 'unknown-user', 'a user or a message') } : { message }
      return settle(driver.contextMenu(name, target, given({ channel })), body)
    }),
    post('click', bodies.click, (driver, body) => settle(driver.click(body.message, body.customId), body)),
    post('select', bodies.select, (driver, body) => settle(driver.select(body.message, body.customId, body.values), body)),
    post('submit', bodies.submit, (driver, body) =>
      settle(driver.submit({ interactionId: body.interactionId }, body.fields), body),
    ),
  ]
}

function voiceActs(post: Post, plain: Plain): JsonRoute[] {
  return [
    post('voice/join', bodies.voiceJoin, (driver, { channel, ...flags }) => driver.joinVoice(channel, given(flags))),
    post('voice/move', bodies.voiceMove, (driver, { channel }) => driver.moveVoice(channel)),
    plain('voice/leave', (driver) => driver.leaveVoice()),
    post('voice/self-mute', bodies.on, (driver, { on }) => driver.selfMute(on)),
    post('voice/self-deaf', bodies.on, (driver, { on }) => driver.selfDeaf(on)),
    post('voice/self-stream', bodies.on, (driver, { on }) => driver.selfStream(on)),
    post('voice/self-video', bodies.on, (driver, { on }) => driver.selfVideo(on)),
  ]
}

function moderationActs(post: Post): JsonRoute[] {
  return [
    post('server-mute', bodies.onOther, (driver, { user, on }) => driver.serverMute(user, on)),
    post('server-deaf', bodies.onOther, (driver, { user, on }) => driver.serverDeaf(user, on)),
    post('move-member', bodies.moveMember, (driver, { user, channel }) => driver.moveMember(user, channel)),
    post('disconnect-member', bodies.other, (driver, { user }) => driver.disconnectMember(user)),
    post('give-role', bodies.role, (driver, { user, role }) => driver.giveRole(user, role)),
    post('take-role', bodies.role, (driver, { user, role }) => driver.takeRole(user, role)),
    post('nick', bodies.nick, (driver, { user, nick }) => driver.setNick(user, nick)),
    post('kick', bodies.other, (driver, { user, reason }) => driver.kick(user, reason)),
    post('ban', bodies.other, (driver, { user, reason }) => driver.ban(user, reason)),
    post('unban', bodies.other, (driver, { user }) => driver.unban(user)),
  ]
}
