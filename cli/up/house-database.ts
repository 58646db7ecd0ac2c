/**
 * The database of the house, for commands beside `up`: the configured one, or the embedded one, visited while it runs
 * and started for the moment when it does not.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { HouseConfig } from '../config.ts'
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import { postgresPort } from './house.ts'

/** Runs `work` with the URL; an embedded server that was started for it is ended again. */
export async function withHouseDatabase<Result>(
  deps: { readonly clock: Clock; progress(sentence: string): void },
  config: HouseConfig,
  work: (databaseUrl: string) => Promise<Result>,
): Promise<Result> {
  if (config.databaseUrl !== undefined) return await work(config.databaseUrl)
  const server = await startEmbeddedPostgres(deps, { folder: config.folder, portPreferred: postgresPort })
  try {
    return await work(server.url)
  } finally {
    await server.stop()
  }
}
