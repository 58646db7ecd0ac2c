/**
 * What becomes of one request on its way to a server and of the answer on its way back.
 *
 * Most requests have the plain fate: a little time each way. The others are drawn from the weather of the seed, or were
 * armed by a fault of the plan that waits for just this operation of just this process.
 */
import type { Random } from './random.ts'
import type { ServerName } from './server.ts'

export interface Fate {
  readonly requestMs: number
  readonly answerMs: number
  /**
   * none: it arrives and is answered. lose-request: it never arrives. lose-answer: it takes effect and nobody is told.
   * run-later: the connection is lost at once, and the statement runs all the same, `laterMs` after it was sent.
   */
  readonly loss: 'none' | 'lose-request' | 'lose-answer' | 'run-later'
  readonly laterMs: number
  /** What strikes the sender: as it sends, when the request arrives (no effect yet), or after the effect (no answer yet). */
  readonly strike: { readonly when: 'at-once' | 'sent' | 'taken-effect'; readonly run: () => void } | null
}

/** How one seed's network is, all the time. */
export interface Weather {
  readonly latencyMs: Readonly<Record<ServerName, readonly [min: number, max: number]>>
  /** Now and then a request takes this long: vacuum, a slow disk, a full socket. */
  readonly slow: { readonly probability: number; readonly upToMs: number }
  readonly lossProbability: number
}

export function drawWeather(random: Random): Weather {
  const far = random.chance(0.3)
  return {
    latencyMs: {
      postgres: far ? [1, random.between(5, 60)] : [0.2, random.between(0.5, 5)],
      redis: far ? [0.5, random.between(2, 20)] : [0.05, random.between(0.1, 1)],
    },
    slow: { probability: random.chance(0.5) ? random.between(0, 0.03) : 0, upToMs: random.between(20, 600) },
    lossProbability: random.chance(0.35) ? random.between(0, 0.03) : 0,
  }
}

/** The fate of a request that no fault was armed for. */
export function drawFate(random: Random, weather: Weather, server: ServerName): Fate {
  const [min, max] = weather.latencyMs[server]
  const isSlow = random.chance(weather.slow.probability)
  const requestMs = random.between(min, max) + (isSlow ? random.between(0, weather.slow.upToMs) : 0)
  const answerMs = random.between(min, max)
  const loss = random.chance(weather.lossProbability)
    ? random.pick(['lose-request', 'lose-answer', 'run-later'] as const)
    : 'none'
  return { requestMs, answerMs, loss, laterMs: loss === 'run-later' ? random.between(0, random.pick([4, 1_500])) : 0, strike: null }
}
