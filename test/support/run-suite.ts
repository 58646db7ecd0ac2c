/**
 * The whole suite: two mocha runs side by side, each with servers of its own, and one line that counts both.
 *
 * Whole processes mostly wait (for an IDENTIFY, a lease, a restart), everything else mostly computes: side by side they
 * take little longer than the longer one. What is named on the command line goes to mocha as it is, in one run.
 * Exit code 0: all passed; 1: some failed, or a run ended without its count.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js')
const reporter = ['--reporter', './test/support/reporter.cjs']
const everything = 'test/**/*.test.ts'
/** About half of the time. */
const scenarios = ['test/scenarios/**/*.test.ts']

interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const countLine = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/

/** Shows what the run says as it says it, but for its count. */
function runMocha(name: string, args: readonly string[]): Promise<Count> {
  const child = spawn(process.execPath, [mocha, ...reporter, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  // Ctrl-c reaches the whole terminal group; a signal to this process alone is passed on.
  process.once('SIGTERM', () => child.kill('SIGTERM'))
  let count: Count | null = null
  let rest = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [, passed, failed, skipped] = countLine.exec(line) ?? []
      if (passed === undefined) process.stdout.write(`${line}\n`)
      else count = { passed: Number(passed), failed: Number(failed), skipped: Number(skipped ?? 0) }
    }
  })
  return new Promise((resolve) => {
    child.once('close', (exitCode, signal) => {
      if (rest !== '') process.stdout.write(`${rest}\n`)
      if (count === null || (exitCode !== 0 && count.failed === 0)) {
        process.stdout.write(`the run of ${name} ended by ${signal ?? exitCode} without success\n`)
        count = { passed: count?.passed ?? 0, failed: (count?.failed ?? 0) + 1, skipped: count?.skipped ?? 0 }
      }
      resolve(count)
    })
  })
}

async function main(args: readonly string[]): Promise<void> {
  const counts =
    args.length > 0
      ? [await runMocha('what was named', args)]
      : await Promise.all([
          runMocha('the scenarios', scenarios),
          runMocha('everything else', [everything, ...scenarios.flatMap((glob) => ['--ignore', glob])]),
        ])
  const sum = (pick: (count: Count) => number): number => counts.reduce((total, count) => total + pick(count), 0)
  const [passed, failed, skipped] = [sum(({ passed: n }) => n), sum(({ failed: n }) => n), sum(({ skipped: n }) => n)]
  process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  process.exitCode = failed === 0 ? 0 : 1
}

await main(process.argv.slice(2))
