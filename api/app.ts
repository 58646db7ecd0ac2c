/**
 * The API as an Express application: built from its dependencies, listening nowhere.
 *
 * Stateless and without accounts: any number of these stand behind a load balancer. What it answers is public, so any
 * web page may read it (CORS) and none may frame it. Malformed requests are 4xx, a record that does not verify is 200
 * with `valid: false`, and no answer carries a stack trace.
 */
import express from 'express'
import type { Express } from 'express'
import type { Log } from '../kernel/log.ts'
import type { TrustedClusterKeys } from '../actors/records/cluster-key.ts'
import type { RecordReader } from '../actors/records/record-reader.ts'
import { answerErrors, answerUnknownRoutes } from './errors.ts'
import { setHeaders } from './headers.ts'
import { chainRoutes } from './routes/chain.ts'
import { healthRoutes } from './routes/health.ts'
import type { Health } from './routes/health.ts'
import { keyRoutes } from './routes/keys.ts'
import { receiptRoutes } from './routes/receipts.ts'
import { verifySessionRoutes } from './routes/verify-session.ts'

export interface AppDeps {
  readonly log: Log
  readonly records: RecordReader
  readonly trusted: TrustedClusterKeys
  readonly health: Health
}

export interface AppOptions {
  readonly trustedProxies: readonly string[]
  /** How others reach this process, without a slash at the end; null: links are paths. */
  readonly publicUrl: string | null
}

export function createApp(deps: AppDeps, options: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  // A hash of the body: the whole answer of a verify route is its verdict.
  app.set('etag', 'strong')
  app.set('query parser', 'simple')
  app.set('case sensitive routing', true)
  app.set('trust proxy', options.trustedProxies.length === 0 ? false : [...options.trustedProxies])
  app.use(setHeaders)
  app.use(healthRoutes(deps.health))
  app.use(verifySessionRoutes(deps, options))
  app.use(receiptRoutes(deps))
  app.use(keyRoutes(deps))
  app.use(chainRoutes(deps))
  app.use(answerUnknownRoutes)
  app.use(answerErrors(deps.log))
  return app
}
