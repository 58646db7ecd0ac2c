/**
 * The nemesis: whole processes on a real Postgres and a real Redis, killed, stopped and robbed while a client asks.
 *
 *   npm run nemesis -- --rounds 20 [--fault kill,pause] [--seconds 2] [--owners 3] [--in-flight 192] [--logs folder]
 *
 * Who counts stands outside: a client process writes down what it was told, and when everything has stopped and Postgres
 * has been crashed once more, that file is compared with the rows. Ends with 1 if anything was lost, doubled, missing or
 * wrong; the last line is JSON.
 */
import { cpus, loadavg } from 'node:os'
import { coerceError } from '../../kernel/errors.ts'
import { auditFault } from './audit.ts'
import type { FaultName } from './faults.ts'
import type { House } from './house.ts'
import { openHouse } from './house.ts'
import type { NemesisOptions } from './options.ts'
import { parseOptions } from './options.ts'
import type { FaultReport } from './report.ts'
import { promiseLines, summaryOf, tableLines, wrongsOf } from './report.ts'
import type { Round } from './round.ts'
import { runRound } from './round.ts'

/** Of each kind, so that a broken build does not print two million lines. */
const findingsShownMax = 10

const print = (line: string): void => void process.stdout.write(`${line}\n`)

interface Attack {
  readonly roundsOf: ReadonlyMap<FaultName, readonly Round[]>
  /** A round that did not come to its end: nobody answered, or nobody came home. What was answered is judged all the same. */
  readonly failure: Error | null
}

async function attack(house: House, options: NemesisOptions): Promise<Attack> {
  const roundsOf = new Map<FaultName, Round[]>(options.faults.map((fault) => [fault, []]))
  for (const [series, fault] of options.faults.entries()) {
    for (let round = 0; round < options.rounds; round += 1) {
      try {
        roundsOf.get(fault)?.push(await runRound(house, { fault, round, series, seconds: options.seconds }))
      } catch (thrown) {
        if (house.isEnding) throw thrown
        return { roundsOf, failure: new Error(`${fault}, round ${round + 1}: ${coerceError(thrown).message}`) }
      }
    }
    process.stderr.write(`nemesis: ${fault}, ${options.rounds} rounds\n`)
  }
  return { roundsOf, failure: null }
}

async function judge(house: House, options: NemesisOptions, { roundsOf }: Attack): Promise<readonly FaultReport[]> {
  await house.stopProcesses()
  // Only what survives a crash of the database counts as durable.
  await house.servers.crashPostgres()
  await house.servers.startPostgres()
  const { databaseUrl, folder } = house.servers
  const reports: FaultReport[] = []
  for (const [series, fault] of options.faults.entries()) {
    const rounds = roundsOf.get(fault) ?? []
    reports.push({ fault, rounds, findings: await auditFault({ databaseUrl, folder, series, rounds, owners: options.owners }) })
  }
  return reports
}

function showFindings(reports: readonly FaultReport[], errorLines: readonly string[]): void {
  for (const { fault, findings } of reports) {
    const kinds = { lost: findings.lost, doubled: findings.doubled, hole: findings.holes, wrong: wrongsOf(findings) }
    for (const [kind, sentences] of Object.entries(kinds)) {
      for (const sentence of sentences.slice(0, findingsShownMax)) print(`${fault}: ${kind}: ${sentence}`)
    }
  }
  for (const line of errorLines.slice(0, findingsShownMax)) print(`error: ${line}`)
}

async function main(signal: AbortSignal): Promise<number> {
  const options = parseOptions(process.argv.slice(2))
  const startedAt = performance.now()
  // Whoever else works on this machine is in the times.
  const loadBefore = (loadavg()[0] ?? NaN).toFixed(1)
  const house = await openHouse(options, signal)
  try {
    await house.start()
    const attacked = await attack(house, options)
    const reports = await judge(house, options, attacked)
    const errorLines = await house.errorLines()
    const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${house.servers.version}, load average ${loadBefore} before`
    print(`nemesis, ${new Date().toISOString()}, ${machine}, ${options.owners} owners, ${options.inFlight} in flight`)
    for (const line of [...tableLines(reports), ...promiseLines(reports)]) print(line)
    showFindings(reports, errorLines)
    const summary = summaryOf(reports, errorLines.length)
    if (attacked.failure !== null) print(`failed: ${attacked.failure.message}`)
    print(JSON.stringify({ ...summary, failed: attacked.failure?.message ?? null, seconds: Math.round((performance.now() - startedAt) / 1_000) }))
    const { lost, doubled, holes, wrong, errors } = summary
    return lost + doubled + holes + wrong + errors === 0 && attacked.failure === null ? 0 : 1
  } finally {
    if (options.logs !== null) await house.copyLogs(options.logs)
    await house.close()
  }
}

const abort = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => abort.abort(new Error(`ended by ${signal}`)))
}
try {
  process.exitCode = await main(abort.signal)
} catch (thrown) {
  process.stderr.write(`nemesis: ${coerceError(thrown).message}\n`)
  process.exitCode = 1
}
