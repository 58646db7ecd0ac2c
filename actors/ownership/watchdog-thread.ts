/**
 * The watchdog's thread: looks at the counter of the event loop, and ends the lease when it stands still.
 *
 * It has a connection to Redis of its own, made at the start: at the moment it is needed there is no time to make one.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Redis } from 'ioredis'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import { limits } from '../../kernel/limits.ts'
import { createRedisKeys } from './redis-keys.ts'
import { createRedisLeaseStore } from './redis-lease-store.ts'
import type { WatchdogTask } from './watchdog.ts'
import { beatIndex, stateIndex, watchdogStates } from './watchdog.ts'

const clock = createSystemClock()
const task = workerData as WatchdogTask
const memory = new Int32Array(task.shared)
const redis = new Redis(task.redisUrl, {
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  commandTimeout: 500,
  connectionName: 'muster-watchdog',
})
// The process' own connections report an outage; this one has nothing to add.
redis.on('error', () => undefined)
const leases = createRedisLeaseStore({ redis, keys: createRedisKeys(task.redisPrefix) })

let seenBeat = Atomics.load(memory, beatIndex)
let seenAtMs = clock.monotonicMs()

function look(): void {
  clock.after(task.lookIntervalMs, look)
  const beat = Atomics.load(memory, beatIndex)
  const nowMs = clock.monotonicMs()
  if (beat !== seenBeat) {
    seenBeat = beat
    seenAtMs = nowMs
    return
  }
  if (nowMs - seenAtMs < task.stallMs || Atomics.load(memory, stateIndex) !== watchdogStates.armed) return
  // The flag first: nobody may take over while the loop could still believe in its lease.
  Atomics.store(memory, stateIndex, watchdogStates.tripped)
  void letGo()
}

look()
parentPort?.postMessage('watching')

async function letGo(): Promise<void> {
  try {
    await leases.releaseLease(task.incarnation)
  } catch (thrown) {
    // Redis did not answer and may still carry it out: cut the line, and wait until no lease from before can live.
    coerceError(thrown)
    redis.disconnect(true)
    await waitFor(clock, limits.leaseTtlMs)
  }
  Atomics.store(memory, stateIndex, watchdogStates.released)
}
