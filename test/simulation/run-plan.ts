/**
 * One run: the plan's faults and load, then calm, then quiet, then the last judgement.
 */
import { coerceError } from '../../kernel/errors.ts'
import { judgeEnd } from './final-oracle.ts'
import { healEverything, scheduleFaults } from './inject.ts'
import type { Plan } from './plan.ts'
import { homeSlots } from './plan.ts'
import type { Violation } from './verdict.ts'
import { World } from './world.ts'

export interface RunResult {
  readonly violation: Violation | null
  readonly counts: ReadonlyMap<string, number>
  readonly trace: readonly string[]
  readonly eventsRun: number
  readonly simulatedMs: number
}

/** Longest time from the end of the faults until everything is quiet. */
const quietWithinMs = 40_000
const quietLookMs = 100

export async function runPlan(plan: Plan, options: { readonly isTracing: boolean } = { isTracing: false }): Promise<RunResult> {
  const world = new World(plan, options)
  const { scheduler, verdict } = world
  const onUnhandled = (thrown: unknown): void => {
    verdict.fail('bug', `unhandled rejection: ${coerceError(thrown).stack ?? ''}`)
  }
  process.on('unhandledRejection', onUnhandled)
  let isQuiet = false
  const lookForQuiet = (): void => {
    isQuiet = scheduler.now > plan.horizonMs && whatIsNotQuiet(world) === null
    if (!isQuiet) scheduler.after(quietLookMs, lookForQuiet)
  }
  scheduleFaults(world)
  world.start()
  scheduler.at(plan.horizonMs, () => {
    healEverything(world)
    world.crowd.settleAll()
    lookForQuiet()
  })
  scheduler.at(plan.horizonMs + quietWithinMs, () => {
    verdict.fail('quiescence', `not quiet ${quietWithinMs} ms after the last fault: ${whatIsNotQuiet(world)}`)
  })
  try {
    await scheduler.run(() => isQuiet || verdict.violation !== null)
    if (verdict.violation === null) judgeEnd(world)
    if (verdict.violation === null) world.conservation.judgeEnd()
  } catch (thrown) {
    verdict.fail('bug', `thrown: ${coerceError(thrown).stack ?? ''}`)
  } finally {
    process.off('unhandledRejection', onUnhandled)
  }
  const { violation, counts, trace } = verdict
  return { violation, counts, trace, eventsRun: scheduler.eventsRun, simulatedMs: scheduler.now }
}

/** I12: every slot is served by the one process that hears it, unless somebody without a feed was made to want it. */
function findHomeless({ plan, manager, actors }: World): string | null {
  if (plan.faults.some(({ kind }) => kind === 'handoff')) return null
  for (const slot of plan.slots) {
    const hearers = manager.serving.filter((process) => homeSlots(plan, process).includes(slot))
    const isHome = hearers.length === 1 && hearers.every((process) => actors[process]?.runtime?.slots.at(slot).isOurs === true)
    if (!isHome) return `I12: slot ${slot} is not served by the one process that hears it`
  }
  return null
}

/** What still moves or waits; null when everything is settled, durable and served. */
function whatIsNotQuiet(world: World): string | null {
  if (!world.crowd.isSettled) {
    const open = world.history.operations.filter(({ attempts }) => attempts.some(({ isOpen }) => isOpen))
    return `asks are open or unsettled: ${open.map(({ opId }) => opId).join(' ')}`
  }
  for (const slot of world.plan.slots) if (!world.liveness.isServedByOne(slot)) return `slot ${slot} is not served by one process`
  if (!world.manager.isSettled) return 'the rescale is not over'
  const homeless = findHomeless(world)
  if (homeless !== null) return homeless
  for (const [index, { runtime, machine }] of world.actors.entries()) {
    const isServing = world.manager.serving.includes(index)
    if (!isServing && machine.isUp) return `${machine.name} is up`
    if (!isServing) continue
    if (runtime === null) return `${machine.name} is not up`
    const moving = runtime.slots.inState('taking', 'doubt', 'handing-over')
    if (moving.length > 0) return `${machine.name}: slot ${moving[0]?.slot} is ${moving[0]?.state}`
    if (runtime.catalog.undurableEvents > 0) return `${machine.name} has undurable events`
    for (const activation of runtime.catalog.activations()) {
      if (!activation.isQuiet) return `${machine.name}: guild ${activation.guildId} is not quiet`
    }
  }
  const pending = [...world.database.outbox.values()].filter(({ state }) => state === 'pending')
  if (pending.length > 0) return `${pending.length} outbox rows are pending`
  return null
}
