/**
 * The bot's own application, under its two addresses.
 */
import { ok, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeUser } from '../shapes.ts'

export const applicationRoutes: readonly Route[] = [
  route('GET /applications/@me', { bucket: 'application-read', handle: readApplication }),
  route('GET /oauth2/applications/@me', { bucket: 'application-read', handle: readApplication }),
]

/** GATEWAY_GUILD_MEMBERS_LIMITED, GATEWAY_MESSAGE_CONTENT_LIMITED: what a small bot has when the portal allows them. */
const privilegedFlags = (1 << 15) | (1 << 19)

function readApplication(call: RouteCall): Answer {
  const { id, name, publicKey } = call.world.application
  const owner = call.world.guilds.listOfBot()[0]?.ownerId
  const flags = call.portal.membersIntent ? privilegedFlags : 0
  return ok({
    id,
    name,
    icon: null,
    description: '',
    type: null,
    flags,
    flags_new: String(flags),
    bot: shapeUser(call.world.bot()),
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: publicKey,
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner: shapeUser(call.world.users.get(owner ?? '') ?? call.world.bot()),
    approximate_guild_count: call.world.guilds.listOfBot().length,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: ['bot', 'applications.commands'],
  })
}
