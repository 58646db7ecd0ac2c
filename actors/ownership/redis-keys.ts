/**
 * Every key and channel in Redis, from one function: with a prefix several clusters, or tests, share a server.
 */
import type { Incarnation, Slot } from '../../kernel/ids.ts'

export interface RedisKeys {
  /** The lease of one process, gone by itself when it is not renewed. */
  lease(incarnation: Incarnation): string
  /** Deadlines of all leases, by Redis' clock. */
  readonly leases: string
  /** Since when leases were renewed without a gap. */
  readonly leaseMemory: string
  /** Slot → fence, generation, incarnation of its owner. */
  readonly directory: string
  /** The stream of commands for one slot. */
  inbox(slot: Slot): string
  /** What a process tells about itself. */
  status(incarnation: Incarnation): string
  /** The channel that tells that something was added to a slot's inbox. */
  inboxBell(slot: Slot): string
  readonly managerStatus: string
  lock(resource: string): string
  /** The copy of a guild's unlocked key, under the key-encryption key. */
  unlockedKey(guildId: string): string
  channel(name: string): string
}

export function createRedisKeys(prefix: string): RedisKeys {
  return {
    lease: (incarnation) => `${prefix}live:${incarnation}`,
    leases: `${prefix}live`,
    leaseMemory: `${prefix}live-memory`,
    directory: `${prefix}own`,
    inbox: (slot) => `${prefix}inbox:${slot}`,
    inboxBell: (slot) => `${prefix}bell:${slot}`,
    unlockedKey: (guildId) => `${prefix}unlocked:${guildId}`,
    status: (incarnation) => `${prefix}status:${incarnation}`,
    managerStatus: `${prefix}status:manager`,
    lock: (resource) => `${prefix}lock:${resource}`,
    channel: (name) => `${prefix}channel:${name}`,
  }
}
