/**
 * `/health/live`, `/health/ready` and `/health`, as every process of the house answers them (kernel/health.ts).
 */
import { Router } from 'express'
import type { Response } from 'express'
import type { Health, HealthAnswer } from '../../kernel/health.ts'
import { healthAnswer, liveAnswer, readyAnswer } from '../../kernel/health.ts'
import { answerOtherMethods } from '../errors.ts'

export function healthRoutes(health: Health): Router {
  const router = Router()
  const send = (response: Response, { status, body }: HealthAnswer): void => void response.status(status).json(body)
  router.get('/health/live', (_request, response) => send(response, liveAnswer))
  router.get('/health/ready', async (_request, response) => send(response, readyAnswer(await health.check())))
  router.get('/health', async (_request, response) => send(response, healthAnswer(await health.check())))
  router.all(['/health', '/health/live', '/health/ready'], answerOtherMethods)
  return router
}
