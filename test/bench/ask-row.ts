/**
 * Row: asking from an API process, until the answer that is durable. This process is the API; the owner is another one.
 *
 * Rounds of the runtime and of the bare loop take turns, so that what else the machine does falls on both alike.
 */
import { createSystemClock } from '../../kernel/clock.ts'
import { guildIn } from '../support/commit-batches.ts'
import { openBareAsker } from './bare-loop.ts'
import { startBenchProcess } from './bench-process.ts'
import { openBenchHouse } from './bench-house.ts'
import type { BenchRow, Line } from './bench-row.ts'
import type { Measured } from './measure.ts'
import { measure } from './measure.ts'
import { openAsker } from './open-asker.ts'
import { allSlots } from './open-owner.ts'
import { latencyOf, median, quantile } from './quantile.ts'
import { requestId } from './request-id.ts'
import { addCommand } from './tally-feature.ts'

const inFlight = 64
const guilds = Array.from({ length: 100 }, (_, n) => guildIn((n * 3) % allSlots.length, n))
const bareCommand = JSON.stringify(addCommand)
/** Reading, committing and the compiler are warm, and the stream is not empty. */
const warmUpSeconds = 6

type Case = 'asked, 64 in flight' | 'bare, 64 in flight' | 'asked, alone' | 'bare, alone'

export const askRow: BenchRow = {
  name: 'ask',
  what: 'ask() from an API process to a durable answer through an owner process, 100 actors',
  async run({ quick }) {
    const house = await openBenchHouse()
    const owner = startBenchProcess('owner-process.ts', house.environment)
    await owner.next('started')
    owner.send({ kind: 'own', slots: allSlots })
    await owner.next('owned')
    const bareLoop = startBenchProcess('bare-loop-process.ts', house.environment)
    await bareLoop.next('started')
    const asker = await openAsker(house.environment)
    const bare = await openBareAsker(house.environment)
    let turn = 0
    const nextGuild = () => guilds[(turn += 1) % guilds.length] ?? guildIn(0)
    const ask = async (): Promise<number> => {
      const question = { guildId: nextGuild(), opId: requestId(), command: addCommand, deadlineInMs: 10_000 }
      const outcome = await asker.client.ask(question)
      if (outcome.status !== 'answered') throw new Error(`refused: ${outcome.reason}`)
      return 1
    }
    const askBare = async (): Promise<number> => {
      await bare.ask(nextGuild(), bareCommand)
      return 1
    }
    const clock = createSystemClock()
    const run = (work: () => Promise<number>, workers: number, seconds: number): Promise<Measured> =>
      measure(clock, seconds, Array.from({ length: workers }), work)
    for (const work of [ask, askBare]) await run(work, inFlight, quick ? 1 : warmUpSeconds)
    const seconds = quick ? 1 : 3
    const rounds = new Map<Case, Measured[]>()
    const add = async (name: Case, work: () => Promise<number>, workers: number): Promise<void> => {
      rounds.set(name, [...(rounds.get(name) ?? []), await run(work, workers, seconds)])
    }
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      await add('asked, 64 in flight', ask, inFlight)
      await add('bare, 64 in flight', askBare, inFlight)
      await add('asked, alone', ask, 1)
      await add('bare, alone', askBare, 1)
    }
    await asker.stop()
    bare.stop()
    await Promise.all([owner.stop(), bareLoop.stop()])
    await house.close()
    return toResult(rounds)
  },
}

function toResult(rounds: ReadonlyMap<Case, readonly Measured[]>) {
  const of = (name: Case): readonly Measured[] => rounds.get(name) ?? []
  const rate = (name: Case): number => median(of(name).map(({ events, seconds }) => events / seconds))
  /** Of each round its own quantile, of these the median: one hiccup of the machine is not every round's p99. */
  const latency = (name: Case, share: number): number => median(of(name).map(({ latencies }) => quantile(latencies, share)))
  const lines = [...rounds].map(([name, measured]): Line => {
    return { name, value: rate(name), unit: 'answers/s', latency: latencyOf(measured.flatMap(({ latencies }) => latencies)) }
  })
  const asked = rate('asked, 64 in flight')
  const bareRate = rate('bare, 64 in flight')
  return {
    lines,
    targets: [
      { name: 'answers/s of the bare loop', figure: asked / bareRate, unit: '×', atLeast: 0.5, baseline: { name: 'bare loop, answers/s', figure: bareRate } },
      { name: 'p99, 64 in flight', figure: latency('asked, 64 in flight', 0.99), unit: 'ms', atMost: 15, baseline: { name: 'bare loop, p99', figure: latency('bare, 64 in flight', 0.99) } },
      { name: 'p50, alone', figure: latency('asked, alone', 0.5), unit: 'ms', atMost: 1.5, baseline: { name: 'bare loop, p50', figure: latency('bare, alone', 0.5) } },
    ],
  }
}
