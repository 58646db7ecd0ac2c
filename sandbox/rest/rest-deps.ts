/**
 * What the REST face needs of the rest of the sandbox.
 */
import type { RESTGetAPIGatewayBotResult } from 'discord-api-types/v10'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { RestFaults } from '../faults/rest-faults.ts'
import type { RequestLog } from '../request-log.ts'
import type { World } from '../world/world.ts'
import type { RestLimits } from './rate-limits.ts'
import type { InteractionsPort, Portal } from './route.ts'

export interface RestDeps {
  readonly world: World
  readonly interactions: InteractionsPort
  readonly faults: Pick<RestFaults, 'beforeRequest'>
  readonly requestLog: Pick<RequestLog, 'add'>
  readonly clock: Clock
  readonly log: Log
  readonly token: string
  readonly gatewayInfo: () => RESTGetAPIGatewayBotResult
  /** Origin under which clients reach the sandbox: `http://127.0.0.1:4000`. */
  readonly baseUrl: () => string
  /** `{}` is Discord's. */
  readonly limits: RestLimits
  /** By default the portal allows what it can allow. */
  readonly portal?: Portal
}
