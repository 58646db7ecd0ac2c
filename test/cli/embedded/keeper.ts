/**
 * A process of its own that keeps an embedded Postgres and says its port: for the test that kills it.
 */
import { startEmbeddedPostgres } from '../../../cli/embedded/embedded-postgres.ts'
import { createSystemClock } from '../../../kernel/clock.ts'

const deps = { clock: createSystemClock(), progress: () => undefined }
const server = await startEmbeddedPostgres(deps, { folder: process.argv[2] ?? '', portPreferred: 0 })
process.stdout.write(`${server.port}\n`)
// Nothing else keeps the process alive: it waits here to be killed.
process.stdin.resume()
setInterval(() => undefined, 60_000)
