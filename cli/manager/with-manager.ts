/**
 * What a command needs to ask the manager: the database of the house, a terminal to write to, and ctrl-c.
 */
import { randomUUID } from 'node:crypto'
import { createSystemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { checkDatabase } from '../../prisma/check-database.ts'
import { createPostgresManagerRequestStore } from '../../prisma/manager-request-store.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import { parseHouseConfig } from '../config.ts'
import { withHouseDatabase } from '../up/house-database.ts'
import type { AskManagerDeps } from './ask-manager.ts'

const connectTimeoutMs = 5_000

/** Resolves with the exit status of `work`. */
export async function withManager(options: { readonly json?: boolean }, work: (deps: AskManagerDeps) => Promise<number>): Promise<number> {
  const clock = createSystemClock()
  const progress = (sentence: string): void => void process.stderr.write(`${sentence}\n`)
  return await withHouseDatabase({ clock, progress }, parseHouseConfig(process.env), async (url) => {
    await checkDatabase({ url, connectTimeoutMs })
    const pool = createPostgresPool(
      { log: silentLog },
      { connectionString: url, connectionsMax: 1, statementTimeoutMs: 10_000, connectTimeoutMs, applicationName: 'muster-cli' },
    )
    try {
      return await work({
        clock,
        requests: createPostgresManagerRequestStore(pool),
        newId: randomUUID,
        output: { json: options.json === true, isTerminal: process.stdout.isTTY, write: (text) => void process.stdout.write(text) },
        onInterrupt(listener) {
          process.on('SIGINT', listener)
          return () => void process.off('SIGINT', listener)
        },
      })
    } finally {
      await pool.end()
    }
  })
}
