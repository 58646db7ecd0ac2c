/**
 * A rescale drill: whole processes under load while the topology goes up and down, is given up, and loses its manager.
 */
import type { Wish } from '../../cluster/wish.ts'
import { createRandom } from '../simulation/random.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { startFleet } from '../support/fleet-processes.ts'
import { DrillLoad } from './drill-load.ts'
import type { LoadFigures } from './drill-load.ts'
import type { DrillVerdict } from './drill-verdict.ts'
import { judgeDrill } from './drill-verdict.ts'
import { stallsIn } from './stalls.ts'
import type { BreakPoint } from './topology-driver.ts'
import { TopologyDriver } from './topology-driver.ts'

export interface Shape {
  readonly shards: number
  readonly processes: number
}

export interface DrillOptions {
  readonly seed: number
  readonly guildCount: number
  readonly ratePerSecond: number
  /** Identifies at once; Discord gives new bots 1. */
  readonly maxConcurrency: number
  readonly first: Shape
  /** What `npm run build` made, as it is deployed, instead of the source. */
  readonly isBuilt: boolean
  /** One after the other. */
  readonly shapes: readonly Shape[]
  /** Every process replaced by a new one, so often. */
  readonly restarts: number
  /** Given up there, on the way to `breakShape`. */
  readonly aborts: readonly BreakPoint[]
  /** The manager is killed there, and another one started. */
  readonly kills: readonly BreakPoint[]
  readonly breakShape: Shape
  /** No further stage is begun after this long; what happened until then is judged. */
  readonly minutesMax: number
  /** Where each process leaves a profile of its processor time when it ends; null: nowhere. */
  readonly profileFolder: string | null
  /** Told everything the processes said, now and then and at the end. */
  readonly onOutput?: (output: string) => void
}

/** One change of topology, as the people saw it. */
export interface DrillStage {
  readonly name: string
  readonly state: string
  readonly seconds: number
  readonly load: LoadFigures
  /** Per slot that moved: from the old owner's last turn to the new one's first, milliseconds, sorted. */
  readonly stallsMs: readonly number[]
}

export interface DrillReport {
  readonly stages: readonly DrillStage[]
  readonly verdict: DrillVerdict
  readonly violations: number
  /** Requests of the bot that Discord refused, by what was said. */
  readonly refused: readonly string[]
}

const wishOf = ({ shards, processes }: Shape): Wish => ({ kind: 'rescale', shardCount: shards, processCount: processes, isDryRun: false })
const nameOf = ({ shards, processes }: Shape): string => `${shards}/${processes}`

export async function runDrill(options: DrillOptions, onStage: (stage: DrillStage) => void): Promise<DrillReport> {
  const { maxConcurrency, first } = options
  const fleet = await startFleet({
    sandbox: { gatewayLimits: { maxConcurrency } }, shardCount: first.shards, processCount: first.processes, isBuilt: options.isBuilt,
    environment: options.profileFolder === null ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profileFolder}` },
  })
  const driver = new TopologyDriver(fleet)
  const refusals = countRefused(fleet)
  const tellOutput = setInterval(() => options.onOutput?.(fleet.allOutput()), 3_000)
  try {
    const load = new DrillLoad(fleet.sandbox.people, { guildCount: options.guildCount, random: createRandom(options.seed, 'drill') })
    fleet.startManager()
    await fleet.whenReady()
    await load.prepare()
    load.start(options.ratePerSecond)
    const stages = await runStages({ fleet, driver, load }, options, onStage)
    await load.stop()
    load.everybodyLeaves()
    await untilSettled(fleet)
    await fleet.stopProcesses()
    const verdict = await judgeDrill(fleet.rows, load, fleet.sandbox.people.voiceLog())
    return { stages, verdict, violations: fleet.sandbox.requestLog.violations().length, refused: refusals() }
  } finally {
    clearInterval(tellOutput)
    options.onOutput?.(fleet.allOutput())
    await driver.close()
    await fleet.stop()
  }
}

interface Parts {
  readonly fleet: Fleet
  readonly driver: TopologyDriver
  readonly load: DrillLoad
}

async function runStages(parts: Parts, options: DrillOptions, onStage: (stage: DrillStage) => void): Promise<readonly DrillStage[]> {
  const stages: DrillStage[] = []
  const endsAtMs = performance.now() + options.minutesMax * 60_000
  const stage = async (name: string, work: () => Promise<string>): Promise<void> => {
    const { fleet, load } = parts
    if (performance.now() > endsAtMs) return
    load.cut()
    const outputBefore = fleet.output().length
    const manager = fleet.manager()
    const startedAtMs = performance.now()
    const state = await work()
    const seconds = (performance.now() - startedAtMs) / 1000
    const said = manager === fleet.manager() ? manager.output().slice(outputBefore) : manager.output() + fleet.output()
    const done = { name, state, seconds, load: load.cut(), stallsMs: stallsIn(said) }
    stages.push(done)
    onStage(done)
  }
  const { driver, fleet } = parts
  let present = options.first
  for (const shape of options.shapes) {
    await stage(`${nameOf(present)} → ${nameOf(shape)}`, async () => (await driver.change(wishOf(shape))).state)
    present = shape
  }
  for (let restart = 0; restart < options.restarts; restart += 1) {
    await stage(`rolling restart of ${nameOf(present)}`, async () => (await driver.change({ kind: 'restart', isDryRun: false })).state)
  }
  for (const at of options.aborts) {
    await stage(`given up: ${at}`, async () => {
      const { state } = await driver.change(wishOf(options.breakShape), { at, act: (id) => driver.giveUp(id) })
      if (state === 'done') await driver.change(wishOf(present))
      return state
    })
  }
  for (const at of options.kills) {
    await stage(`manager killed: ${at}`, async () => {
      const act = async (): Promise<void> => {
        fleet.manager().kill('SIGKILL')
        await fleet.manager().exited
        fleet.startManager()
      }
      const { state } = await driver.change(wishOf(options.breakShape), { at, act })
      await fleet.whenReady()
      if (state === 'done') await driver.change(wishOf(present))
      return state
    })
  }
  return stages
}

/** Two processes hear every interaction while a topology changes: a second answer is refused with 40060. Counted as they come. */
function countRefused({ sandbox }: Fleet): () => readonly string[] {
  const counts = new Map<string, number>()
  sandbox.requestLog.onEntry((entry) => {
    if (entry.kind !== 'request' || entry.status < 400) return
    const what = `${entry.method} ${entry.route ?? 'unknown'} ${entry.status} ${entry.code ?? ''}`
    counts.set(what, (counts.get(what) ?? 0) + 1)
  })
  return () => [...counts].map(([what, count]) => `${count} × ${what}`)
}

/** Every session that people left is written down. */
export async function untilSettled(fleet: Fleet): Promise<void> {
  await fleet.rows.until(async () => {
    const [row] = await fleet.rows.query<{ open: string }>(`
      SELECT count(*) FILTER (WHERE payload LIKE '%"voice-session-opened"%')
           - count(*) FILTER (WHERE payload LIKE '%"voice-session-closed"%') AS open FROM journal`)
    return Number(row?.open) === 0 ? true : undefined
  })
}
