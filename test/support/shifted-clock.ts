/**
 * A database whose clock a test sets forward: hours pass between two statements of a test.
 *
 * Every process of the house takes its time from `clock_timestamp()` of its database. Here that name finds a function of the
 * test's first, because the search path says so; connections made before do not see it, so it is set up before the
 * processes start, and moved while none runs: a process that lives never lets its time jump.
 */
import pg from 'pg'

export interface ShiftedClock {
  /** Sets the clock forward by so much more. */
  forward(ms: number): Promise<void>
  /** Unix ms by that clock. */
  now(): number
}

export async function shiftClockOf(databaseUrl: string): Promise<ShiftedClock> {
  let shiftMs = 0
  const run = async (...statements: readonly string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } finally {
      await client.end()
    }
  }
  const name = new URL(databaseUrl).pathname.slice(1)
  await run(
    'CREATE TABLE public.clock_shift AS SELECT interval \'0\' AS ahead',
    `CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
       'SELECT pg_catalog.clock_timestamp() + ahead FROM public.clock_shift'`,
    `ALTER DATABASE ${name} SET search_path = public, pg_catalog`,
  )
  return {
    async forward(ms) {
      shiftMs += ms
      await run(`UPDATE public.clock_shift SET ahead = interval '${shiftMs} milliseconds'`)
    },
    now: () => Date.now() + shiftMs,
  }
}
