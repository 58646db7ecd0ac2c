/**
 * How much one address may ask: points a minute, counted in Redis over all API processes, in memory while Redis is away.
 *
 * A process takes points in blocks and spends them by itself, so that most requests ask nobody; an address that is out of
 * points is refused from memory until its minute is over. The count is therefore generous by less than a block a process.
 * An IPv6 address counts by its /64, because one household has that many.
 */
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Clock } from '../kernel/clock.ts'

const windowSeconds = 60
/** A block is this part of what a minute allows: twenty questions to Redis for all of it. */
const blocksPerWindow = 20
/** Addresses one process remembers; the oldest is asked for in Redis again. */
const addressesMax = 50_000

export interface AddressLimit {
  /** null: go on. Otherwise the seconds after which it may be tried again. */
  spend(address: string, points: number): number | null | Promise<number | null>
}

export const unlimited: AddressLimit = { spend: () => null }

interface Account {
  /** Points taken and not spent yet. */
  points: number
  /** Nothing is given before; then, or when the window ends, all is forgotten. Monotonic milliseconds. */
  refusedUntil: number
  endsAt: number
  /** Set while a block is asked for: who comes meanwhile waits for it instead of asking for one more. */
  taking: Promise<void> | null
}

export interface AddressLimitDeps {
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** null: counted in this process alone. */
  readonly redis: Redis | null
}

export function createAddressLimit(deps: AddressLimitDeps, options: { readonly pointsPerMinute: number; readonly keyPrefix: string }): AddressLimit {
  const { clock } = deps
  const { pointsPerMinute } = options
  const limiter = createLimiter(deps.redis, options)
  const block = Math.max(1, Math.floor(pointsPerMinute / blocksPerWindow))
  const accounts = new Map<string, Account>()

  function accountOf(key: string): Account {
    const now = clock.monotonicMs()
    const known = accounts.get(key)
    if (known !== undefined && known.endsAt > now) return known
    accounts.delete(key)
    if (accounts.size >= addressesMax) accounts.delete(accounts.keys().next().value ?? '')
    const account = { points: 0, refusedUntil: 0, endsAt: now + windowSeconds * 1_000, taking: null }
    accounts.set(key, account)
    return account
  }

  async function takeBlock(key: string, account: Account, points: number): Promise<void> {
    const wanted = Math.min(Math.max(block, points), pointsPerMinute)
    try {
      const { msBeforeNext } = await limiter.consume(key, wanted)
      account.points += wanted
      account.endsAt = clock.monotonicMs() + Math.max(msBeforeNext, 1)
    } catch (thrown) {
      // The library rejects with a result when the points are used up, and with an error when it cannot count at all.
      if (!(thrown instanceof RateLimiterRes)) throw thrown
      account.refusedUntil = clock.monotonicMs() + thrown.msBeforeNext
      account.endsAt = account.refusedUntil
    } finally {
      account.taking = null
    }
  }

  async function spendLater(key: string, account: Account, points: number): Promise<number | null> {
    while (account.points < points) {
      if (account.refusedUntil > clock.monotonicMs()) return secondsUntil(account)
      await (account.taking ??= takeBlock(key, account, points))
    }
    account.points -= points
    return null
  }

  const secondsUntil = (account: Account): number => Math.max(1, Math.ceil((account.refusedUntil - clock.monotonicMs()) / 1_000))

  return {
    spend(address, points) {
      const key = keyOfAddress(address)
      const account = accountOf(key)
      if (account.refusedUntil > clock.monotonicMs()) return secondsUntil(account)
      if (account.points < points) return spendLater(key, account, Math.min(points, pointsPerMinute))
      account.points -= points
      return null
    },
  }
}

function createLimiter(redis: Redis | null, options: { readonly pointsPerMinute: number; readonly keyPrefix: string }): RateLimiterAbstract {
  const counting = { points: options.pointsPerMinute, duration: windowSeconds, keyPrefix: `${options.keyPrefix}address` }
  const memory = new RateLimiterMemory(counting)
  if (redis === null) return memory
  return new RateLimiterRedis({ ...counting, storeClient: redis, insuranceLimiter: memory, rejectIfRedisNotReady: true })
}

/** IPv4 whole, also inside IPv6; of IPv6 the first 64 bits. */
export function keyOfAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}
