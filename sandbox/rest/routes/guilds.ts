/**
 * A guild as a whole.
 */
import { requireGuild } from '../access.ts'
import { ok, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeGuild } from '../shapes.ts'

export const guildRoutes: readonly Route[] = [route('GET /guilds/{guild_id}', { bucket: 'guild-read', handle: read })]

function read(call: RouteCall): Answer {
  const guild = requireGuild(call)
  const count = guild.members.size
  const counts = { approximate_member_count: count, approximate_presence_count: count }
  return ok({ ...shapeGuild(call, guild.id), ...(call.query.get('with_counts') === 'true' ? counts : {}) })
}
