/**
 * Row: an owner is killed; how long until its guilds answer again, durably, to an API client.
 *
 * Two owner processes, half of the slots each. This process is the API and stands for the manager: it sees the exit and
 * tells the survivor, as the manager's IPC does, or keeps silent. The killed one is started again and takes its slots
 * back by planned handoff before the next kill.
 */
import { shardOfSlot } from '../../actors/ownership/slots.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { guildIn } from '../support/commit-batches.ts'
import type { BenchProcess } from './bench-process.ts'
import { startBenchProcess } from './bench-process.ts'
import { openBenchHouse } from './bench-house.ts'
import type { BenchRow } from './bench-row.ts'
import type { Asker } from './open-asker.ts'
import { openAsker } from './open-asker.ts'
import { allSlots } from './open-owner.ts'
import type { OwnerNews } from './owner-process.ts'
import { latencyOf, quantile } from './quantile.ts'
import { requestId } from './request-id.ts'
import { addCommand } from './tally-feature.ts'

type Started = Extract<OwnerNews, { kind: 'started' }>

interface RunningOwner {
  readonly process: BenchProcess
  readonly incarnation: string
}

const ownersCount = 2
/** Spread over both lanes and the slots of the victim. */
const guildsAskedCount = 16

async function startOwner(environment: Readonly<Record<string, string>>, index: number): Promise<RunningOwner> {
  const process = startBenchProcess('owner-process.ts', environment)
  const { incarnation } = await process.next<Started>('started')
  process.send({ kind: 'own', slots: allSlots.filter((slot) => shardOfSlot(slot, ownersCount) === index) })
  await process.next('owned')
  return { process, incarnation }
}

/** Milliseconds until each guild answered. */
async function timeAnswers(asker: Asker, guilds: readonly GuildId[]): Promise<number[]> {
  const startedAt = performance.now()
  return await Promise.all(
    guilds.map(async (guildId) => {
      const question = { guildId, opId: requestId(), command: addCommand, deadlineInMs: 20_000 }
      const outcome = await asker.client.ask(question)
      if (outcome.status !== 'answered') throw new Error(`refused: ${outcome.reason}`)
      return performance.now() - startedAt
    }),
  )
}

interface Seen {
  readonly first: number[]
  readonly all: number[]
}

export const crashRow: BenchRow = {
  name: 'crash',
  what: 'an owner process is killed: exit to durable answers through the API client, two owners',
  async run({ quick }) {
    const house = await openBenchHouse()
    const owners = await Promise.all([0, 1].map((index) => startOwner(house.environment, index)))
    const asker = await openAsker(house.environment)
    const killOne = async (turn: number, isSeen: boolean): Promise<{ first: number; all: number }> => {
      const victim = turn % ownersCount
      const [killed, survivor] = [owners[victim], owners[1 - victim]]
      if (killed === undefined || survivor === undefined) throw new Error('two owners run')
      const guilds = Array.from({ length: guildsAskedCount }, (_, n) => guildIn(victim + n * 22, n))
      await timeAnswers(asker, guilds)
      killed.process.kill('SIGKILL')
      await killed.process.exited
      if (isSeen) survivor.process.send({ kind: 'process-dead', incarnation: killed.incarnation })
      const times = await timeAnswers(asker, guilds)
      owners[victim] = await startOwner(house.environment, victim)
      // One crash at a time: until its lease ends, the dead one still counts among those who might take slots.
      await new Promise((resolve) => setTimeout(resolve, limits.leaseTtlMs))
      return { first: Math.min(...times), all: Math.max(...times) }
    }
    const seen: Seen = { first: [], all: [] }
    const unseen: Seen = { first: [], all: [] }
    for (let turn = -2; turn < (quick ? 4 : 24); turn += 1) {
      const { first, all } = await killOne(turn + 2, true)
      if (turn < 0) continue
      seen.first.push(first)
      seen.all.push(all)
    }
    for (let turn = 0; turn < (quick ? 2 : 8); turn += 1) {
      const { first, all } = await killOne(turn, false)
      unseen.first.push(first)
      unseen.all.push(all)
    }
    await asker.stop()
    for (const { process } of owners) await process.stop()
    await house.close()
    const toLine = (name: string, values: readonly number[]) => ({ name, value: quantile(values, 1), unit: 'ms at most', latency: latencyOf(values) })
    return {
      lines: [
        toLine(`seen, ${seen.first.length} kills, first durable answer`, seen.first),
        toLine(`seen, all ${guildsAskedCount} guilds asked answered`, seen.all),
        toLine(`not seen, ${unseen.first.length} kills, first durable answer`, unseen.first),
        toLine(`not seen, all ${guildsAskedCount} guilds asked answered`, unseen.all),
      ],
      targets: [
        { name: 'exit seen by the manager → first durable answer, p99', figure: quantile(seen.first, 0.99), unit: 'ms', atMost: 100 },
        { name: 'exit seen by nobody → first durable answer, worst', figure: quantile(unseen.first, 1), unit: 'ms', atMost: limits.leaseTtlMs + 100 },
      ],
    }
  },
}
