/**
 * READY: the first dispatch of a session, and the guilds that follow it.
 *
 * READY lists the shard's guilds as unavailable; each then arrives as GUILD_CREATE with `unavailable: false`. Without
 * the first discord.js ignores GUILD_CREATE after a re-identify, without the second guilds stay unavailable for ever.
 */
import type { GatewayReadyDispatchData } from 'discord-api-types/v10'
import { APIVersion, ApplicationFlags, GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import type { Dispatch, DispatchBody } from '../world/dispatch.ts'
import type { World } from '../world/world.ts'
import type { Session } from './session.ts'
import { isOnShard } from './shard-route.ts'

export function readyDispatch(world: World, session: Session, resumeUrl: string): DispatchBody {
  const [id, count] = session.shard
  const guilds = world.guilds.listOfBot().filter((guild) => isOnShard(guild.id, session.shard))
  const intentFlags =
    ApplicationFlags.GatewayGuildMembersLimited |
    ApplicationFlags.GatewayPresenceLimited |
    ApplicationFlags.GatewayMessageContentLimited
  const d: GatewayReadyDispatchData = {
    v: Number(APIVersion),
    user: { ...world.bot(), verified: true, mfa_enabled: true, email: null },
    guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
    session_id: session.id,
    resume_gateway_url: resumeUrl,
    shard: [id, count],
    application: { id: world.application.id, flags: intentFlags, flags_new: String(intentFlags) },
  }
  return { t: GatewayDispatchEvents.Ready, d }
}

/** One GUILD_CREATE for each guild of the shard that is not in an outage. */
export function guildDispatches(world: World, session: Session): Dispatch[] {
  return world.guilds
    .listOfBot()
    .filter((guild) => guild.available && isOnShard(guild.id, session.shard))
    .map((guild) => ({
      t: GatewayDispatchEvents.GuildCreate,
      d: world.guildCreateData(guild.id),
      guildId: guild.id,
      intent: GatewayIntentBits.Guilds,
    }))
}
