/**
 * Asks once, at start, whether the database is there and has our tables, so that a process says what is wrong before it
 * listens. Throws `postgres-unavailable` with the remedy in its message.
 */
import pg from 'pg'
import { AppError, coerceError } from '../kernel/errors.ts'
import { explainPostgres } from './postgres-errors.ts'

export async function checkDatabase(options: { readonly url: string; readonly connectTimeoutMs: number }): Promise<void> {
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: options.connectTimeoutMs })
  // A connection lost while it is not asked is told by the next question.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const answer = await client.query<{ ready: boolean }>("SELECT to_regclass('receipt') IS NOT NULL AS ready")
    if (answer.rows[0]?.ready === true) return
  } catch (thrown) {
    throw explainPostgres(options.url, coerceError(thrown))
  } finally {
    await client.end()
  }
  throw new AppError('postgres-unavailable', 'the database has no tables of Muster yet; run `muster migrate` first')
}
