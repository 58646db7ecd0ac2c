/**
 * What Prometheus is told of an API process, and the address it asks: `/metrics`, for the machines around and not for the
 * public: what came through a proxy is answered as if there were nothing.
 */
import { Router } from 'express'
import type { NextFunction, Request, Response } from 'express'
import { Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { addCounter, addGauge } from '../kernel/metric-families.ts'

const secondsBuckets = [0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export interface ApiMetrics {
  /** Measures every request that passes. */
  measure(request: Request, response: Response, next: NextFunction): void
  readonly routes: Router
}

export function createApiMetrics(labels: { readonly process: string; readonly version: string }): ApiMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ process: labels.process })
  collectDefaultMetrics({ register: registry })
  addGauge(registry, 'muster_process_info', 'Version of this process; always 1.', ['version'], (gauge) => gauge.set({ version: labels.version }, 1))
  const requests = addCounter(registry, 'muster_http_requests_total', 'Requests by route and class of status.', ['route', 'status'])
  const seconds = new Histogram({
    name: 'muster_http_request_seconds',
    help: 'From a request’s first byte to its answer’s last, by route.',
    labelNames: ['route'],
    buckets: secondsBuckets,
    registers: [registry],
  })
  const routes = Router()
  routes.get('/metrics', async (request, response, next) => {
    if (cameThroughProxy(request)) return next()
    response.type(registry.contentType).set('Cache-Control', 'no-store').send(await registry.metrics())
  })
  return {
    routes,
    measure(request, response, next) {
      const startedAt = performance.now()
      response.once('finish', () => {
        const route = routeOf(request)
        requests.inc({ route, status: `${Math.floor(response.statusCode / 100)}xx` })
        seconds.observe({ route }, (performance.now() - startedAt) / 1000)
      })
      next()
    },
  }
}

const proxyHeaders = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'] as const
const cameThroughProxy = (request: Request): boolean => proxyHeaders.some((name) => request.headers[name] !== undefined)

/** The pattern and never the address: ids would make a series each. */
function routeOf(request: Request): string {
  const { path } = (request.route ?? {}) as { readonly path?: unknown }
  if (typeof path === 'string') return path
  return Array.isArray(path) && typeof path[0] === 'string' ? path[0] : 'unknown'
}
