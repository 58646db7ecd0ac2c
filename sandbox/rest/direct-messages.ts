/**
 * Whether the bot may write to a person: they share a guild and the person takes messages.
 */
import type { APIDMChannel } from 'discord-api-types/v10'
import type { GuildChannel } from '../world/state.ts'
import { refuse } from './refusals.ts'
import type { RouteCall } from './route.ts'

export function requireOpenDirectMessages(call: RouteCall, channel: GuildChannel | APIDMChannel): void {
  if (!('recipients' in channel)) return
  const userId = channel.recipients?.[0]?.id ?? ''
  const isTogether = call.world.guilds.listOfBot().some((guild) => guild.members.has(userId))
  if (!isTogether || call.world.users.areDmsClosed(userId)) throw refuse('cannotMessageUser')
}
