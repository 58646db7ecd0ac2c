/**
 * Counts the answers by which Discord bans an address: 401, 403 and 429 (shared ones excepted), 10 000 in 10 minutes.
 *
 * The sandbox bans nobody; it tells the number, so that a test can assert that a bot does not work its way towards it.
 * https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
 */
import type { Clock } from '../../kernel/clock.ts'

const windowMs = 600_000
/** The number at which Discord would ban; counting stops there, one remembered time each. */
export const invalidRequestsMax = 10_000

export interface InvalidRequests {
  note(status: number, scope: string | undefined): void
  /** How many within the last ten minutes; stays at the bound once it is reached. */
  count(): number
}

export function createInvalidRequests(deps: { clock: Clock }): InvalidRequests {
  let times: number[] = []
  const forgetOld = (): void => {
    const oldestMs = deps.clock.monotonicMs() - windowMs
    times = times.filter((time) => time > oldestMs)
  }
  return {
    note(status, scope) {
      if (status !== 401 && status !== 403 && status !== 429) return
      if (scope === 'shared') return
      if (times.length >= invalidRequestsMax) forgetOld()
      if (times.length < invalidRequestsMax) times.push(deps.clock.monotonicMs())
    },
    count() {
      forgetOld()
      return times.length
    },
  }
}
