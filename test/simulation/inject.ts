/**
 * Carries out the faults of a plan at their times, and heals everything when they are over.
 */
import { unreachable } from '../../kernel/assert.ts'
import type { GuildId } from '../../kernel/ids.ts'
import type { Fault, ProcessIndex } from './plan.ts'
import type { Server } from './server.ts'
import type { World } from './world.ts'

export function scheduleFaults(world: World): void {
  for (const fault of world.plan.faults) {
    world.scheduler.at(fault.atMs, () => {
      if (world.isCalm) return
      if (fault.kind !== 'aimed') world.verdict.count(`fault: ${fault.kind}`)
      world.verdict.tell(() => `FAULT ${JSON.stringify(fault)}`)
      if (fault.kind !== 'aimed' && fault.kind !== 'spoil-snapshot') world.conservation.excuse(fault.kind)
      strike(world, fault)
    })
  }
}

/** From here on nothing goes wrong any more: whoever is down boots, whoever is stopped goes on. */
export function healEverything(world: World): void {
  world.isCalm = true
  world.board.calm()
  world.manager.calm()
  world.postgres.comeUp()
  world.redis.comeUp()
  const count = world.actors.length + world.apis.length
  for (let index = 0; index < count; index += 1) {
    const { machine } = world.process(index)
    world.postgres.reconnect(machine)
    world.redis.reconnect(machine)
    if (machine.isPaused) machine.resume()
    else if (!machine.isUp) world.bootLater(index, 10)
  }
  world.liveness.disturb()
}

function strike(world: World, fault: Fault): void {
  const { scheduler, liveness } = world
  switch (fault.kind) {
    case 'crash':
      world.crash(fault.process, fault)
      return
    case 'pause':
      world.pause(fault.process, fault.forMs)
      return
    case 'stop':
      stop(world, fault.process)
      return
    case 'outage':
      outage(world, fault)
      return
    case 'cut-off': {
      const server = serverOf(world, fault.server)
      const { machine } = world.process(fault.process)
      liveness.disturb(scheduler.now + fault.forMs)
      server.cutOff(machine)
      scheduler.after(fault.forMs, () => server.reconnect(machine))
      return
    }
    case 'flush':
      liveness.disturb()
      world.memoryRedis.flushAll()
      return
    case 'early-expiry': {
      const actor = world.actors[fault.process]
      if (actor === undefined || !actor.machine.isUp) return
      liveness.disturb()
      actor.isExcused = true
      world.memoryRedis.expireLease(actor.incarnation)
      return
    }
    case 'clock-step':
      liveness.disturb()
      if (typeof fault.machine === 'number') world.process(fault.machine).machine.stepWallClock(fault.byMs)
      else serverOf(world, fault.machine).stepWallClock(fault.byMs)
      return
    case 'handoff':
      liveness.disturb()
      handOff(world, fault)
      return
    case 'spoil-snapshot':
      spoilSnapshot(world, fault.guildId)
      return
    case 'aimed':
      world.board.arm(fault)
      return
    default:
      unreachable(fault)
  }
}

const serverOf = (world: World, name: Server['name']): Server => (name === 'postgres' ? world.postgres : world.redis)

function stop(world: World, index: ProcessIndex): void {
  world.liveness.disturb(world.scheduler.now + 1_000)
  world.actors[index]?.stop()
}

function outage(world: World, fault: Extract<Fault, { kind: 'outage' }>): void {
  const { scheduler, liveness } = world
  const server = serverOf(world, fault.server)
  liveness.disturb(scheduler.now + fault.forMs)
  server.goDown()
  if (fault.isEmptied) world.memoryRedis.flushAll()
  scheduler.after(fault.forMs, () => {
    server.comeUp()
    liveness.disturb()
  })
}

function spoilSnapshot({ database }: World, guildId: GuildId): void {
  const snapshots = database.snapshots.get(guildId) ?? []
  const newest = snapshots.at(-1)
  if (newest !== undefined) snapshots.splice(-1, 1, { ...newest, state: newest.state.replace('"at":', '"at":1') })
}

function handOff(world: World, fault: Extract<Fault, { kind: 'handoff' }>): void {
  const actor = world.actors[fault.process]
  world.conservation.excuse('handoff to somebody without a feed')
  actor?.machine.post('manager', 0, () => void actor.runtime?.keeper.own([fault.slot]))
}
