/**
 * The rows of the fault table, each as a deed on the house under load. A deed resolves when the fault is over and what it
 * took is being given back; it tells when it struck, whom, and for how long the part was away.
 */
import { limits } from '../../kernel/limits.ts'
import { stopProcesses } from '../nemesis/child.ts'
import { flushRedis } from '../nemesis/flush-redis.ts'
import { machineMs } from '../nemesis/machine-time.ts'
import type { Strike } from '../nemesis/strike.ts'
import { fillDisk } from './disk.ts'
import { setClocks } from './faketime.ts'
import type { WholeHouse } from './house.ts'
import { processCount } from './house.ts'

export const rowNames = [
  'kill-shard', 'kill-api', 'kill-manager', 'kills', 'pause', 'redis-restart', 'redis-flush', 'redis-gone', 'postgres-gone',
  'discord', 'clock', 'disk-full',
] as const
export type RowName = (typeof rowNames)[number]

export interface RowTimes {
  readonly seconds: number
  readonly awaySeconds: number
}

const callback = '/interactions/{interaction_id}/{interaction_token}/callback'
/** Past the end of its lease. */
const pauseBeyondLeaseMs = 3_000
const clockStepSeconds = 300

export const rows: Readonly<Record<RowName, (house: WholeHouse, times: RowTimes) => Promise<readonly Strike[]>>> = {
  'kill-shard': async (house) => [await killShard(house, 0)],
  'kill-api': async (house) => [await killApi(house, 0)],
  'kill-manager': async (house) => [await killManager(house)],
  kills,
  pause: async (house) => [await pauseShard(house, 1)],
  'redis-restart': async (house) => [await away(house, { end: () => house.servers.killRedis(), ms: 0, start: () => house.servers.startRedis() })],
  'redis-flush': async (house) => {
    await flushRedis(house.servers.redisUrl)
    return [{ at: machineMs(), victim: null, awayMs: 0 }]
  },
  'redis-gone': async (house, { awaySeconds }) => [
    await away(house, { end: () => house.servers.killRedis(), ms: awaySeconds * 1_000, start: () => house.servers.startRedis() }),
  ],
  'postgres-gone': async (house, { awaySeconds }) => [
    await away(house, { end: () => house.servers.crashPostgres(), ms: awaySeconds * 1_000, start: () => house.servers.startPostgres() }),
  ],
  discord: discordsOrdinaryDay,
  clock: stepClocks,
  'disk-full': async (house, { awaySeconds }) => {
    const at = machineMs()
    await fillDisk(house, awaySeconds * 1_000)
    return [{ at, victim: null, awayMs: machineMs() - at }]
  },
}

async function killShard(house: WholeHouse, clusterId: number): Promise<Strike> {
  const pid = house.fleet.shardPids().get(clusterId)
  if (pid === undefined) throw new Error(`shard process ${clusterId} is not known`)
  const at = machineMs()
  process.kill(pid, 'SIGKILL')
  await house.fleet.whenExited(pid)
  await house.fleet.whenReady()
  return { at, victim: clusterId, awayMs: 0 }
}

async function killApi(house: WholeHouse, index: number): Promise<Strike> {
  const at = machineMs()
  await house.killApi(index)
  return { at, victim: null, awayMs: 0 }
}

/** Its shard processes serve on; the next manager's take over beside them. */
async function killManager(house: WholeHouse): Promise<Strike> {
  const at = machineMs()
  await house.killManager()
  await house.fleet.whenReady()
  return { at, victim: null, awayMs: 0 }
}

/** Everybody in turn, the next one when the last is back, for as long as the row lasts, and each once at least. */
async function kills(house: WholeHouse, { seconds }: RowTimes): Promise<readonly Strike[]> {
  const strikes: Strike[] = []
  const victims: readonly ((round: number) => Promise<Strike>)[] = [
    () => killShard(house, 0), (round) => killApi(house, round % 2), () => killShard(house, 1), () => killManager(house),
  ]
  const endsAt = machineMs() + seconds * 1_000
  for (let turn = 0; turn < victims.length || machineMs() < endsAt; turn += 1) {
    const victim = victims[turn % victims.length] as (typeof victims)[number]
    strikes.push(await victim(Math.floor(turn / victims.length)))
    house.newRound()
    await house.wait(1_000)
  }
  return strikes
}

async function pauseShard(house: WholeHouse, clusterId: number): Promise<Strike> {
  const pid = house.fleet.shardPids().get(clusterId)
  if (pid === undefined) throw new Error(`shard process ${clusterId} is not known`)
  const at = machineMs()
  const stopped = stopProcesses([pid])
  try {
    await house.wait(limits.leaseTtlMs + pauseBeyondLeaseMs)
  } finally {
    await stopped.resume()
  }
  return { at, victim: clusterId % processCount, awayMs: 0 }
}

async function away(house: WholeHouse, server: { end(): Promise<void>; ms: number; start(): Promise<void> }): Promise<Strike> {
  const at = machineMs()
  await server.end()
  await house.wait(server.ms)
  await server.start()
  return { at, victim: null, awayMs: machineMs() - at }
}

/** Sockets drop, a RESUME is refused, everything comes twice, answers are refused for a moment. */
async function discordsOrdinaryDay(house: WholeHouse, { seconds }: RowTimes): Promise<readonly Strike[]> {
  const { faults } = house.fleet.sandbox
  const at = machineMs()
  const step = (): Promise<void> => house.wait((seconds / 4) * 1_000)
  faults.duplicateDispatch({ t: 'VOICE_STATE_UPDATE', times: 2_000, copies: 2 })
  faults.duplicateDispatch({ t: 'INTERACTION_CREATE', times: 50, copies: 2 })
  faults.dropConnections({})
  await step()
  faults.failNext({ route: callback, status: 502, times: 20 })
  faults.failNext({ route: callback, status: 500, afterEffect: true, times: 10 })
  faults.rateLimitNext({ route: callback, times: 10, retryAfterMs: 300 })
  await step()
  faults.invalidateSessions({ resumable: false })
  await step()
  faults.closeConnections({ code: 4000 })
  await step()
  faults.clear()
  return [{ at, victim: null, awayMs: 0 }]
}

/** Of every process of the house, forth, far back, and right again. Postgres and Redis stand on another machine. */
async function stepClocks(house: WholeHouse, { seconds }: RowTimes): Promise<readonly Strike[]> {
  const strikes: Strike[] = []
  for (const offset of [clockStepSeconds, -clockStepSeconds, 0]) {
    await setClocks(house, offset)
    strikes.push({ at: machineMs(), victim: null, awayMs: 0 })
    await house.wait((seconds / 3) * 1_000)
  }
  return strikes
}
