/**
 * Where the gateway is. The library asks once in the life of a process and keeps the answer.
 */
import { ok, route } from '../route.ts'
import type { Route } from '../route.ts'

export const gatewayRoutes: readonly Route[] = [
  route('GET /gateway', { bucket: null, handle: (call) => ok({ url: call.gatewayInfo().url }) }),
  route('GET /gateway/bot', { bucket: null, handle: (call) => ok(call.gatewayInfo()) }),
]
