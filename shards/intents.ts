/**
 * What Muster asks Discord to be told, by the features that are there. Privileged intents must also be switched on in the
 * developer portal, or Discord closes the gateway with 4014; none is asked for that no feature uses.
 * https://docs.discord.com/developers/events/gateway#gateway-intents
 */
import { ApplicationFlags, GatewayIntentBits } from 'discord-api-types/v10'

export function gatewayIntents(options: { readonly hasMembersIntent: boolean }): readonly GatewayIntentBits[] {
  const always = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildVoiceStates]
  return options.hasMembersIntent ? [...always, GatewayIntentBits.GuildMembers] : always
}

interface PrivilegedIntent {
  readonly intent: GatewayIntentBits
  /** As the portal calls its switch. */
  readonly name: string
  /** Set in the application's flags when it is switched on; the second for bots in fewer than 100 servers. */
  readonly flags: readonly ApplicationFlags[]
}

export const privilegedIntents: readonly PrivilegedIntent[] = [
  { intent: GatewayIntentBits.GuildMembers, name: 'Server Members Intent', flags: [ApplicationFlags.GatewayGuildMembers, ApplicationFlags.GatewayGuildMembersLimited] },
  { intent: GatewayIntentBits.GuildPresences, name: 'Presence Intent', flags: [ApplicationFlags.GatewayPresence, ApplicationFlags.GatewayPresenceLimited] },
  { intent: GatewayIntentBits.MessageContent, name: 'Message Content Intent', flags: [ApplicationFlags.GatewayMessageContent, ApplicationFlags.GatewayMessageContentLimited] },
]

/** Names of the switches in the portal that these intents need and that are off. */
export function missingIntents(intents: readonly GatewayIntentBits[], applicationFlags: number): readonly string[] {
  return privilegedIntents
    .filter(({ intent, flags }) => intents.includes(intent) && !flags.some((flag) => (applicationFlags & flag) !== 0))
    .map(({ name }) => name)
}
