/**
 * The faults, each as one deed on the house. A deed resolves when the fault is over and what it took is being given back.
 */
import { limits } from '../../kernel/limits.ts'
import { flushRedis } from './flush-redis.ts'
import type { House } from './house.ts'
import { machineMs } from './machine-time.ts'
import { stopFor } from './stop-for.ts'
import { storm } from './storm.ts'
import type { Strike } from './strike.ts'

export const faultNames = ['kill', 'kill-unseen', 'pause', 'redis-kill', 'flushall', 'redis-pause', 'postgres-restart', 'postgres-pause', 'storm'] as const
export type FaultName = (typeof faultNames)[number]

/** Past the end of its lease. */
const pauseBeyondLeaseMs = 5_000
const redisPauseMs = 5_000
/** Past the bound of a statement and the grace after it: the lanes have given up. */
const postgresPauseMs = limits.statementTimeoutMs + 2_500
/** The manager's pause after a life of less than a minute, the first time. */
const respawnDelayMs = 250

export const faults: Readonly<Record<FaultName, (house: House, round: number) => Promise<Strike>>> = {
  kill: (house, round) => kill(house, round % house.ownerCount, { isReported: true }),
  'kill-unseen': (house, round) => kill(house, round % house.ownerCount, { isReported: false }),
  pause: (house, round) => pauseOwner(house, round % house.ownerCount),
  'redis-kill': (house) => away(() => house.servers.killRedis(), () => house.servers.startRedis()),
  flushall: (house) => flush(house),
  'redis-pause': (house) => pauseRedis(house),
  'postgres-restart': (house) => away(() => house.servers.crashPostgres(), () => house.servers.startPostgres()),
  'postgres-pause': (house) => pausePostgres(house),
  storm,
}

/** Reported, the dead one comes back after the manager's pause; not reported, nobody knows before its lease has ended. */
async function kill(house: House, victim: number, { isReported }: { isReported: boolean }): Promise<Strike> {
  const { at } = await house.killOwner(victim)
  if (isReported) house.reportDead(victim)
  await house.wait(isReported ? respawnDelayMs : limits.leaseTtlMs)
  await house.respawnOwner(victim)
  return { at, victim, awayMs: machineMs() - at }
}

async function pauseOwner(house: House, victim: number): Promise<Strike> {
  const at = machineMs()
  await stopFor(house, [house.pidOf(victim)], limits.leaseTtlMs + pauseBeyondLeaseMs)
  return { at, victim, awayMs: machineMs() - at }
}

async function away(end: () => Promise<void>, start: () => Promise<void>): Promise<Strike> {
  const at = machineMs()
  await end()
  await start()
  return { at, victim: null, awayMs: machineMs() - at }
}

async function pauseRedis(house: House): Promise<Strike> {
  const at = machineMs()
  await stopFor(house, [house.servers.redisPid], redisPauseMs)
  return { at, victim: null, awayMs: machineMs() - at }
}

/** Commits whose answer nobody waited for any more take effect when it goes on: after the doubt has begun. */
async function pausePostgres(house: House): Promise<Strike> {
  const pids = await house.servers.postgresPids()
  const at = machineMs()
  await stopFor(house, pids, postgresPauseMs)
  return { at, victim: null, awayMs: machineMs() - at }
}

async function flush(house: House): Promise<Strike> {
  await flushRedis(house.servers.redisUrl)
  return { at: machineMs(), victim: null, awayMs: 0 }
}
