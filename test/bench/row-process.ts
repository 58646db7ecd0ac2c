/**
 * One row in a process of its own: runs it and tells the result to the parent.
 */
import { coerceError } from '../../kernel/errors.ts'
import { mochaGlobalTeardown } from '../support/servers.ts'
import { rows } from './rows.ts'

const [name, ...flags] = process.argv.slice(2)
const row = rows.find((candidate) => candidate.name === name)
if (row === undefined) throw new Error(`no row ${name ?? ''}`)
try {
  const result = await row.run({ quick: flags.includes('--quick') })
  process.send?.({ kind: 'result', result })
} catch (thrown) {
  // Said before the servers go: what is cut off by that would speak first.
  process.stderr.write(`${coerceError(thrown).stack ?? ''}\n`)
  process.exitCode = 1
} finally {
  await mochaGlobalTeardown()
}
process.disconnect?.()
