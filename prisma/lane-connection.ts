/**
 * The connection of one commit lane: made when needed, given up at the first doubt.
 *
 * Promises that `query` settles: the server bounds the statement, and when the server itself is silent the socket is
 * cut after a grace, which makes pg reject. A connection that failed in any way is never used again; the next query
 * makes a new one. One query at a time is the caller's duty.
 */
import pg from 'pg'
import type { Clock } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

export interface LaneConnectionOptions {
  readonly connectionString: string
  /** Server-side bound of one statement. The client waits `answerGraceMs` longer, then cuts the socket. */
  readonly statementTimeoutMs: number
  readonly answerGraceMs: number
  readonly connectTimeoutMs: number
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
}

export interface LaneConnection {
  /** Runs a prepared statement; rows come back as arrays of columns. */
  query(name: string, text: string, values: readonly Buffer[]): Promise<readonly unknown[][]>
  /** Cuts the socket without a goodbye: after an unknown outcome nothing more is said on this connection. */
  cut(): void
  close(): Promise<void>
}

/**
 * The planner guesses ten rows for every array, so no estimate would find the plan that is right for any size: each
 * row by index, each head by hash probe, nothing planned anew per commit.
 */
function sessionSettings(options: LaneConnectionOptions): string {
  return [
    `SET statement_timeout = ${options.statementTimeoutMs}`,
    `SET idle_in_transaction_session_timeout = ${options.statementTimeoutMs}`,
    "SET default_transaction_isolation = 'read committed'",
    'SET plan_cache_mode = force_generic_plan',
    'SET enable_seqscan = off',
    'SET enable_hashjoin = off',
    'SET enable_mergejoin = off',
    'SET jit = off',
  ].join('; ')
}

export function createLaneConnection(
  deps: { readonly clock: Clock; readonly log: Log },
  options: LaneConnectionOptions,
): LaneConnection {
  let client: pg.Client | null = null

  /** An answer that does not come: the socket is cut, which makes pg reject the query. */
  async function withDeadline<Result>(on: pg.Client, waitMs: number, answer: Promise<Result>): Promise<Result> {
    const timer = deps.clock.after(waitMs, () => destroy(on))
    try {
      return await answer
    } finally {
      timer.cancel()
    }
  }

  async function connect(): Promise<pg.Client> {
    const connecting = new pg.Client({
      connectionString: options.connectionString,
      connectionTimeoutMillis: options.connectTimeoutMs,
      application_name: options.applicationName,
      keepAlive: true,
    })
    connecting.on('error', (error) => {
      if (client === connecting) client = null
      deps.log.debug('commit connection lost', { error })
    })
    try {
      await connecting.connect()
      await withDeadline(connecting, options.connectTimeoutMs, connecting.query(sessionSettings(options)))
    } catch (thrown) {
      destroy(connecting)
      throw coerceError(thrown)
    }
    client = connecting
    return connecting
  }

  return {
    async query(name, text, values) {
      const on = client ?? (await connect())
      const answer = on.query<unknown[]>({ name, text, values: [...values], rowMode: 'array' })
      const { rows } = await withDeadline(on, options.statementTimeoutMs + options.answerGraceMs, answer)
      return rows
    },

    cut() {
      if (client !== null) destroy(client)
      client = null
    },

    async close() {
      const closing = client
      client = null
      await closing?.end()
    },
  }
}

function destroy(client: pg.Client): void {
  client.connection.stream.destroy()
}
