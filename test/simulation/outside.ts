/**
 * What effects act on: a Discord that is slow, fails, and sometimes does what it was asked without saying so.
 *
 * It judges what reaches it: nothing may show an event that is not durable (I3), rows of one target of one process come
 * one after the other, and only a process whose lease covers it may speak (I6).
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { AdvisoryEffect, EffectResult } from '../../actors/protocol/effect.ts'
import type { AdvisoryRunner } from '../../actors/runtime/advisory-board.ts'
import type { EffectAttempt, EffectRunner } from '../../actors/runtime/outbox.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'
import type { JournalOracle } from './journal-oracle.ts'
import type { PathWatch } from './path-watch.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Verdict } from './verdict.ts'

export interface OutsideDeps {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly machine: SimulatedProcess
  readonly database: MemoryDatabase
  readonly journal: JournalOracle
  readonly verdict: Verdict
  readonly paths: PathWatch
  /** Faults are over: nothing fails any more. */
  isCalm(): boolean
}

const failureProbability = 0.15
const lostAnswerProbability = 0.1
const latencyMsMax = 120

export function createOutside(deps: OutsideDeps): EffectRunner & AdvisoryRunner {
  const running = new Set<string>()
  return {
    run: (attempt, signal) => run(deps, running, attempt, signal),
    show: (guildId, effect) => show(deps, guildId, effect),
  }
}

async function run(
  deps: OutsideDeps,
  running: Set<string>,
  attempt: EffectAttempt,
  signal: AbortSignal,
): Promise<EffectResult> {
  const { verdict, machine } = deps
  const target = `${machine.life} ${attempt.guildId} ${attempt.target}`
  verdict.count('effect run')
  deps.paths.onEffectRun(attempt.opId, `${machine.name}:${machine.life}`)
  verdict.tell(() => `${machine.name} runs ${attempt.opId}, attempt ${attempt.attempt}`)
  const [, guildId, seq, ordinal] = attempt.opId.split(':')
  const isDurable = deps.database.outbox.has(`${guildId}\u0001${seq}\u0001${ordinal}`)
  if (!isDurable) verdict.fail('I3', `${machine.name} runs ${attempt.opId}, whose row is not durable`)
  if (running.has(target)) verdict.fail('order', `${machine.name} runs two effects of ${attempt.target} at once`)
  running.add(target)
  try {
    return await travel(deps, attempt, signal)
  } finally {
    running.delete(target)
  }
}

function travel(deps: OutsideDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const { random, scheduler, machine, verdict } = deps
  const fails = !deps.isCalm() && random.chance(failureProbability)
  const isLost = !deps.isCalm() && random.chance(lostAnswerProbability)
  const result: EffectResult = random.chance(0.05)
    ? { kind: 'impossible', reason: 'missing permission' }
    : { kind: 'done', answer: { id: `${attempt.opId}-${attempt.attempt}` } }
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error('aborted'))
    const end = (): void => {
      signal.removeEventListener('abort', onAbort)
      if (signal.aborted) reject(new Error('aborted'))
      else if (fails || isLost) reject(new Error(fails ? 'Discord says 500' : 'Discord did it and did not say so'))
      else resolve(result)
    }
    if (fails || isLost) verdict.count(fails ? 'effect failed' : 'effect done, answer lost')
    signal.addEventListener('abort', onAbort, { once: true })
    machine.post(`discord ${attempt.target}`, scheduler.now + random.between(1, latencyMsMax), end)
  })
}

/** A live board shows how many entries a ledger has. */
function show({ verdict, journal, machine }: OutsideDeps, guildId: GuildId, effect: AdvisoryEffect): Promise<void> {
  verdict.count('advisory effect shown')
  const { count } = effect.payload as { count?: number }
  const durable = journal.account(guildId).values.length
  if (count !== undefined && count > durable) verdict.fail('I3', `${machine.name} shows ${count} entries, ${durable} are durable`)
  return Promise.resolve()
}
