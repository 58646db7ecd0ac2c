/**
 * Leases and directory in Redis: who lives, and who is believed to own which slot. Advice only; fences decide.
 *
 * Assumes one primary. It may lose everything at any moment: then nobody lives and nobody owns until the next
 * renewals write it again, and `rememberedForMs` says for how long absence has meant anything.
 */
import type { Redis } from 'ioredis'
import { AppError } from '../../kernel/errors.ts'
import type { Fence, Generation, Incarnation, Slot } from '../../kernel/ids.ts'
import type { DirectoryEntry, LeaseStore } from '../runtime/ports.ts'
import { askRedis } from './redis-failure.ts'
import type { RedisKeys } from './redis-keys.ts'
import { readScript, runScript } from './redis-scripts.ts'

export function createRedisLeaseStore(deps: { readonly redis: Redis; readonly keys: RedisKeys }): LeaseStore {
  const { redis, keys } = deps
  const scripts = {
    renewLease: readScript(new URL('./scripts/renew-lease-3.lua', import.meta.url)),
    releaseLease: readScript(new URL('./scripts/release-lease-2.lua', import.meta.url)),
    readLiveness: readScript(new URL('./scripts/read-liveness-2.lua', import.meta.url)),
    writeDirectory: readScript(new URL('./scripts/write-directory-1.lua', import.meta.url)),
  }
  return {
    async renewLease({ incarnation, ttlMs, renewal }) {
      const names = [keys.lease(incarnation), keys.leases, keys.leaseMemory]
      const begunBy = await askRedis('renew a lease', { incarnation }, () =>
        runScript(redis, scripts.renewLease, names, [incarnation, ttlMs, renewal]),
      )
      return { begunBy: Number(begunBy) }
    },

    async releaseLease(incarnation) {
      await askRedis('release a lease', { incarnation }, () =>
        runScript(redis, scripts.releaseLease, [keys.lease(incarnation), keys.leases], [incarnation]),
      )
    },

    async liveness() {
      const answer = (await askRedis('read liveness', {}, () =>
        runScript(redis, scripts.readLiveness, [keys.leases, keys.leaseMemory], []),
      )) as [number, ...Incarnation[]]
      const [rememberedForMs, ...live] = answer
      return { live: live.sort(), rememberedForMs }
    },

    async writeDirectory(entries) {
      if (entries.length === 0) return
      const values = entries.flatMap(({ slot, fence, generation, incarnation }) => [
        slot,
        fence,
        `${fence} ${generation} ${incarnation}`,
      ])
      await askRedis('write the directory', { entries: entries.length }, () =>
        runScript(redis, scripts.writeDirectory, [keys.directory], values),
      )
    },

    async readDirectory() {
      const stored = await askRedis('read the directory', {}, () => redis.hgetall(keys.directory))
      return Object.entries(stored)
        .map(([slot, value]) => parseEntry(Number(slot) as Slot, value))
        .sort((a, b) => a.slot - b.slot)
    },
  }
}

function parseEntry(slot: Slot, value: string): DirectoryEntry {
  const [, fence, generation, incarnation] = /^(\d+) (\d+) (\S+)$/.exec(value) ?? []
  if (incarnation === undefined) {
    throw new AppError('protocol-violation', 'a directory entry is not ours', { context: { slot } })
  }
  return {
    slot,
    fence: Number(fence) as Fence,
    generation: Number(generation) as Generation,
    incarnation: incarnation as Incarnation,
  }
}
