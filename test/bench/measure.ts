/**
 * Runs work in a closed loop for a while and keeps how long each turn took.
 */
import type { Clock } from '../../kernel/clock.ts'

export interface Measured {
  readonly events: number
  readonly seconds: number
  /** Milliseconds of every commit, in no order. */
  readonly latencies: readonly number[]
}

/** Runs every worker in a loop for so long; `work` answers how many events became durable. */
export async function measure<Worker>(
  clock: Clock,
  seconds: number,
  workers: readonly Worker[],
  work: (worker: Worker) => Promise<number>,
): Promise<Measured> {
  const latencies: number[] = []
  let events = 0
  const startedAt = clock.monotonicMs()
  const endsAt = startedAt + seconds * 1_000
  await Promise.all(
    workers.map(async (worker) => {
      for (let now = clock.monotonicMs(); now < endsAt; ) {
        const done = await work(worker)
        const after = clock.monotonicMs()
        latencies.push(after - now)
        events += done
        now = after
      }
    }),
  )
  return { events, seconds: (clock.monotonicMs() - startedAt) / 1_000, latencies }
}
