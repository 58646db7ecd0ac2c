/**
 * `muster`: the keyring. Parses the command line, runs one command, ends with its exit status.
 */
import { CommanderError } from 'commander'
import { config as readDotenv } from 'dotenv'
import { createSystemClock } from '../kernel/clock.ts'
import { checkEnvFile } from '../kernel/env-file.ts'
import { codeOf, coerceError } from '../kernel/errors.ts'
import { exitCodes } from '../cluster/protocol.ts'
import { commands } from './commands/registry.ts'
import { up } from './commands/up.ts'
import { parseHouseConfig } from './config.ts'
import { createProgram } from './program.ts'

const usageExitCode = 2

function exitCodeOf(error: Error): number {
  const code = codeOf(error) ?? ''
  if (code.startsWith('postgres-') || code.startsWith('redis-') || code === 'embedded-server-failed') return exitCodes.store
  if (code.startsWith('discord-')) return exitCodes.gateway
  return exitCodeOfChild(error) ?? exitCodes.configuration
}

/** The code of the process that failed; null when it was killed, or ended as if nothing were wrong. */
function exitCodeOfChild(error: Error): number | null {
  if (!('context' in error)) return null
  const { exitCode } = error.context as { exitCode?: unknown }
  return typeof exitCode === 'number' && exitCode > 0 ? exitCode : null
}

/** One sentence for what was foreseen; a stack for what was not. */
function tell(error: Error): void {
  // A process that ended with a code of its own has said why on this terminal already.
  if (codeOf(error) === 'child-failed' && exitCodeOfChild(error) !== null) return
  const isForeseen = error.name === 'AppError'
  process.stderr.write(`muster: ${isForeseen ? error.message : (error.stack ?? error.message)}\n`)
}

function endSignal(): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => controller.abort(new Error('asked to end'))
  process.on('SIGINT', abort)
  process.on('SIGTERM', abort)
  return controller.signal
}

async function runUp(options: { once?: boolean; json?: boolean }): Promise<number> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  const say = (sentence: string): void => print(options.json === true ? JSON.stringify({ say: sentence }) : sentence)
  const config = parseHouseConfig(process.env)
  const deps = { clock: createSystemClock(), signal: endSignal(), say, printResult: print }
  return await up(deps, config, { once: options.once === true })
}

async function main(): Promise<number> {
  if (process.env['NODE_ENV'] !== 'production') {
    checkEnvFile('.env')
    readDotenv({ quiet: true })
  }
  let exitCode = 0
  const program = createProgram()
  program
    .command('up')
    .description('start everything; what is not configured (Postgres, Redis, Discord) runs embedded under .muster/')
    .option('--once', 'play the demo fast, kill a shard process in the middle, end, and print one JSON line')
    .option('--json', 'each sentence as one JSON object a line')
    .action(async (options: { once?: boolean; json?: boolean }) => {
      exitCode = await runUp(options)
    })
  for (const add of commands) add(program, (code) => (exitCode = code))
  await program.parseAsync()
  return exitCode
}

main()
  .then((exitCode) => process.exit(exitCode))
  .catch((thrown: unknown) => {
    const error = coerceError(thrown)
    // Help and version are asked for; everything else of commander's own has said what was typed wrong.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : usageExitCode)
    tell(error)
    process.exit(exitCodeOf(error))
  })
