/**
 * Makes a failing plan smaller while it still fails in the same way: fewer faults, fewer actions, a shorter run.
 *
 * Each list is cut in halves, quarters and so on down to single items (delta debugging, Zeller 2002), until nothing can be
 * taken out any more or the attempts are used up. What fails with another invariant is another failure and not kept.
 */
import type { Plan } from './plan.ts'
import { runPlan } from './run-plan.ts'
import type { Violation } from './verdict.ts'

export interface Shrunk {
  readonly plan: Plan
  readonly violation: Violation
  readonly attempts: number
}

const attemptsMax = 600
/** Time after the last action or fault in which a shortened run may still go wrong by itself. */
const tailMs = 50

export async function shrink(plan: Plan, violation: Violation): Promise<Shrunk> {
  let best: Shrunk = { plan, violation, attempts: 0 }
  let attempts = 0
  const tryPlan = async (candidate: Plan): Promise<boolean> => {
    attempts += 1
    const { violation: found } = await runPlan(candidate)
    if (found?.invariant !== violation.invariant) return false
    best = { plan: candidate, violation: found, attempts }
    return true
  }
  for (let before = -1; before !== sizeOf(best.plan) && attempts < attemptsMax; ) {
    before = sizeOf(best.plan)
    await shorten(best.plan, tryPlan)
    await shrinkList(() => best.plan.faults, (faults) => tryPlan({ ...best.plan, faults }), () => attempts < attemptsMax)
    if (best.plan.rescale !== null) await shrinkRescale(best.plan, tryPlan)
    await shrinkList(() => best.plan.actions, (actions) => tryPlan({ ...best.plan, actions }), () => attempts < attemptsMax)
  }
  return { ...best, attempts }
}

const sizeOf = ({ faults, actions, rescale }: Plan): number =>
  faults.length + actions.length + (rescale === null || rescale.atMs === Infinity ? 0 : 1 + rescale.deaths.length + (rescale.abort === null ? 0 : 1))

/** Without it, without its manager's deaths, without its abort. */
async function shrinkRescale(plan: Plan, tryPlan: (candidate: Plan) => Promise<boolean>): Promise<void> {
  const { rescale } = plan
  if (rescale === null || (await tryPlan({ ...plan, rescale: { ...rescale, atMs: Infinity } }))) return
  if (rescale.deaths.length > 0 && (await tryPlan({ ...plan, rescale: { ...rescale, deaths: [] } }))) return
  if (rescale.abort !== null) await tryPlan({ ...plan, rescale: { ...rescale, abort: null } })
}

/** Ends the run right after the last thing that happens in it. */
async function shorten(plan: Plan, tryPlan: (candidate: Plan) => Promise<boolean>): Promise<void> {
  const last = Math.max(0, ...[...plan.faults, ...plan.actions].map(({ atMs }) => atMs))
  if (last + tailMs < plan.horizonMs) await tryPlan({ ...plan, horizonMs: last + tailMs })
}

async function shrinkList<Item>(
  current: () => readonly Item[],
  tryItems: (items: readonly Item[]) => Promise<boolean>,
  mayGoOn: () => boolean,
): Promise<void> {
  for (let size = Math.ceil(current().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < current().length && mayGoOn(); ) {
      const items = current()
      const without = [...items.slice(0, from), ...items.slice(from + size)]
      if (!(await tryItems(without))) from += size
    }
  }
}
