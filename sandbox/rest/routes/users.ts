/**
 * Users, the bot itself, and opening a direct message channel with one of them.
 *
 * Opening works with everybody; that somebody takes no messages is said when one is sent (50007), as on Discord.
 */
import type { RESTPatchAPICurrentUserJSONBody, RESTPostAPICurrentUserCreateDMChannelJSONBody } from 'discord-api-types/v10'
import { refuseField } from '../form-errors.ts'
import { refuse } from '../refusals.ts'
import { ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeChannel, shapeOwnUser, shapeUser } from '../shapes.ts'

export const userRoutes: readonly Route[] = [
  route('GET /users/@me', { bucket: 'user-read', handle: (call) => ok(shapeOwnUser(call.world.bot())) }),
  route('PATCH /users/@me', { bucket: 'user-read', handle: renameBot }),
  route('GET /users/{user_id}', { bucket: 'user-read', handle: readUser }),
  route('POST /users/@me/channels', { bucket: 'direct-channel-open', handle: openDirectChannel }),
]

function readUser(call: RouteCall): Answer {
  const user = call.world.users.get(param(call, 'user_id'))
  if (user === undefined) throw refuse('unknownUser')
  return ok(shapeUser(user))
}

function renameBot(call: RouteCall): Answer {
  const body = call.body as RESTPatchAPICurrentUserJSONBody
  if (body.avatar !== undefined || body.banner !== undefined) call.noteNotBuilt('pictures of the bot')
  const { username } = body
  return ok(shapeOwnUser(call.world.users.update(call.world.bot().id, username === undefined ? {} : { username })))
}

function openDirectChannel(call: RouteCall): Answer {
  const { recipient_id: recipientId } = call.body as RESTPostAPICurrentUserCreateDMChannelJSONBody
  if (recipientId === undefined) throw refuseField(['recipient_id'], 'BASE_TYPE_REQUIRED', 'This field is required')
  if (call.world.users.get(recipientId) === undefined) throw refuse('unknownUser')
  // Discord refuses a bot that wants to talk to itself with the same words.
  if (recipientId === call.world.bot().id) throw refuse('cannotMessageUser')
  return ok(shapeChannel(call.world.users.openDm(recipientId)))
}
