/**
 * `/health/live`: the process is up. `/health/ready`: it should be sent requests; 503 names what is missing.
 * `/health`: the same with details, always 200 while it can answer.
 *
 * Redis away is `degraded` in the body and not 503, or a load balancer would take out every API process at once.
 */
import { Router } from 'express'
import { answerOtherMethods } from '../errors.ts'

export type PartState = 'up' | 'down' | 'not-configured'

export interface HealthReport {
  readonly database: PartState
  readonly redis: PartState
  readonly draining: boolean
  readonly uptimeSeconds: number
}

export interface Health {
  /** Asks every part, bounded in time; never rejects. */
  check(): Promise<HealthReport>
}

export function healthRoutes(health: Health): Router {
  const router = Router()
  router.get('/health/live', (_request, response) => void response.json({ status: 'live' }))
  router.get('/health/ready', async (_request, response) => {
    const report = await health.check()
    const missing = missingParts(report)
    if (missing.length > 0) return void response.status(503).json({ status: 'unready', missing })
    response.json({ status: statusOf(report) })
  })
  router.get('/health', async (_request, response) => {
    const report = await health.check()
    response.json({
      status: statusOf(report),
      missing: missingParts(report),
      database: report.database,
      redis: report.redis,
      draining: report.draining,
      uptime_seconds: Math.floor(report.uptimeSeconds),
    })
  })
  router.all(['/health', '/health/live', '/health/ready'], answerOtherMethods)
  return router
}

function missingParts(report: HealthReport): readonly string[] {
  return [...(report.database === 'up' ? [] : ['database']), ...(report.draining ? ['draining'] : [])]
}

function statusOf(report: HealthReport): 'ready' | 'degraded' | 'unready' {
  if (missingParts(report).length > 0) return 'unready'
  return report.redis === 'down' ? 'degraded' : 'ready'
}
