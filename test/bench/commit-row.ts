/**
 * Row: durable fenced events per second of one process. The measurement is commit.ts, run as it is.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { text } from 'node:stream/consumers'
import type { BenchRow, Target } from './bench-row.ts'

interface CommitReport {
  readonly lines: readonly { readonly name: string; readonly eventsPerSecond: number; readonly p50Ms: number; readonly p99Ms: number }[]
}

const loader = import.meta.resolve('tsx')

export const commitRow: BenchRow = {
  name: 'commit',
  what: 'durable fenced events a second of one process, with every row a real command writes',
  async run({ quick }) {
    const { lines } = await runCommitBench(quick ? ['--seconds', '1', '--rounds', '1'] : [])
    const rate = (prefix: string): number => lines.find(({ name }) => name.startsWith(prefix))?.eventsPerSecond ?? NaN
    const singles = lines.filter(({ name }) => name.startsWith('single')).map(({ eventsPerSecond }) => eventsPerSecond)
    const fenced = rate('fenced, all rows')
    const compare = (name: string, figure: number, atLeast: number, fencedRate = fenced): Target => ({
      name: `of ${name}`,
      figure: fencedRate / figure,
      unit: '×',
      atLeast,
      baseline: { name: `${name}, events/s`, figure },
    })
    return {
      lines: lines.map(({ name, eventsPerSecond, p50Ms, p99Ms }) => ({
        name,
        value: eventsPerSecond,
        unit: 'events/s',
        latency: { p50Ms, p99Ms },
      })),
      targets: [
        { name: 'all rows', figure: fenced, unit: 'events/s', atLeast: 40_000 },
        compare('a bare grouped insert of the same rows', rate('bare grouped insert, all rows, '), 0.7),
        { name: 'journal alone', figure: rate('fenced, journal'), unit: 'events/s', atLeast: 80_000 },
        compare('single inserts on one connection', rate('single inserts, 1 '), 8),
        compare('single inserts on the best number of connections', Math.max(...singles), 2),
      ],
    }
  },
}

async function runCommitBench(args: readonly string[]): Promise<CommitReport> {
  const entry = fileURLToPath(new URL('./commit.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', loader, entry, '--json', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const printed = await text(child.stdout)
  return JSON.parse(printed) as CommitReport
}
