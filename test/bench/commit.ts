/**
 * Bench: durable fenced events per second of one process, beside what the same Postgres does without the fence.
 *
 *   node --import tsx test/bench/commit.ts [--seconds 2] [--rounds 3] [--json]
 *
 * Measures in one run, on one server: the commit of all rows over two lanes; the same rows as one bare grouped insert a
 * batch (no slots, no heads, no fence); the journal alone, fenced and bare; single inserts on 1, 4 and 16 connections.
 * Every case has a database of its own. It refuses to run when durability is weakened: such a number means nothing.
 */
import { cpus } from 'node:os'
import pg from 'pg'
import { createSystemClock } from '../../kernel/clock.ts'
import { generation, incarnation } from '../../kernel/ids.ts'
import type { Fence, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { silentLog } from '../../kernel/log.ts'
import { createPostgresCommitLane } from '../../prisma/journal-store.ts'
import { createPostgresOwnershipStore } from '../../prisma/ownership-store.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import { createTestDatabase, mochaGlobalTeardown } from '../support/servers.ts'
import { runBareInserts, runSingleInserts } from './commit-baseline.ts'
import { createBatchSource } from './commit-load.ts'
import type { BatchSource, LoadKind } from './commit-load.ts'
import { refuseWeakDurability } from './durability.ts'
import { measure } from './measure.ts'
import type { Measured } from './measure.ts'

const guildsPerSlot = 10
const clock = createSystemClock()

/** Sources for two lanes, as a process with half of the slots has them. */
function createSources(kind: LoadKind, eventsPerBatch: number = limits.commitBatchEventsMax): readonly BatchSource[] {
  return [0, 1].map((parity) => {
    const slots = Array.from({ length: limits.slotCount / 4 }, (_, index) => (index * 2 + parity) as Slot)
    return createBatchSource({ kind, slots, fence: 1 as Fence, guildsPerSlot, eventsPerBatch })
  })
}

async function runFenced(url: string, seconds: number, sources: readonly BatchSource[]): Promise<Measured> {
  const laneOptions = {
    connectionString: url,
    statementTimeoutMs: limits.statementTimeoutMs,
    answerGraceMs: 1_000,
    connectTimeoutMs: 2_000,
    applicationName: 'bench',
  }
  const pool = createPostgresPool({ log: silentLog }, { ...laneOptions, connectionsMax: 2 })
  const seen = Array.from({ length: limits.slotCount }, (_, id) => ({ slot: id as Slot, fence: 0 as Fence }))
  await createPostgresOwnershipStore(pool).takeSlots({ seen, owner: incarnation('bench:1:1'), generation: generation(1) })
  await pool.end()
  const lanes = sources.map((source) => ({ source, lane: createPostgresCommitLane({ clock, log: silentLog }, laneOptions) }))
  await Promise.all(lanes.map(({ lane }) => lane.start()))
  const measured = await measure(clock, seconds, lanes, async ({ source, lane }) => {
    const batch = source.next()
    const outcome = await lane.commit(batch)
    if (outcome.kind !== 'committed') throw new Error(`not committed: ${outcome.kind === 'poison' ? outcome.message : outcome.cause.message}`)
    if (outcome.moved.size !== batch.heads.length) throw new Error('a head did not move')
    return batch.journal.length
  })
  await Promise.all(lanes.map(({ lane }) => lane.stop()))
  return measured
}

const cases: Readonly<Record<string, (url: string, seconds: number) => Promise<Measured>>> = {
  'fenced, all rows, 2 lanes': (url, seconds) => runFenced(url, seconds, createSources('whole')),
  'bare grouped insert, all rows, 2 connections': (url, seconds) =>
    runBareInserts({ url, seconds, sources: createSources('whole'), withHeads: true }),
  'bare grouped insert, all rows but heads, 2 connections': (url, seconds) =>
    runBareInserts({ url, seconds, sources: createSources('whole'), withHeads: false }),
  'fenced, journal alone, 2 lanes': (url, seconds) => runFenced(url, seconds, createSources('journal')),
  'bare grouped insert, journal alone, 2 connections': (url, seconds) =>
    runBareInserts({ url, seconds, sources: createSources('journal'), withHeads: false }),
  'fenced, one command at a time, 1 lane': (url, seconds) => runFenced(url, seconds, createSources('whole', 1).slice(0, 1)),
  'single inserts, 1 connection': (url, seconds) => runSingleInserts({ url, seconds, connections: 1 }),
  'single inserts, 4 connections': (url, seconds) => runSingleInserts({ url, seconds, connections: 4 }),
  'single inserts, 16 connections': (url, seconds) => runSingleInserts({ url, seconds, connections: 16 }),
}

interface Line {
  readonly name: string
  readonly eventsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** The median round's rate; latencies of all rounds. */
function toLine(name: string, rounds: readonly Measured[]): Line {
  const latencies = rounds.flatMap((round) => round.latencies).sort((a, b) => a - b)
  const rates = rounds.map(({ events, seconds }) => events / seconds).sort((a, b) => a - b)
  const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return { name, eventsPerSecond: Math.round(at(rates, 0.5)), p50Ms: at(latencies, 0.5), p99Ms: at(latencies, 0.99) }
}

function option(name: string, byDefault: number): number {
  const at = process.argv.indexOf(name)
  return at < 0 ? byDefault : Number(process.argv[at + 1])
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** One case on a database of its own, after everything before it was written out. */
async function runCase(run: (url: string, seconds: number) => Promise<Measured>, seconds: number): Promise<Measured> {
  const database = await createTestDatabase()
  const settle = new pg.Client({ connectionString: database.url })
  await settle.connect()
  await settle.query('CHECKPOINT')
  await settle.end()
  const measured = await run(database.url, seconds)
  await database.drop()
  return measured
}

async function checkServer(): Promise<string> {
  const database = await createTestDatabase()
  const version = await refuseWeakDurability(database.url)
  await database.drop()
  return version
}

async function main(): Promise<void> {
  const seconds = option('--seconds', 2)
  const rounds = option('--rounds', 3)
  const version = await checkServer()
  const measuredOf = new Map<string, Measured[]>()
  // Round by round, not case by case: what else the machine does then falls on all of them alike.
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(cases)) {
      measuredOf.set(name, [...(measuredOf.get(name) ?? []), await runCase(run, seconds)])
    }
  }
  const lines = [...measuredOf].map(([name, measured]) => toLine(name, measured))
  const rate = (prefix: string): number => lines.find(({ name }) => name.startsWith(prefix))?.eventsPerSecond ?? NaN
  const single = lines.filter(({ name }) => name.startsWith('single'))
  const ratios = {
    'all rows, fenced / bare': rate('fenced, all') / rate('bare grouped insert, all rows, '),
    'all rows, fenced / bare without heads': rate('fenced, all') / rate('bare grouped insert, all rows but'),
    'journal alone, fenced / bare': rate('fenced, journal') / rate('bare grouped insert, journal'),
    'all rows, fenced / single inserts on one connection': rate('fenced, all') / rate('single inserts, 1 '),
    'all rows, fenced / single inserts on the best number': rate('fenced, all') / Math.max(...single.map(({ eventsPerSecond }) => eventsPerSecond)),
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${version}`
  if (process.argv.includes('--json')) {
    print(JSON.stringify({ bench: 'commit', at: new Date().toISOString(), machine, seconds, rounds, lines, ratios }))
    return
  }
  print(`commit bench, ${new Date().toISOString()}, ${machine}, median of ${rounds} rounds of ${seconds} s`)
  for (const { name, eventsPerSecond, p50Ms, p99Ms } of lines) {
    print(`${String(eventsPerSecond).padStart(9)} events/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms  ${name}`)
  }
  for (const [name, ratio] of Object.entries(ratios)) print(`${ratio.toFixed(2).padStart(9)} ×         ${name}`)
}

try {
  await main()
} finally {
  await mochaGlobalTeardown()
}
