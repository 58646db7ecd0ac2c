/**
 * Row: in-process read asks. The runtime's own cost of one turn: no store is touched, the lease covers the answers.
 *
 * The baseline is the least an actor can be: a map of mailboxes, one promise a question, answered in order.
 */
import { opId } from '../../kernel/ids.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { guildIn } from '../support/commit-batches.ts'
import { openBareActors } from './bare-actors.ts'
import { openBenchHouse } from './bench-house.ts'
import type { BenchRow } from './bench-row.ts'
import { allSlots, openOwner } from './open-owner.ts'
import { median } from './quantile.ts'
import { addCommand, readCommand, tallyRegistry } from './tally-feature.ts'

const inFlight = 64
const guilds = Array.from({ length: 100 }, (_, n) => guildIn((n * 3) % allSlots.length, n))
const op = opId('a read is known by nothing')

/** Asks for so long from `inFlight` loops; questions a second. */
async function countAsks(ask: (guildId: GuildId) => Promise<unknown>, milliseconds: number): Promise<number> {
  const startedAt = performance.now()
  let asked = 0
  const loop = async (first: number): Promise<void> => {
    for (let at = first; ; at += inFlight) {
      // The clock costs as much as a tenth of a turn: it is read now and then.
      if (at % 1_024 < inFlight && performance.now() - startedAt > milliseconds) return
      await ask(guilds[at % guilds.length] as GuildId)
      asked += 1
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, first) => loop(first)))
  return (asked / (performance.now() - startedAt)) * 1_000
}

export const readRow: BenchRow = {
  name: 'read',
  what: 'in-process asks that only read, 64 in flight over 100 actors in memory',
  async run({ quick }) {
    const house = await openBenchHouse()
    const owner = await openOwner(house.environment, { registry: tallyRegistry })
    await owner.runtime.keeper.own(allSlots)
    const deadline = { receivedAt: null, deadlineAt: null }
    for (const guildId of guilds) {
      await owner.runtime.ask({ guildId, opId: opId(`add ${guildId}`), command: addCommand, ...deadline })
    }
    const ask = (guildId: GuildId) => owner.runtime.ask({ guildId, opId: op, command: readCommand, ...deadline })
    const answer = await ask(guilds[0] as GuildId)
    if (answer.status !== 'answered') throw new Error('a read was refused')
    const bare = openBareActors(guilds)
    const asked: number[] = []
    const bareAsked: number[] = []
    for (let round = 0; round < (quick ? 2 : 8); round += 1) {
      asked.push(await countAsks(ask, 1_000))
      bareAsked.push(await countAsks((guildId) => bare.ask(guildId, readCommand), 1_000))
      // Loops of promises let nothing else run: the lease must be renewed.
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await owner.stop()
    await house.close()
    // The first round compiles.
    const [figure, baseline] = [median(asked.slice(1)), median(bareAsked.slice(1))]
    return {
      lines: [
        { name: 'runtime.ask(read)', value: figure, unit: 'answers/s' },
        { name: 'bare mailboxes', value: baseline, unit: 'answers/s' },
      ],
      targets: [
        { name: 'in-process read asks', figure, unit: 'answers/s', atLeast: 500_000, baseline: { name: 'bare mailboxes, answers/s', figure: baseline } },
      ],
    }
  },
}
