/**
 * The fault face: everything that can be made to go wrong, in one object.
 *
 * What waits for its occasion lives in rest-faults.ts and gateway-faults.ts; what acts at once is asked of the
 * gateway. `clear()` forgets all plans; it does not undo what happened.
 */
import type { GatewayFaults } from './gateway-faults.ts'
import type { RestFaults } from './rest-faults.ts'

/** Which connections are meant; a field left out matches all. */
export interface ConnectionSelector {
  shard?: number
  shardCount?: number
  session?: string
}

/** What the gateway does at once; each answers how many connections it did it to. */
export interface GatewayControl {
  /** Closes with this code, as Discord would. The session stays resumable unless the code is 4009. */
  closeConnections(selector: ConnectionSelector & { code: number; reason?: string }): number
  /** Cuts the socket without a close frame. */
  dropConnections(selector: ConnectionSelector): number
  /** Op 7. */
  requestReconnect(selector: ConnectionSelector): number
  /** Op 9; not resumable ends the session too. */
  invalidateSessions(selector: ConnectionSelector & { resumable: boolean }): number
  /** Op 1 from the server: the client must beat at once. */
  requestHeartbeat(selector: ConnectionSelector): number
}

export type Faults = Omit<RestFaults, 'clear'> & Omit<GatewayFaults, 'clear'> & GatewayControl & { clear(): void }

export function createFaults(deps: { rest: RestFaults; gateway: GatewayFaults; control: GatewayControl }): Faults {
  const { rest, gateway, control } = deps
  return {
    ...rest,
    ...gateway,
    ...control,
    clear() {
      rest.clear()
      gateway.clear()
    },
  }
}
