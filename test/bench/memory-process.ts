/**
 * One case of the memory row in a process of its own, so that nothing else's pages are counted: what so many guilds add
 * to the heap and to the resident size, after forced collections.
 */
import { assert } from '../../kernel/assert.ts'
import { guildId } from '../../kernel/ids.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { guildIn } from '../support/commit-batches.ts'
import { makeGuildHistory } from './guild-history.ts'
import { createClusterSigner, openCatalog } from './memory-catalog.ts'

export type MemoryCase = 'bare' | 'just-used' | 'at-rest'

export interface MemorySize {
  readonly heap: number
  readonly rss: number
}

const [kind, sessionsText, countText] = process.argv.slice(2) as [MemoryCase, string, string]
const [sessions, count] = [Number(sessionsText), Number(countText)]
const cluster = createClusterSigner()

async function sizeNow(): Promise<MemorySize> {
  const { gc } = globalThis
  assert(gc !== undefined, 'this runs with --expose-gc')
  for (let turn = 0; turn < 4; turn += 1) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

/** A string of its own for each guild, as one that came by the gateway is. */
const copyOf = (guild: GuildId): GuildId => guildId(Buffer.from(guild, 'latin1').toString('latin1'))
const guildAt = (n: number): GuildId => copyOf(guildIn(n % limits.slotCount, Math.floor(n / limits.slotCount)))
const historyOf = (guild: GuildId, index: number) => makeGuildHistory(guild, { index, sessions, later: 0, cluster })

async function build(from: number, to: number): Promise<unknown> {
  const numbers = Array.from({ length: to - from }, (_, n) => from + n)
  if (kind === 'bare') {
    return new Map(numbers.map((n) => [guildAt(n), JSON.parse(historyOf(guildAt(n), n).snapshot.state) as unknown]))
  }
  return await openCatalog({ guildsCount: to - from, guildAt: (n) => guildAt(from + n), atRest: kind === 'at-rest', historyOf })
}

// What the first ones make once (code, shapes, pools, pages that the collector keeps) is nobody's own.
await build(count, count + 5_000)
const before = await sizeNow()
const kept = await build(0, count)
const after = await sizeNow()
assert(kept !== null, 'what was built is still held here')
process.send?.({ kind: 'size', heap: (after.heap - before.heap) / count, rss: (after.rss - before.rss) / count })
process.disconnect?.()
