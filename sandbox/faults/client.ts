/**
 * The fault face for other processes: the methods of faults.ts that make something go wrong, over HTTP.
 */
import { AppError } from '../../kernel/errors.ts'
import type { Faults } from './faults.ts'

const paths = {
  closeConnections: 'close',
  dropConnections: 'drop',
  requestReconnect: 'reconnect',
  requestHeartbeat: 'heartbeat',
  invalidateSessions: 'invalidate',
  withholdAck: 'withhold-ack',
  withholdResume: 'withhold-resume',
  withholdGuildCreate: 'withhold-guild-create',
  duplicateDispatch: 'duplicate-dispatch',
  delayDispatch: 'delay-dispatch',
  rateLimitNext: 'rate-limit',
  failNext: 'fail',
  delayRequests: 'latency',
} as const satisfies Partial<Record<keyof Faults, string>>

type FaultName = keyof typeof paths

/** Each resolves with how many connections it acted on, or null for a fault that waits for its occasion. */
export type FaultsClient = {
  [Name in FaultName]: (args: Parameters<Faults[Name]>[0]) => Promise<number | null>
} & { clear(): Promise<void> }

export function createFaultsClient(baseUrl: string): FaultsClient {
  const post = async (path: string, args: object): Promise<number | null> => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${baseUrl}/faults/${path}`, { method: 'POST', headers, body: JSON.stringify(args) })
    const text = await response.text()
    if (!response.ok) throw new AppError('discord-refused', `the sandbox refused the fault ${path}: ${text}`)
    return (JSON.parse(text) as { affected: number | null }).affected
  }
  const acts = Object.entries(paths).map(([name, path]) => [name, (args: object) => post(path, args)])
  return {
    ...(Object.fromEntries(acts) as Omit<FaultsClient, 'clear'>),
    async clear() {
      await post('clear', {})
    },
  }
}
