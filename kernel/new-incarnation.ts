/**
 * Names this life of this process: `host:pid:nonce`, never used again.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Incarnation } from './ids.ts'
import { incarnation } from './ids.ts'

export function newIncarnation(): Incarnation {
  return incarnation(`${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`)
}
