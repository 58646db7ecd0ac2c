/**
 * Answers of the last seconds, by what was asked: a link that spreads costs one look into the database every few seconds.
 *
 * A verdict may be believed for a minute by whoever got it (Cache-Control), so one that is a few seconds old is as good.
 * Who asks while an answer is being made gets that one. Errors are not kept. Bounded; the oldest goes first.
 */
import type { Clock } from '../kernel/clock.ts'
import type { Answer } from './answer.ts'

/** At a few kilobytes each, tens of megabytes. */
const answersMax = 10_000
/** A page of a chain or a long period is made again instead of kept. */
const bodyLengthMax = 64 * 1024

export interface AnswerMemory {
  /** The answer under `key`, made by `make` if there is none of the last seconds. null is not kept. */
  find(key: string, make: () => Promise<Answer | null>): Answer | Promise<Answer | null>
}

interface Kept {
  readonly answer: Answer
  readonly until: number
}

/** `believedForMs` 0: nothing is kept, and every answer is made afresh. */
export function createAnswerMemory(clock: Pick<Clock, 'monotonicMs'>, believedForMs: number): AnswerMemory {
  const kept = new Map<string, Kept>()
  const making = new Map<string, Promise<Answer | null>>()

  async function makeOnce(key: string, make: () => Promise<Answer | null>): Promise<Answer | null> {
    try {
      const answer = await make()
      if (answer !== null && answer.length <= bodyLengthMax) keep(key, answer)
      return answer
    } finally {
      making.delete(key)
    }
  }

  function keep(key: string, answer: Answer): void {
    kept.delete(key)
    if (kept.size >= answersMax) kept.delete(kept.keys().next().value ?? '')
    kept.set(key, { answer, until: clock.monotonicMs() + believedForMs })
  }

  return {
    find(key, make) {
      if (believedForMs === 0) return make()
      const known = kept.get(key)
      if (known !== undefined && known.until > clock.monotonicMs()) return known.answer
      const begun = making.get(key) ?? makeOnce(key, make)
      making.set(key, begun)
      return begun
    },
  }
}
