/**
 * Guilds: made by people, joined and left by the bot.
 *
 * A new guild has @everyone with Discord's usual permissions, an owner, the bot with its managed role (when it is
 * invited) and no channels. The bot joining is GUILD_CREATE, its leaving GUILD_DELETE without `unavailable`; an outage
 * is GUILD_DELETE with `unavailable: true`.
 */
import type { GatewayGuildCreateDispatchData } from 'discord-api-types/v10'
import { GatewayDispatchEvents, GatewayIntentBits, Locale, PermissionFlagsBits } from 'discord-api-types/v10'
import type { WorldCore } from './core.ts'
import { toApiGuild } from './guild-view.ts'
import { blankMember } from './members.ts'
import { blankRole } from './roles.ts'
import type { GuildState } from './state.ts'

export interface GuildInput {
  name: string
  ownerId: string
  id?: string
  /** Permissions of the bot's managed role; default Administrator. */
  botPermissions?: bigint
  /** False makes a guild the bot is not in. */
  inviteBot?: boolean
}

export interface Guilds {
  get(guildId: string): GuildState | undefined
  /** Guilds the bot is in, oldest first. */
  listOfBot(): GuildState[]
  create(input: GuildInput): GuildState
  update(guildId: string, patch: Partial<Pick<GuildState, 'name' | 'icon' | 'ownerId' | 'afkChannelId' | 'locale'>>): GuildState
  /** The bot joins a guild it was not in. */
  inviteBot(guildId: string, permissions?: bigint): void
  /** The bot leaves or is kicked. */
  removeBot(guildId: string): void
  setAvailable(guildId: string, available: boolean): void
}

/** What a newly made guild grants to everybody, as far as a bot can tell the difference. */
const everyonePermissions = [
  PermissionFlagsBits.ViewChannel,
  PermissionFlagsBits.SendMessages,
  PermissionFlagsBits.ReadMessageHistory,
  PermissionFlagsBits.EmbedLinks,
  PermissionFlagsBits.AttachFiles,
  PermissionFlagsBits.AddReactions,
  PermissionFlagsBits.Connect,
  PermissionFlagsBits.Speak,
  PermissionFlagsBits.Stream,
  PermissionFlagsBits.UseVAD,
  PermissionFlagsBits.ChangeNickname,
  PermissionFlagsBits.UseApplicationCommands,
  PermissionFlagsBits.CreateInstantInvite,
  PermissionFlagsBits.RequestToSpeak,
].reduce((all, bit) => all | bit, 0n)

export function createGuilds(core: WorldCore, toGuildCreate: (guildId: string) => GatewayGuildCreateDispatchData): Guilds {
  const { state, hub, ids } = core
  const intent = GatewayIntentBits.Guilds

  const seatBot = (guild: GuildState, permissions: bigint): void => {
    const role = { ...blankRole(ids.next(), state.application.name, guild.roles.size), managed: true }
    guild.roles.set(role.id, { ...role, permissions: String(permissions), tags: { bot_id: state.botId } })
    guild.members.set(state.botId, { ...blankMember(core.now()), roles: [role.id] })
    guild.botPresent = true
  }
  const tellCreate = (guildId: string): void => {
    hub.emit({ t: GatewayDispatchEvents.GuildCreate, d: toGuildCreate(guildId) }, { guildId, intent })
  }

  return {
    get: (guildId) => state.guilds.get(guildId),
    listOfBot: () => [...state.guilds.values()].filter((guild) => guild.botPresent),
    create(input) {
      const id = input.id ?? ids.nextGuild()
      const { name, ownerId } = input
      const everyone = { ...blankRole(id, '@everyone', 0), permissions: String(everyonePermissions) }
      const guild: GuildState = {
        id,
        name,
        icon: null,
        ownerId,
        locale: Locale.EnglishUS,
        botPresent: false,
        available: true,
        roles: new Map([[id, everyone]]),
        members: new Map([[ownerId, blankMember(core.now())]]),
        channels: new Map(),
        voiceStates: new Map(),
        bans: new Map(),
        auditLog: [],
      }
      state.guilds.set(id, guild)
      hub.touch()
      if (input.inviteBot ?? true) {
        seatBot(guild, input.botPermissions ?? PermissionFlagsBits.Administrator)
        tellCreate(id)
      }
      return guild
    },
    update(guildId, patch) {
      const guild = Object.assign(core.guild(guildId), patch)
      hub.emit({ t: GatewayDispatchEvents.GuildUpdate, d: toApiGuild(core, guildId) }, { guildId, intent })
      return guild
    },
    inviteBot(guildId, permissions = PermissionFlagsBits.Administrator) {
      seatBot(core.guild(guildId), permissions)
      tellCreate(guildId)
    },
    removeBot(guildId) {
      const guild = core.guild(guildId)
      // Told while the bot is still in it: afterwards gateways no longer count the guild as theirs.
      hub.emit({ t: GatewayDispatchEvents.GuildDelete, d: { id: guildId } }, { guildId, intent })
      guild.members.delete(state.botId)
      guild.voiceStates.delete(state.botId)
      guild.botPresent = false
      for (const role of guild.roles.values()) if (role.tags?.bot_id === state.botId) guild.roles.delete(role.id)
    },
    setAvailable(guildId, available) {
      const guild = core.guild(guildId)
      if (guild.available === available) return
      guild.available = available
      if (available) tellCreate(guildId)
      else hub.emit({ t: GatewayDispatchEvents.GuildDelete, d: { id: guildId, unavailable: true } }, { guildId, intent })
    },
  }
}
