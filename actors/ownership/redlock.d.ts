/**
 * The part of redlock 5.0.0-beta.2 that this house uses; its package exports name no types.
 */
declare module 'redlock' {
  import type { EventEmitter } from 'node:events'
  import type { Redis } from 'ioredis'

  export interface Settings {
    readonly driftFactor: number
    readonly retryCount: number
    readonly retryDelay: number
    readonly retryJitter: number
    readonly automaticExtensionThreshold: number
  }

  export interface Lock {
    readonly resources: string[]
    readonly value: string
    expiration: number
    release(): Promise<unknown>
    extend(durationMs: number): Promise<Lock>
  }

  export default class Redlock extends EventEmitter {
    constructor(clients: Iterable<Redis>, settings?: Partial<Settings>)
    acquire(resources: string[], durationMs: number, settings?: Partial<Settings>): Promise<Lock>
    quit(): Promise<void>
  }
}
