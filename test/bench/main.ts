/**
 * The benches of the design's table: `npm run bench [-- --json] [-- --quick] [-- name…]`.
 *
 * Every row has a process of its own, and all of them the same servers. Without names all rows run; `--json` prints one
 * JSON object a row; `--quick` only shows that it runs. Nothing runs when durability is weakened: such numbers mean
 * nothing. Exit code 0 when every row ran, whether or not it met its targets; 1 when one could not.
 */
import { loadavg } from 'node:os'
import { createTestDatabase, mochaGlobalTeardown, testServers } from '../support/servers.ts'
import { startBenchProcess } from './bench-process.ts'
import type { RowResult } from './bench-row.ts'
import { isMet } from './bench-row.ts'
import { refuseWeakDurability } from './durability.ts'
import { describeMachine } from './machine.ts'
import { formatRow } from './report.ts'
import { rows } from './rows.ts'

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const print = (text: string): void => void process.stdout.write(`${text}\n`)

async function main(): Promise<void> {
  const unknown = names.find((name) => rows.every((row) => row.name !== name))
  if (unknown !== undefined) throw new Error(`no row ${unknown}; there are: ${rows.map(({ name }) => name).join(', ')}`)
  const { postgresUrl, redisUrl } = await testServers()
  const machine = await describeMachine({ postgres: await checkServer(), redisUrl })
  const json = flags.includes('--json')
  if (!json) print(`${new Date().toISOString()}, ${machine}\n`)
  for (const row of rows) {
    if (names.length > 0 && !names.includes(row.name)) continue
    const environment = { MUSTER_TEST_DATABASE_URL: postgresUrl, MUSTER_TEST_REDIS_URL: redisUrl }
    const args = [row.name, ...(flags.includes('--quick') ? ['--quick'] : [])]
    const child = startBenchProcess('row-process.ts', environment, { args, nodeFlags: row.nodeFlags ?? [] })
    const { result } = await child.next<{ kind: 'result'; result: RowResult }>('result')
    await child.exited
    const targets = result.targets.map((target) => ({ ...target, met: isMet(target) }))
    // Of the last minute: whoever else works on this machine is in the figures.
    const load = loadavg()[0] ?? NaN
    if (json) print(JSON.stringify({ row: row.name, at: new Date().toISOString(), machine, load, lines: result.lines, targets }))
    else print(`${formatRow(row, result)}\n  load average ${load.toFixed(1)}\n`)
  }
}

async function checkServer(): Promise<string> {
  const database = await createTestDatabase()
  try {
    return await refuseWeakDurability(database.url)
  } finally {
    await database.drop()
  }
}

try {
  await main()
} finally {
  await mochaGlobalTeardown()
}
