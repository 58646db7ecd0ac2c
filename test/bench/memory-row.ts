/**
 * Row: what an actor costs in memory while nobody asks it: 100,000 activations, heap and resident size after a forced
 * collection, divided.
 *
 * The catalog is the production one; stores are stubs that answer from functions, so that no driver's buffers are
 * counted. The baseline is the bare map from guild to parsed state that anything must hold that keeps state at all.
 */
import { assert } from '../../kernel/assert.ts'
import { limits } from '../../kernel/limits.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { guildId } from '../../kernel/ids.ts'
import { createClusterSigner, openCatalog } from './memory-catalog.ts'
import type { BenchRow, Line, Target } from './bench-row.ts'
import type { GuildHistory } from './guild-history.ts'
import { makeGuildHistory } from './guild-history.ts'
import { guildIn } from '../support/commit-batches.ts'

interface Size {
  readonly heap: number
  readonly rss: number
}

async function sizeNow(): Promise<Size> {
  const { gc } = globalThis
  assert(gc !== undefined, 'this row runs with --expose-gc')
  for (let turn = 0; turn < 4; turn += 1) {
    gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

async function perGuild(count: number, build: () => Promise<unknown>): Promise<Size> {
  const before = await sizeNow()
  const kept = await build()
  const after = await sizeNow()
  assert(kept !== null, 'what was built is still held here')
  return { heap: (after.heap - before.heap) / count, rss: (after.rss - before.rss) / count }
}

/** A string of its own for each guild, as one that came by the gateway is. */
const copyOf = (guild: GuildId): GuildId => guildId(Buffer.from(guild, 'latin1').toString('latin1'))

export const memoryRow: BenchRow = {
  name: 'memory',
  what: 'heap and resident size of an idle activation, and of one with five open sessions',
  nodeFlags: ['--expose-gc'],
  async run({ quick }) {
    const count = quick ? 10_000 : 100_000
    const cluster = createClusterSigner()
    const guildOf = (n: number): GuildId => guildIn(n % limits.slotCount, Math.floor(n / limits.slotCount))
    const history = (guild: GuildId, index: number, sessions: number): GuildHistory =>
      makeGuildHistory(guild, { index, sessions, later: 0, cluster })
    const sizes = new Map<string, Size>()
    // What the first hundred make once (code, shapes, pools) is nobody's own.
    await openCatalog({ guilds: Array.from({ length: 100 }, (_, n) => guildOf(n)), historyOf: (guild, index) => history(guild, index, 5) })
    for (const sessions of [0, 5]) {
      const guilds = Array.from({ length: count }, (_, n) => guildOf(n))
      const states = () => Promise.resolve(new Map(guilds.map((guild, n) => [copyOf(guild), JSON.parse(history(guild, n, sessions).snapshot.state) as unknown])))
      sizes.set(`bare map of states, ${sessions} open sessions`, await perGuild(count, states))
      const open = () => openCatalog({ guilds: guilds.map(copyOf), historyOf: (guild, n) => history(guild, n, sessions) })
      sizes.set(`activation, ${sessions} open sessions`, await perGuild(count, open))
    }
    const of = (name: string): Size => sizes.get(name) ?? { heap: NaN, rss: NaN }
    const toTarget = (what: string, sessions: number, atMost: number): Target[] =>
      (['heap', 'rss'] as const).map((kind) => ({
        name: `${what}, ${kind}`,
        figure: of(`activation, ${sessions} open sessions`)[kind],
        unit: 'bytes',
        atMost,
        baseline: { name: 'bare map of states', figure: of(`bare map of states, ${sessions} open sessions`)[kind] },
      }))
    return {
      lines: [...sizes].flatMap(([name, { heap, rss }]): Line[] => [
        { name: `${name}, heap`, value: heap, unit: 'bytes' },
        { name: `${name}, rss`, value: rss, unit: 'bytes' },
      ]),
      targets: [...toTarget('idle actor', 0, 1_024), ...toTarget('with five open sessions', 5, 2_048)],
    }
  },
}
