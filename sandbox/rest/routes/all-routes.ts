/**
 * Every route there is, as the router is given them. A pattern that is missing here is an unknown route.
 */
import type { Route } from '../route.ts'
import { applicationRoutes } from './applications.ts'
import { auditLogRoutes } from './audit-logs.ts'
import { banRoutes } from './bans.ts'
import { channelRoutes } from './channels.ts'
import { commandRoutes } from './commands.ts'
import { gatewayRoutes } from './gateway.ts'
import { guildRoutes } from './guilds.ts'
import { interactionRoutes } from './interactions.ts'
import { memberEditRoutes } from './member-edits.ts'
import { memberRoleRoutes } from './member-roles.ts'
import { memberRoutes } from './members.ts'
import { messageRoutes } from './messages.ts'
import { pinRoutes } from './pins.ts'
import { reactionRoutes } from './reactions.ts'
import { roleRoutes } from './roles.ts'
import { userRoutes } from './users.ts'
import { webhookRoutes } from './webhooks.ts'

export const allRoutes: readonly Route[] = [
  ...gatewayRoutes,
  ...userRoutes,
  ...applicationRoutes,
  ...commandRoutes,
  ...interactionRoutes,
  ...webhookRoutes,
  ...channelRoutes,
  ...messageRoutes,
  ...reactionRoutes,
  ...pinRoutes,
  ...guildRoutes,
  ...roleRoutes,
  ...memberRoutes,
  ...memberEditRoutes,
  ...memberRoleRoutes,
  ...banRoutes,
  ...auditLogRoutes,
]
