/**
 * Carries out what an operator wishes: another shape, every process replaced, one process replaced.
 *
 * Whatever changes the topology goes through here, one at a time. Nothing is spawned before Discord's budget of logins
 * allows the whole of it.
 */
import type { Clock } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { StoredTopology, TopologyStore } from '../prisma/topology-store.ts'
import type { Fleet } from './fleet.ts'
import type { RunningGeneration } from './generation.ts'
import type { IdentifyBudget, IdentifyGate } from './identify-gate.ts'
import { explainBudget } from './identify-gate.ts'
import { followingTopology } from './next-topology.ts'
import { capital, replaceProcesses } from './replacement.ts'
import type { RescaleDeps } from './rescale.ts'
import { rescale, retire } from './rescale.ts'
import { everySlot, planRescale } from './rescale-plan.ts'
import type { ChildFacts } from './shard-child.ts'
import type { ProgressStep, RescalePlan, RescaleProgress, Shape, Wish } from './wish.ts'
import { emptyProgress } from './wish.ts'

/** Beyond the estimate, before a Prepare is given up: busy machines spawn slowly. */
const preparePatienceMs = 120_000

export interface WishOutcome {
  readonly state: 'done' | 'refused' | 'aborted' | 'failed'
  readonly sentence: string
}

export interface ConductorDeps {
  readonly clock: Clock
  readonly log: Log
  readonly gate: IdentifyGate
  readonly topologies: TopologyStore
  readonly fleet: Fleet
  /** What the environment of this manager asks for. */
  readonly configured: string
  onStep(step: ProgressStep): void
}

export class Conductor {
  readonly #deps: ConductorDeps
  #step: ProgressStep = 'plan'
  #plan: RescalePlan | null = null
  #target: RunningGeneration | null = null
  #old: readonly RunningGeneration[] = []

  constructor(deps: ConductorDeps) {
    this.#deps = deps
  }

  /** How far the present wish has come. */
  progress(): RescaleProgress {
    const facts = this.#target?.facts() ?? []
    const hears = facts.filter(({ state }) => state === 'heard' || state === 'serving')
    const left = this.#old.flatMap((one) => one.facts()).filter(({ state }) => state !== 'ended')
    return {
      step: this.#step,
      plan: this.#plan,
      heard: hears.length,
      processes: this.#plan?.to.processCount ?? 0,
      slots: facts.reduce((sum, { owned }) => sum + owned, 0),
      old: left.length,
    }
  }

  /** Never rejects. The signal's reason says why it is to be given up. */
  async carryOut(wish: Wish, signal: AbortSignal): Promise<WishOutcome> {
    this.#reset()
    try {
      switch (wish.kind) {
        case 'rescale':
          return await this.#rescale(wish, signal)
        case 'restart':
          return await this.#replace({ purpose: 'restart', isDryRun: wish.isDryRun, clusterIds: null }, signal)
        case 'drain':
          return await this.#drain(wish, signal)
      }
    } catch (thrown) {
      const error = coerceError(thrown)
      this.#deps.log.error('a wish failed', { wish: wish.kind, error })
      return { state: 'failed', sentence: error.message }
    } finally {
      this.#target = null
      this.#old = []
      this.#onStep('end')
    }
  }

  async #rescale(wish: Extract<Wish, { kind: 'rescale' }>, signal: AbortSignal): Promise<WishOutcome> {
    const from = this.#deps.fleet.shape()
    if (from === null) return refused('No topology serves yet. Wait until the processes are ready.')
    const shardCount = wish.shardCount ?? from.shardCount
    const processCount = wish.processCount ?? from.processCount
    if (processCount > shardCount) {
      return refused(`${processCount} processes cannot share ${shardCount} shards. Choose --shards of at least ${processCount}, or fewer --clusters.`)
    }
    if (shardCount === from.shardCount && processCount === from.processCount) {
      return { state: 'done', sentence: `Nothing to do: ${describeShape(from)} serve already.` }
    }
    const row = followingTopology(await this.#deps.topologies.listTopologies(1), { shardCount, processCount, purpose: 'rescale', configured: this.#deps.configured })
    const verdict = await this.#ask({ from, to: row }, { shards: shardCount, slots: everySlot, steps: 1, isDryRun: wish.isDryRun })
    return verdict ?? (await this.#change(row, signal))
  }

  async #change(row: StoredTopology, signal: AbortSignal): Promise<WishOutcome> {
    const { fleet, topologies } = this.#deps
    if (!(await topologies.insertTopology(row))) return refused('Another manager changes the topology at this moment. Look with `muster status`, then try again.')
    this.#target = fleet.add(row)
    this.#old = fleet.serving
    const outcome = await rescale(this.#rescaleDeps(), {
      target: this.#target,
      row,
      old: this.#old,
      signal,
      preparePatienceMs: preparePatienceMs + (this.#plan?.prepareSeconds ?? 0) * 3_000,
    })
    if (outcome.kind === 'aborted') {
      fleet.remove(this.#target)
      return { state: 'aborted', sentence: `${capital(outcome.sentence)}. ${describeServing(fleet.shape())}` }
    }
    fleet.setServing([this.#target])
    await retire(this.#rescaleDeps(), this.#old)
    for (const one of this.#old) fleet.remove(one)
    return { state: 'done', sentence: describeServing(fleet.shape()) }
  }

  async #drain(wish: Extract<Wish, { kind: 'drain' }>, signal: AbortSignal): Promise<WishOutcome> {
    const serving = this.#deps.fleet.serving.flatMap((one) => one.facts()).filter(({ state }) => state !== 'ended')
    const found = serving.filter((facts) => namesOf(facts).includes(wish.node))
    const [only] = found
    if (only === undefined || found.length > 1) {
      const names = serving.map(({ clusterId }) => `shard-${clusterId}`).join(', ')
      return refused(`No shard process is called ${wish.node}. There are ${names}; \`muster status\` shows them.`)
    }
    return await this.#replace({ purpose: 'drain', isDryRun: wish.isDryRun, clusterIds: [only.clusterId] }, signal)
  }

  async #replace(
    wish: { readonly purpose: 'restart' | 'drain'; readonly isDryRun: boolean; readonly clusterIds: readonly number[] | null },
    signal: AbortSignal,
  ): Promise<WishOutcome> {
    const { fleet, topologies } = this.#deps
    const from = fleet.shape()
    if (from === null) return refused('No topology serves yet. Wait until the processes are ready.')
    const { shardCount, processCount } = from
    const row = followingTopology(await topologies.listTopologies(1), { shardCount, processCount, purpose: wish.purpose, configured: this.#deps.configured })
    const plan = fleet.serving.at(-1)?.plan ?? []
    const clusterIds = wish.clusterIds ?? plan.map((_, id) => id)
    const shards = clusterIds.reduce((sum, id) => sum + (plan[id]?.length ?? 0), 0)
    const slots = Math.ceil((everySlot * shards) / shardCount)
    const verdict = await this.#ask({ from, to: row }, { shards, slots, steps: clusterIds.length, isDryRun: wish.isDryRun })
    if (verdict !== null) return verdict
    if (!(await topologies.insertTopology(row))) return refused('Another manager changes the topology at this moment. Look with `muster status`, then try again.')
    this.#target = fleet.add(row)
    this.#old = fleet.serving
    return await replaceProcesses(this.#rescaleDeps(), { fleet, target: this.#target, row, clusterIds, signal, preparePatienceMs })
  }

  /** Null: go on. Else a refusal, or the plan of a dry run. */
  async #ask(
    shapes: { readonly from: Shape; readonly to: StoredTopology },
    wave: { readonly shards: number; readonly slots: number; readonly steps: number; readonly isDryRun: boolean },
  ): Promise<WishOutcome | null> {
    let budget: IdentifyBudget & { readonly isOpen: boolean }
    try {
      budget = await this.#deps.gate.ask({ shards: wave.shards, keepsReserve: false })
    } catch (thrown) {
      return refused(`The budget of logins could not be read, so nothing was begun. ${coerceError(thrown).message}`)
    }
    const { generation, shardCount, processCount } = shapes.to
    this.#plan = planRescale({ from: shapes.from, to: { generation, shardCount, processCount } }, { ...wave, budget })
    if (!budget.isOpen) return refused(explainBudget(budget, wave.shards))
    return wave.isDryRun ? { state: 'done', sentence: 'This is only the plan: nothing was begun.' } : null
  }

  #rescaleDeps(): RescaleDeps {
    const { clock, log, topologies } = this.#deps
    return { clock, log, topologies, onStep: (step) => this.#onStep(step) }
  }

  #onStep(step: ProgressStep): void {
    this.#step = step
    this.#deps.onStep(step)
  }

  #reset(): void {
    const { step, plan } = emptyProgress
    this.#step = step
    this.#plan = plan
  }
}

const refused = (sentence: string): WishOutcome => ({ state: 'refused', sentence })
const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : what.endsWith('s') ? 'es' : 's'}`

function describeShape({ shardCount, processCount }: Shape): string {
  return `${many(shardCount, 'shard')} in ${many(processCount, 'process')}`
}

export function describeServing(shape: Shape | null): string {
  return shape === null ? 'Nothing serves.' : `Generation ${shape.generation} serves: ${describeShape(shape)}.`
}

/** How an operator may call a process. */
function namesOf({ clusterId, pid, incarnation }: ChildFacts): readonly string[] {
  return [String(clusterId), `shard-${clusterId}`, ...(pid === null ? [] : [`pid ${pid}`, String(pid)]), ...(incarnation === null ? [] : [incarnation])]
}
