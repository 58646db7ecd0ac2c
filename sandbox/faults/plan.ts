/**
 * Planned faults: rules that apply to the next so many occasions they match, then are gone.
 *
 * Rules are tried in the order they were made; the first that matches is used up by one. Bounded: at `rulesMax` a
 * new rule is refused with an error, since a test that makes so many has lost count.
 */
import { assert } from '../../kernel/assert.ts'

export interface Plan<Rule> {
  /** `times` may be Infinity: until clear(). */
  add(rule: Rule, times: number): void
  /** The first rule for which `matches` holds, used up by one; undefined when none does. */
  take(matches: (rule: Rule) => boolean): Rule | undefined
  clear(): void
}

const rulesMax = 1_000

export function createPlan<Rule>(): Plan<Rule> {
  let planned: { rule: Rule; left: number }[] = []
  return {
    add(rule, times) {
      assert(planned.length < rulesMax, `more than ${rulesMax} faults are planned`)
      if (times > 0) planned.push({ rule, left: times })
    },
    take(matches) {
      const found = planned.find(({ rule }) => matches(rule))
      if (found === undefined) return undefined
      found.left -= 1
      if (found.left <= 0) planned = planned.filter((one) => one !== found)
      return found.rule
    },
    clear() {
      planned = []
    },
  }
}
