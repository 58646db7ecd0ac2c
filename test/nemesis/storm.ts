/**
 * Several faults in a few seconds, over each other: kills while a handoff runs, a Redis that forgets while an owner is
 * stopped, a Postgres that crashes under a takeover. What each fault alone leaves right must stay right together.
 *
 * Owners are killed and stopped one by one or all at once; what a fault took is given back some time later, while the
 * next one is already on its way. The order is drawn anew for each round and told on standard error.
 */
import { randomInt } from 'node:crypto'
import { flushRedis } from './flush-redis.ts'
import type { House } from './house.ts'
import { machineMs } from './machine-time.ts'
import { stopFor } from './stop-for.ts'
import type { Strike } from './strike.ts'

const deedCount = 8
const betweenMsMax = 900
/** From a blink to past the end of a lease. */
const stopMsMax = 4_500
const serverStopMsMax = 1_500

type Deed = (storm: Storm) => Promise<void>

/** Who is struck already: nobody is killed twice before he lives again. */
interface Storm {
  readonly house: House
  readonly struckOwners: Set<number>
  isRedisStruck: boolean
  isPostgresStruck: boolean
}

const deeds: Readonly<Record<string, Deed>> = {
  kill: (storm) => onOwner(storm, (index) => killOwner(storm, index, { isReported: true })),
  'kill unseen': (storm) => onOwner(storm, (index) => killOwner(storm, index, { isReported: false })),
  'stop an owner': (storm) => onOwner(storm, (index) => stopFor(storm.house, [storm.house.pidOf(index)], randomInt(50, stopMsMax))),
  flushall: (storm) => onRedis(storm, () => flushRedis(storm.house.servers.redisUrl)),
  'stop redis': (storm) => onRedis(storm, () => stopFor(storm.house, [storm.house.servers.redisPid], randomInt(50, serverStopMsMax))),
  'kill redis': (storm) => onRedis(storm, () => restart(storm, storm.house.servers.killRedis(), () => storm.house.servers.startRedis())),
  'crash postgres': async (storm) => {
    if (storm.isPostgresStruck) return
    storm.isPostgresStruck = true
    await restart(storm, storm.house.servers.crashPostgres(), () => storm.house.servers.startPostgres())
    storm.isPostgresStruck = false
  },
}

export async function storm(house: House): Promise<Strike> {
  const at = machineMs()
  const state: Storm = { house, struckOwners: new Set(), isRedisStruck: false, isPostgresStruck: false }
  const running: Promise<void>[] = []
  const told: string[] = []
  for (let count = 0; count < deedCount && !house.isEnding; count += 1) {
    const names = Object.keys(deeds)
    const name = names[randomInt(names.length)] ?? 'kill'
    told.push(`${Math.round(machineMs() - at)} ${name}`)
    const doing = deeds[name]?.(state) ?? Promise.resolve()
    doing.catch(() => undefined) // Told below, when all of them are waited for.
    running.push(doing)
    // The run was ended: what is under way ends first.
    await house.wait(randomInt(betweenMsMax)).catch(() => undefined)
  }
  process.stderr.write(`nemesis: storm: ${told.join(', ')}\n`)
  await Promise.allSettled(running)
  await Promise.all(running)
  return { at, victim: null, awayMs: machineMs() - at }
}

async function onOwner(storm: Storm, strike: (index: number) => Promise<void>): Promise<void> {
  const index = randomInt(storm.house.ownerCount)
  if (storm.struckOwners.has(index)) return
  storm.struckOwners.add(index)
  await strike(index)
  storm.struckOwners.delete(index)
}

async function onRedis(storm: Storm, strike: () => Promise<void>): Promise<void> {
  if (storm.isRedisStruck) return
  storm.isRedisStruck = true
  await strike()
  storm.isRedisStruck = false
}

async function killOwner({ house }: Storm, index: number, { isReported }: { isReported: boolean }): Promise<void> {
  await house.killOwner(index)
  if (isReported) house.reportDead(index)
  else await house.wait(randomInt(stopMsMax))
  await house.respawnOwner(index)
}

async function restart({ house }: Storm, ending: Promise<void>, start: () => Promise<void>): Promise<void> {
  await ending
  await house.wait(randomInt(serverStopMsMax))
  await start()
}
