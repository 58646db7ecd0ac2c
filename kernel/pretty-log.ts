/**
 * Log lines for eyes: only on a terminal, and loaded only there.
 */
import { createRequire } from 'node:module'
import type { DestinationStream } from 'pino'
import type PinoPretty from 'pino-pretty'

/** Writes at once: the last line of a process that ends is seen too. */
export function prettyDestination(): DestinationStream {
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof PinoPretty
  return pretty({ sync: true, translateTime: 'HH:MM:ss.l', ignore: 'pid,process', messageFormat: '{process} · {msg}' })
}
