/**
 * The API as an Express application: built from its dependencies, listening nowhere.
 *
 * Stateless and without accounts: any number of these stand behind a load balancer. What it answers is public, so any
 * web page may read it (CORS) and none may frame it. Malformed requests are 4xx, a record that does not verify is 200
 * with `valid: false`, and no answer carries a stack trace.
 */
import express from 'express'
import type { Express } from 'express'
import type { Health } from '../kernel/health.ts'
import type { Log } from '../kernel/log.ts'
import type { ReadAttendanceFacts } from '../actors/protocol/attendance-facts.ts'
import type { TrustedClusterKeys } from '../actors/records/cluster-key.ts'
import type { RecordReader } from '../actors/records/record-reader.ts'
import type { AddressLimit } from './address-limit.ts'
import type { AnswerMemory } from './answer-memory.ts'
import type { Assets } from './assets.ts'
import { answerErrors, answerUnknownRoutes } from './errors.ts'
import { setHeaders } from './headers.ts'
import type { ApiMetrics } from './metrics.ts'
import { limitRequests } from './limit-requests.ts'
import type { HasPublicBoards } from './public-boards.ts'
import type { FindRegisteredKeys } from './registered-keys.ts'
import { chainRoutes } from './routes/chain.ts'
import { descriptionRoutes } from './routes/description.ts'
import { healthRoutes } from './routes/health.ts'
import { keyRoutes } from './routes/keys.ts'
import { pageRoutes } from './routes/pages.ts'
import { receiptRoutes } from './routes/receipts.ts'
import { verifyFileRoutes } from './routes/verify-file.ts'
import { verifyPeriodRoutes } from './routes/verify-period.ts'
import { verifyRecordRoutes } from './routes/verify-record.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import type { AskActor } from './routes/webhooks.ts'

export interface AppDeps {
  readonly log: Log
  readonly records: RecordReader
  readonly trusted: TrustedClusterKeys
  readonly health: Health
  readonly metrics: ApiMetrics
  readonly memory: AnswerMemory
  readonly limit: AddressLimit
  readonly registeredKeys: FindRegisteredKeys
  readonly assets: Assets
  readonly hasPublicBoards: HasPublicBoards
  /** null: without Redis no actor is reached. */
  readonly ask: AskActor | null
  readonly readFacts: ReadAttendanceFacts
  /** Unix milliseconds. */
  now(): number
}

export interface AppOptions {
  readonly trustedProxies: readonly string[]
  /** How others reach this process, without a slash at the end; null: links are paths. */
  readonly publicUrl: string | null
}

/** A page of a chain is up to a thousand signatures. */
const chainPagePoints = 10

export function createApp(deps: AppDeps, options: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  // A hash of the body: the whole answer of a verify route is its verdict.
  app.set('etag', 'strong')
  app.set('query parser', 'simple')
  app.set('case sensitive routing', true)
  app.set('trust proxy', options.trustedProxies.length === 0 ? false : [...options.trustedProxies])
  app.use(setHeaders)
  app.use((request, response, next) => deps.metrics.measure(request, response, next))
  app.use(deps.metrics.routes)
  // Health is asked by load balancers, all from one address.
  app.use(healthRoutes(deps.health))
  app.use(limitRequests(deps.limit))
  app.use(verifyRecordRoutes(deps, options))
  app.use(verifyFileRoutes(deps, options))
  app.use(verifyPeriodRoutes(deps))
  app.use('/verify/chain', limitRequests(deps.limit, chainPagePoints))
  app.use(chainRoutes(deps))
  app.use(receiptRoutes(deps))
  app.use(keyRoutes(deps))
  app.use(pageRoutes({ ...deps, publicUrl: options.publicUrl }))
  app.use(webhookRoutes(deps))
  app.use(descriptionRoutes(deps.assets, options))
  app.use(answerUnknownRoutes)
  app.use(answerErrors(deps.log))
  return app
}
