/**
 * The fault table of docs/operations.md, row by row, with the whole house under load:
 *
 *   npm run faults -- [--row kill-shard,redis-gone] [--seconds 10] [--away 60] [--guilds 2000] [--rate 500] [--built] [--logs folder]
 *
 * Real Postgres and Redis, the manager, its shard processes, two API processes, and a Discord on this machine whose people
 * and whose other systems never pause. Who counts stands outside and writes down what it was told; when everything has
 * stopped and Postgres has been crashed once more, that is compared with the rows. Ends with 1 if anything was lost,
 * doubled or wrong; the last line is JSON.
 */
import { setMaxListeners } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { coerceError } from '../../kernel/errors.ts'
import { machineMs } from '../nemesis/machine-time.ts'
import type { Findings, RowRun } from './audit.ts'
import { auditRun } from './audit.ts'
import { mountSmallDisk } from './disk.ts'
import { openFaketime } from './faketime.ts'
import type { WholeHouse } from './house.ts'
import { openWholeHouse } from './house.ts'
import type { FaultOptions } from './options.ts'
import { parseOptions } from './options.ts'
import { isSound, summaryOf, tableLines } from './report.ts'
import type { RowName } from './rows.ts'
import { rows } from './rows.ts'

/** A process that is killed spawns, logs in and loads meanwhile, on a machine that may be busy with others. */
const rowPatienceMs = 240_000
/** A calm stretch longer than this shows nothing more, however long a row lasts. */
const calmMsMax = 10_000
/** Of each kind, so that a broken build does not print a million lines. */
const findingsShownMax = 10

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const say = (line: string): void => void process.stderr.write(`faults: ${line}\n`)

async function runRow(house: WholeHouse, row: RowName, options: FaultOptions): Promise<RowRun> {
  const { tellings } = house
  const before = { refused: tellings.refused, unanswered: tellings.unanswered, reads: tellings.reads, wrong: tellings.wrong.length }
  const loadFrom = machineMs()
  const calmMs = Math.min(calmMsMax, options.seconds * 500)
  house.load()
  await house.wait(calmMs)
  const patienceMs = rowPatienceMs + (options.seconds + 2 * options.awaySeconds) * 1_000
  const strikes = await house.within(patienceMs, 'the fault to be over and its victims to be back', rows[row](house, options))
  await house.wait(calmMs)
  const loadTo = machineMs()
  const begun = await house.calm()
  const calmAt = machineMs()
  await house.heal()
  say(`${row}: struck ${strikes.length} times, healed ${Math.round(machineMs() - loadTo)} ms after the load ended`)
  return {
    row, strikes, loadFrom, loadTo, calmAt, begun,
    refused: tellings.refused - before.refused,
    unanswered: tellings.unanswered - before.unanswered,
    reads: tellings.reads - before.reads,
    wrong: tellings.wrong.slice(before.wrong),
  }
}

async function attackAndJudge(house: WholeHouse, options: FaultOptions): Promise<number> {
  await house.start()
  say(`${options.guilds} guilds are served`)
  const runs: RowRun[] = []
  let failure: Error | null = null
  for (const row of options.rows) {
    try {
      runs.push(await runRow(house, row, options))
    } catch (thrown) {
      failure = new Error(`${row}: ${coerceError(thrown).message}`, { cause: thrown })
      break
    }
  }
  if (failure === null) await house.allLeave()
  const voiceLog = house.fleet.sandbox.people.voiceLog()
  await house.stopProcesses()
  // Only what survives a crash of the database counts as durable.
  await house.servers.crashPostgres()
  await house.servers.startPostgres()
  const findings = await auditRun({
    databaseUrl: house.servers.databaseUrl,
    guilds: house.guilds,
    told: house.tellings.told,
    runs,
    voiceLog,
    wallOfMachineZero: Date.now() - machineMs(),
  })
  show(runs, findings, house)
  await showSize(house)
  const summary = summaryOf(runs, findings)
  const errors = house.output().split('\n').filter((line) => line.includes('"level":"error"'))
  for (const line of errors.slice(0, findingsShownMax)) print(`error: ${line.slice(0, 500)}`)
  print(JSON.stringify({ guilds: options.guilds, rate: options.rate, disk: house.smallDisk === null ? 'answered' : 'full', errors: errors.length, ...summary }))
  if (options.logs !== null) await keepLogs(house, options.logs)
  if (failure !== null) throw failure
  return isSound(summary) ? 0 : 1
}

function show(runs: readonly RowRun[], findings: Findings, house: WholeHouse): void {
  for (const run of runs) {
    const { lost = [], doubled = [], misdated = [] } = findings.rows.get(run.row) ?? {}
    for (const [kind, sentences] of Object.entries({ lost, doubled, misdated, wrong: run.wrong })) {
      for (const sentence of sentences.slice(0, findingsShownMax)) print(`${run.row}: ${kind}: ${sentence}`)
    }
  }
  for (const sentence of [...findings.holes, ...findings.wrongRows].slice(0, findingsShownMax)) print(sentence)
  for (const line of tableLines(runs, findings)) print(line)
  const { stays, lost, doubled, missingSeconds } = findings.voice
  print(`voice: ${stays} stays, ${lost} lost, ${doubled} doubled, ${missingSeconds} whose seconds do not add up`)
  const load = loadavg().map((value) => value.toFixed(1)).join(' ')
  print(`${cpus().length} cores, load ${load}, Node ${process.version}, PostgreSQL ${house.servers.version}`)
}

/** What a run leaves behind, for whoever plans a disk. */
async function showSize(house: WholeHouse): Promise<void> {
  const [row] = await house.servers.query<{ bytes: string; receipts: string }>(
    `SELECT sum(pg_total_relation_size(c.oid)) AS bytes, (SELECT count(*) FROM receipt) AS receipts
     FROM pg_class c WHERE c.relkind = 'r' AND c.relname IN ('journal', 'receipt', 'op_result')`,
  )
  print(`database: ${row?.receipts} receipts, ${Math.round(Number(row?.bytes) / Number(row?.receipts))} bytes of journal, results and receipts for each`)
}

async function keepLogs(house: WholeHouse, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'faults.log'), house.output())
}

async function main(signal: AbortSignal): Promise<number> {
  const options = parseOptions(process.argv.slice(2))
  const faketime = options.rows.includes('clock') ? await openFaketime() : null
  const smallDisk = options.rows.includes('disk-full') ? await mountSmallDisk(options.rate) : null
  // Postgres' folder is made in the folder for temporary files.
  if (smallDisk !== null) process.env['TMPDIR'] = smallDisk.folder
  let house: WholeHouse | null = null
  try {
    house = await openWholeHouse(options, { signal, environment: faketime?.environment ?? {}, smallDisk })
    return await attackAndJudge(house, options)
  } finally {
    await house?.close()
    delete process.env['TMPDIR']
    await smallDisk?.remove()
    await faketime?.remove()
  }
}

const ending = new AbortController()
// Everything that waits listens to its end.
setMaxListeners(0, ending.signal)
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort(new Error(`ended by ${name}`)))
main(ending.signal)
  .then((exitCode) => process.exit(exitCode))
  .catch((thrown: unknown) => {
    process.stderr.write(`faults: ${coerceError(thrown).stack ?? ''}\n`)
    process.exit(1)
  })
