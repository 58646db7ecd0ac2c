/**
 * The gateway's raw dispatches, turned into commands for the guilds' actors.
 *
 * It listens to `raw` and not to discord.js' events: those wait until all shards of the process are ready, and drop
 * voice updates after a resume with empty caches. A handler here only notes and hands over; nothing is awaited, so that
 * heartbeats are never late. When all guilds of a shard have been told, `onShardComplete` fires once for each READY.
 */
import type {
  GatewayDispatchPayload,
  GatewayGuildCreateDispatchData,
  GatewayGuildDeleteDispatchData,
  GatewayGuildMemberRemoveDispatchData,
  GatewayGuildMemberUpdateDispatchData,
  GatewayGuildUpdateDispatchData,
  GatewayReadyDispatchData,
  GatewayVoiceStateUpdateDispatchData,
} from 'discord-api-types/v10'
import { GatewayDispatchEvents } from 'discord-api-types/v10'
import type { FeedEvent } from '../../actors/runtime/actor-runtime.ts'
import type { ObservedVoice } from '../../actors/protocol/voice-attendance.ts'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import type { ChannelId, GuildId, RoleId } from '../../kernel/ids.ts'
import { guildId, isSnowflake, userId } from '../../kernel/ids.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { ShardWatch } from './shard-watch.ts'
import { translateChannel, translateVoiceState } from './translate.ts'
import type { VoiceTracker } from './voice-tracker.ts'

/** Discord sends the guilds of READY within seconds; one that does not come is in an outage and is not waited for. */
const guildsTimeoutMs = 15_000

export interface FeedDeps {
  readonly clock: Clock
  readonly log: Log
  readonly tracker: VoiceTracker
  readonly watch: ShardWatch
  /** Unix ms by the database's clock. */
  now(): number
  feed(event: FeedEvent): void
  /** Every guild of the shard has been told, or was not told in time. */
  onShardComplete(shardId: number): void
  /** This guild's voice states are the whole truth; nobody watched since `watchedUntil`. */
  onGuildKnown(guild: GuildId, watchedUntil: number): void
  /** From when on nobody watched this guild, as long as its actor has not been told; null: it knows all. */
  gapOf(guild: GuildId): number | null
  /** An outage of this guild began: nobody watches it from `since` until it is known again. */
  onGuildLost(guild: GuildId, since: number): void
  /** The guild's AFK channel is another one, or there is none any more. */
  onAfkChannel(guild: GuildId, afkChannelId: ChannelId | null): void
  onInteraction(data: unknown): void
}

interface ShardFeed {
  session: string
  /** Guilds of READY that have not been told yet; null: complete. */
  pending: Set<string> | null
  /** From when on nobody watched, for guilds told after this READY. */
  gapSince: number
  timeout: Timer | null
}

export class GatewayFeed {
  readonly #deps: FeedDeps
  readonly #shards = new Map<number, ShardFeed>()
  /** Guilds in an outage, and since when nobody watches them. */
  readonly #outages = new Map<GuildId, number>()

  constructor(deps: FeedDeps) {
    this.#deps = deps
  }

  /** Sessions may end at any time; timers of shards that are still incomplete are cancelled. */
  stop(): void {
    for (const shard of this.#shards.values()) shard.timeout?.cancel()
  }

  /** Takes a dispatch as it came. What Discord should not have sent is told and passed over; a bug of ours is thrown. */
  onDispatch(packet: GatewayDispatchPayload, shardId: number): void {
    try {
      this.#take(packet, shardId)
    } catch (thrown) {
      const error = coerceError(thrown)
      if (codeOf(error) === 'assertion-failed') throw error
      this.#deps.log.error('dispatch is not understood', { event: packet.t, shardId, seq: packet.s, error })
    }
  }

  #take(packet: GatewayDispatchPayload, shardId: number): void {
    switch (packet.t) {
      case GatewayDispatchEvents.Ready:
        this.#onReady(packet.d, shardId)
        return
      case GatewayDispatchEvents.Resumed:
        this.#deps.watch.resume(shardId)
        return
      case GatewayDispatchEvents.GuildCreate:
        if (!('unavailable' in packet.d && packet.d.unavailable === true)) this.#onGuildCreate(packet.d, shardId)
        return
      case GatewayDispatchEvents.GuildUpdate:
        this.#onGuildUpdate(packet.d)
        return
      case GatewayDispatchEvents.GuildDelete:
        this.#onGuildDelete(packet.d, shardId)
        return
      case GatewayDispatchEvents.VoiceStateUpdate:
        this.#onVoiceState(packet.d, { shardId, seq: packet.s })
        return
      case GatewayDispatchEvents.GuildMemberUpdate:
        if (packet.d.user.bot !== true) this.#onMember(packet.d, packet.d.roles, { shardId, seq: packet.s })
        return
      case GatewayDispatchEvents.GuildMemberRemove:
        if (packet.d.user.bot !== true) this.#onMember(packet.d, null, { shardId, seq: packet.s })
        return
      case GatewayDispatchEvents.InteractionCreate:
        this.#deps.onInteraction(packet.d)
        return
      default:
        return
    }
  }

  #onReady(data: GatewayReadyDispatchData, shardId: number): void {
    this.#shards.get(shardId)?.timeout?.cancel()
    const gapSince = this.#deps.watch.gapSince(shardId) ?? this.#deps.now()
    const shard: ShardFeed = {
      session: data.session_id,
      pending: new Set(data.guilds.map(({ id }) => id)),
      gapSince,
      timeout: null,
    }
    this.#shards.set(shardId, shard)
    this.#deps.watch.begin(shardId)
    if (shard.pending?.size === 0) {
      this.#complete(shardId, shard)
      return
    }
    shard.timeout = this.#deps.clock.after(guildsTimeoutMs, () => {
      if (shard.pending === null) return
      this.#deps.log.warn('guilds were not told in time', { shardId, missing: shard.pending.size })
      this.#complete(shardId, shard)
    })
  }

  #complete(shardId: number, shard: ShardFeed): void {
    shard.timeout?.cancel()
    // Those in an outage are told when it is over; nobody will have watched them until then.
    for (const id of shard.pending ?? []) this.#noteOutage(id as GuildId, shard.gapSince)
    shard.pending = null
    this.#deps.onShardComplete(shardId)
  }

  #onGuildCreate(data: GatewayGuildCreateDispatchData, shardId: number): void {
    if (!isSnowflake(data.id)) return
    const guild = guildId(data.id)
    const bots = new Set(data.members.filter(({ user }) => user?.bot === true).map(({ user }) => user?.id))
    const voices = data.voice_states
      .map((state) => translateVoiceState(state, bots.has(state.user_id)))
      .filter((voice): voice is ObservedVoice => voice !== null && voice.channelId !== null)
    this.#deps.tracker.replace(guild, voices, this.#deps.now())
    this.#deps.tracker.setAfkChannel(guild, translateChannel(data.afk_channel_id))
    const shard = this.#shards.get(shardId)
    const isFirst = shard?.pending?.delete(data.id) ?? false
    // A guild told after READY was in an outage or is new to the bot: nobody watched it until now.
    const readyGap = isFirst ? (shard?.gapSince ?? Infinity) : Infinity
    this.#deps.onGuildKnown(guild, Math.min(readyGap, this.#outages.get(guild) ?? Infinity, this.#deps.now()))
    this.#outages.delete(guild)
    if (shard !== undefined && isFirst && shard.pending?.size === 0) this.#complete(shardId, shard)
  }

  #onGuildUpdate(data: GatewayGuildUpdateDispatchData): void {
    if (!isSnowflake(data.id)) return
    const guild = guildId(data.id)
    const afkChannelId = translateChannel(data.afk_channel_id)
    if (this.#deps.tracker.setAfkChannel(guild, afkChannelId)) this.#deps.onAfkChannel(guild, afkChannelId)
  }

  /** Told with the members intent only. `roles` null: the member left. */
  #onMember(
    data: GatewayGuildMemberUpdateDispatchData | GatewayGuildMemberRemoveDispatchData,
    roles: readonly string[] | null,
    from: { shardId: number; seq: number },
  ): void {
    const shard = this.#shards.get(from.shardId)
    if (!isSnowflake(data.guild_id) || !isSnowflake(data.user.id) || shard === undefined) return
    this.#deps.feed({
      guildId: guildId(data.guild_id),
      session: shard.session,
      seq: from.seq,
      receivedAt: this.#deps.now(),
      command: { feature: 'role-panels', kind: 'observe-member', userId: userId(data.user.id), roles: roles === null ? null : (roles.filter(isSnowflake) as RoleId[]) },
    })
  }

  #noteOutage(guild: GuildId, since: number): void {
    this.#outages.set(guild, Math.min(this.#outages.get(guild) ?? Infinity, since))
    this.#deps.onGuildLost(guild, since)
  }

  /** An outage leaves sessions open and unwatched; being thrown out ends what can be seen. */
  #onGuildDelete(data: GatewayGuildDeleteDispatchData, shardId: number): void {
    if (!isSnowflake(data.id)) return
    const guild = guildId(data.id)
    if (data.unavailable === true) {
      this.#noteOutage(guild, this.#deps.now())
      return
    }
    this.#shards.get(shardId)?.pending?.delete(data.id)
    this.#deps.tracker.replace(guild, [], this.#deps.now())
    this.#deps.onGuildKnown(guild, this.#deps.now())
    this.#deps.tracker.forget(guild)
  }

  #onVoiceState(data: GatewayVoiceStateUpdateDispatchData, from: { shardId: number; seq: number }): void {
    const shard = this.#shards.get(from.shardId)
    if (data.guild_id === undefined || !isSnowflake(data.guild_id) || shard === undefined) return
    const guild = guildId(data.guild_id)
    const voice = translateVoiceState(data, data.member?.user.bot === true)
    if (voice === null || !this.#deps.tracker.apply(guild, voice)) return
    // A change may overtake the reconcile that states the gap before it, so it states the gap itself.
    const gapSince = this.#deps.watch.gapSince(from.shardId) ?? this.#deps.gapOf(guild)
    this.#deps.feed({
      guildId: guild,
      session: shard.session,
      seq: from.seq,
      receivedAt: this.#deps.now(),
      command: {
        feature: 'voice-attendance',
        kind: 'observe-voice',
        voice,
        ...(gapSince === null ? {} : { unobservedSince: gapSince }),
      },
    })
  }
}
