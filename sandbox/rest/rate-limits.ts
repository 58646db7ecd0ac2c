/**
 * Counts requests and refuses those over a limit, with the headers by which a well-behaved client never gets there.
 *
 * Two counts: one a token, 50 a second over all connections (the client library keeps the same number per process,
 * so several processes can break it together), and one a bucket and major parameter. Windows are fixed: they start at
 * the first request and end all at once, which is what X-RateLimit-Reset-After tells. Time is an argument of the clock
 * given; a refused request does not use anything up.
 * https://docs.discord.com/developers/topics/rate-limits#header-format
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import { bucketRules, globalRequestsPerSecond } from './bucket-rules.ts'
import type { BucketName, BucketRule } from './bucket-rules.ts'
import { Refusal } from './refusals.ts'

/** What a test or a fast demonstration may loosen; what is not named stays Discord's. */
export interface RestLimits {
  readonly globalPerSecond?: number
  readonly buckets?: Readonly<Partial<Record<BucketName, { requests: number; windowMs: number }>>>
  /** Multiplies the requests of every bucket that is not named above. */
  readonly bucketFactor?: number
}

export interface RateLimits {
  /** Uses one request of the token's global count; throws the 429 when there is none. */
  takeGlobal(token: string): void
  /** Uses one request of a bucket; answers its headers, throws the 429 when there is none. */
  takeBucket(name: BucketName, major: string): Record<string, string>
}

interface Window {
  endsAtMs: number
  used: number
}

/** Buckets remembered. At the bound those whose window is over go first, then the oldest: a limit becomes looser. */
const windowsMax = 20_000

export function createRateLimits(deps: { clock: Clock }, limits: RestLimits): RateLimits {
  const { clock } = deps
  const windows = new Map<string, Window>()
  const globalMax = limits.globalPerSecond ?? globalRequestsPerSecond

  const open = (key: string, windowMs: number): Window => {
    const nowMs = clock.monotonicMs()
    const current = windows.get(key)
    if (current && current.endsAtMs > nowMs) return current
    windows.delete(key)
    const fresh = { endsAtMs: nowMs + windowMs, used: 0 }
    windows.set(key, fresh)
    if (windows.size > windowsMax) forgetWindows(windows, nowMs)
    return fresh
  }

  return {
    takeGlobal(token) {
      const window = open(`global ${token}`, 1_000)
      if (window.used >= globalMax) {
        const waitMs = window.endsAtMs - clock.monotonicMs()
        throw refuseLimited({ waitMs, scope: 'global', headers: {} })
      }
      window.used += 1
    },
    takeBucket(name, major) {
      const rule = loosened(name, limits)
      const window = open(`${name} ${major}`, rule.windowMs)
      const isRefused = window.used >= rule.requests
      if (!isRefused) window.used += 1
      const waitMs = window.endsAtMs - clock.monotonicMs()
      const headers = bucketHeaders(name, { rule, window, waitMs, wallMs: clock.wallMs() })
      if (isRefused) throw refuseLimited({ waitMs, scope: rule.scope, headers })
      return headers
    },
  }
}

function loosened(name: BucketName, limits: RestLimits): BucketRule {
  const rule = bucketRules[name]
  const named = limits.buckets?.[name]
  if (named) return { ...rule, ...named }
  return { ...rule, requests: Math.ceil(rule.requests * (limits.bucketFactor ?? 1)) }
}

function bucketHeaders(
  name: BucketName,
  at: { rule: BucketRule; window: Window; waitMs: number; wallMs: number },
): Record<string, string> {
  return {
    'x-ratelimit-limit': String(at.rule.requests),
    'x-ratelimit-remaining': String(Math.max(0, at.rule.requests - at.window.used)),
    'x-ratelimit-reset': ((at.wallMs + at.waitMs) / 1_000).toFixed(3),
    'x-ratelimit-reset-after': (Math.max(0, at.waitMs) / 1_000).toFixed(3),
    // Opaque to clients, the same for all major parameters of a bucket.
    'x-ratelimit-bucket': createHash('sha256').update(name).digest('hex').slice(0, 32),
  }
}

/** The 429 itself. The Retry-After header decides for discord.js; the body alone is ignored by it. */
export function refuseLimited(at: {
  waitMs: number
  scope: 'user' | 'shared' | 'global'
  headers: Readonly<Record<string, string>>
}): Refusal {
  const seconds = Math.max(0.001, at.waitMs / 1_000)
  const isGlobal = at.scope === 'global'
  const body = {
    message: isGlobal ? 'You are being blocked from accessing our API temporarily.' : 'You are being rate limited.',
    code: 0,
    retry_after: Number(seconds.toFixed(3)),
    global: isGlobal,
  }
  return new Refusal(429, body, {
    ...at.headers,
    'retry-after': String(Math.ceil(seconds)),
    'x-ratelimit-scope': at.scope,
    ...(isGlobal ? { 'x-ratelimit-global': 'true' } : {}),
  })
}

function forgetWindows(windows: Map<string, Window>, nowMs: number): void {
  for (const [key, window] of windows) if (window.endsAtMs <= nowMs) windows.delete(key)
  for (const key of windows.keys()) {
    if (windows.size <= windowsMax) return
    windows.delete(key)
  }
}
