/**
 * What a test starts, it ends: pools, timers, servers. One that is registered here and still alive fails the test.
 *
 * Things made inside a test are looked at after that test; things made in a `before` hook after the whole run, so
 * that their `after` hook has had its chance. A failure names the thing and the test that made it.
 */
import type { RootHookObject } from 'mocha'
import pg from 'pg'

interface Tracked {
  readonly what: string
  readonly isAlive: () => boolean
  readonly test: string | undefined
}

const tracked = new Set<Tracked>()
let testRunning: string | undefined

/** Fails the test if `isAlive()` still holds when the test is over. */
export function mustEnd(what: string, isAlive: () => boolean): void {
  tracked.add({ what, isAlive, test: testRunning })
}

/** A pool that must have been ended. */
export function createTestPool(url: string, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 4, ...options })
  // Databases are dropped under idle connections; a query on a broken one fails by itself.
  pool.on('error', () => undefined)
  mustEnd('pg pool', () => !pool.ended)
  return pool
}

export const leakHooks: RootHookObject = {
  beforeEach(this: Mocha.Context) {
    testRunning = this.currentTest?.fullTitle()
  },
  afterEach() {
    const made = [...tracked].filter((entry) => entry.test !== undefined)
    testRunning = undefined
    failOnLeaks(made)
  },
  afterAll() {
    failOnLeaks([...tracked])
  },
}

function failOnLeaks(entries: readonly Tracked[]): void {
  const alive = entries.filter((entry) => entry.isAlive())
  for (const entry of entries) tracked.delete(entry)
  if (alive.length === 0) return
  throw new Error(`still alive: ${alive.map(({ what, test }) => `${what} (made in ${test ?? 'a before hook'})`).join(', ')}`)
}
