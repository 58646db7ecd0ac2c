/**
 * What this process knows about itself, for `/ping` and `/about`.
 */
import type { Client } from 'discord.js'
import { Routes } from 'discord-api-types/v10'
import type { ActorRuntime } from '../actors/runtime/actor-runtime.ts'
import { shardOfSlot, slotOf } from '../actors/ownership/slots.ts'
import type { GuildStore } from '../actors/runtime/ports.ts'
import type { Clock } from '../kernel/clock.ts'
import type { GuildId, Incarnation } from '../kernel/ids.ts'
import type { ProcessFacts } from './commands/slash-command.ts'

export interface ProcessFactsDeps {
  readonly client: Client
  readonly runtime: Pick<ActorRuntime, 'slots'>
  readonly guilds: Pick<GuildStore, 'databaseTime'>
  readonly clock: Clock
  reconcile(guild: GuildId): void
}

export function createProcessFacts(
  deps: ProcessFactsDeps,
  options: { readonly version: string; readonly incarnation: Incarnation; readonly shardCount: number },
): ProcessFacts {
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const before = deps.clock.monotonicMs()
    await work()
    return deps.clock.monotonicMs() - before
  }
  const shardOf = (guild: GuildId): number => shardOfSlot(slotOf(guild), options.shardCount)
  return {
    version: options.version,
    incarnation: options.incarnation,
    shardOf: (guild) => ({ shardId: shardOf(guild), shardCount: options.shardCount }),
    owns: (guild) => deps.runtime.slots.at(slotOf(guild)).isOurs,
    gatewayPingMs(guild) {
      const ping = deps.client.ws.shards.get(shardOf(guild))?.ping ?? -1
      return ping < 0 ? null : ping
    },
    pingDatabaseMs: () => timed(() => deps.guilds.databaseTime()),
    pingRestMs: () => timed(() => deps.client.rest.get(Routes.user('@me'))),
    reconcile: (guild) => deps.reconcile(guild),
  }
}
