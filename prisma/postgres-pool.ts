/**
 * The pool for everything but commits: loads, takeovers, look-ups. Commits have a connection per lane of their own
 * (journal-store.ts), so that no read can make a commit wait.
 *
 * Every connection works at READ COMMITTED, whatever the database's default is: a load must see the last commit of the
 * owner before, and a takeover must see the fence it waited for.
 */
import pg from 'pg'
import type { Log } from '../kernel/log.ts'

export interface PostgresPoolOptions {
  readonly connectionString: string
  readonly connectionsMax: number
  /** Server-side bound of one statement. */
  readonly statementTimeoutMs: number
  /** Longest wait for a connection to be made or to become free. */
  readonly connectTimeoutMs: number
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  /** A prepared statement is planned once and not for each list it is given: for one whose planning outweighs its work. */
  readonly plansOnce?: boolean
}

export type PostgresPool = pg.Pool

export function createPostgresPool(deps: { readonly log: Log }, options: PostgresPoolOptions): PostgresPool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.connectionsMax,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    // The server answers a timeout by itself; this one is for a server that does not answer at all.
    query_timeout: options.statementTimeoutMs + options.connectTimeoutMs,
    application_name: options.applicationName,
    keepAlive: true,
    options:
      '-c default_transaction_isolation=read\\ committed -c idle_in_transaction_session_timeout=5000 -c jit=off' +
      (options.plansOnce === true ? ' -c plan_cache_mode=force_generic_plan' : ''),
  })
  // An idle connection that breaks is replaced; whoever needs one next is told by the query.
  pool.on('error', (error) => deps.log.debug('idle postgres connection lost', { error }))
  return pool
}
