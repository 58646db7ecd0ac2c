/**
 * Spreads seeds over worker processes. A worker that ends without a report failed as a whole.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { coerceError } from '../../kernel/errors.ts'
import { compileSimulation } from './compile.ts'
import { mergeReports } from './seed-run.ts'
import type { Load, SeedRange, SeedReport } from './seed-run.ts'

export interface WorkerRun {
  readonly from: number
  readonly seeds: number
  readonly workers: number
  readonly stopAtFirst: boolean
  readonly load?: Load
  /** Folder of the source that is run: another one for a mutant. */
  readonly source?: string
}

export async function runInWorkers({ from, seeds, workers, stopAtFirst, source, load = 'ledger' }: WorkerRun): Promise<SeedReport> {
  const compiled = await compileSimulation(source)
  try {
    const reports: SeedReport[] = []
    // Who only wants the first failure looks at a few seeds before many: most failures are found at once.
    let size = stopAtFirst ? firstChunk : seeds
    for (let done = 0; done < seeds; size *= 2) {
      const count = Math.min(size, seeds - done)
      reports.push(await runChunk(compiled.worker, { from: from + done, seeds: count, workers, stopAtFirst, load }))
      done += count
      if (stopAtFirst && reports.some(({ failed }) => failed.length > 0)) break
    }
    return mergeReports(reports)
  } finally {
    compiled.remove()
  }
}

async function runChunk(worker: URL, { from, seeds, workers, stopAtFirst, load = 'ledger' }: WorkerRun): Promise<SeedReport> {
  const running = Array.from({ length: Math.min(workers, seeds) }, (_, index) => {
    const count = Math.floor((seeds - index - 1) / workers) + 1
    return runWorker(worker, { from: from + index, count, step: workers, stopAtFirst, load })
  })
  // All of them end before the code they run is taken away.
  const settled = await Promise.allSettled(running)
  return mergeReports(settled.map((result) => (result.status === 'fulfilled' ? result.value : rethrow(result.reason))))
}

function rethrow(reason: unknown): never {
  throw coerceError(reason)
}

/** Seeds of the first look of a hunt. */
const firstChunk = 64

function runWorker(file: URL, range: SeedRange): Promise<SeedReport> {
  return new Promise((resolve, reject) => {
    // A young generation large enough for a whole seed: most of what it makes is garbage at its end.
    const child = fork(fileURLToPath(file), { execArgv: ['--max-semi-space-size=32'] })
    let report: SeedReport | null = null
    child.once('message', (message: SeedReport) => {
      report = message
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (report === null) reject(new Error(`a worker ended without a report: exit ${code}, signal ${signal}`))
      else resolve(report)
    })
    child.send(range)
  })
}
