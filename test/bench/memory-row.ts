/**
 * Row: what an actor costs in memory while nobody asks it: 100,000 guilds, heap and resident size, divided.
 *
 * The catalog is the production one; stores are stubs that answer from functions, so that no driver's buffers are
 * counted. Idle is as the idle collector leaves it after some quiet seconds: at rest. The baseline is the bare map from
 * guild to parsed state that anything must hold that keeps state as objects.
 */
import type { BenchRow, Line, Target } from './bench-row.ts'
import { startBenchProcess } from './bench-process.ts'
import type { MemoryCase, MemorySize } from './memory-process.ts'
import { median } from './quantile.ts'

const cases: readonly { readonly name: string; readonly kind: MemoryCase }[] = [
  { name: 'at rest', kind: 'at-rest' },
  { name: 'just used', kind: 'just-used' },
  { name: 'bare map of states', kind: 'bare' },
]

interface Sizing {
  readonly sessions: number
  readonly count: number
  readonly rounds: number
}

async function sizeOf(kind: MemoryCase, { sessions, count, rounds }: Sizing): Promise<MemorySize> {
  const sizes: MemorySize[] = []
  for (let round = 0; round < rounds; round += 1) {
    const args = [kind, String(sessions), String(count)]
    const child = startBenchProcess('memory-process.ts', {}, { args, nodeFlags: ['--expose-gc'] })
    sizes.push(await child.next<{ kind: 'size' } & MemorySize>('size'))
    await child.exited
  }
  return { heap: median(sizes.map(({ heap }) => heap)), rss: median(sizes.map(({ rss }) => rss)) }
}

export const memoryRow: BenchRow = {
  name: 'memory',
  what: 'heap and resident size of an idle actor, and of one with five open sessions',
  async run({ quick }) {
    const lines: Line[] = []
    const targets: Target[] = []
    for (const sessions of [0, 5]) {
      const sizing = { sessions, count: quick ? 20_000 : 100_000, rounds: quick ? 1 : 3 }
      const sizes = new Map<MemoryCase, MemorySize>()
      const what = sessions === 0 ? 'idle actor' : 'with five open sessions'
      for (const { name, kind } of cases) {
        const size = await sizeOf(kind, sizing)
        sizes.set(kind, size)
        lines.push({ name: `${what}, ${name}, heap`, value: size.heap, unit: 'bytes' })
        lines.push({ name: `${what}, ${name}, rss`, value: size.rss, unit: 'bytes' })
      }
      for (const measured of ['heap', 'rss'] as const) {
        targets.push({
          name: `${what}, ${measured}`,
          figure: sizes.get('at-rest')?.[measured] ?? NaN,
          unit: 'bytes',
          atMost: sessions === 0 ? 1_024 : 2_048,
          baseline: { name: 'bare map of states', figure: sizes.get('bare')?.[measured] ?? NaN },
        })
      }
    }
    return { lines, targets }
  },
}
