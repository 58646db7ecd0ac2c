/**
 * `muster`: the keyring. Parses the command line, runs one command, ends with its exit status.
 */
import { Command } from 'commander'
import { config as readDotenv } from 'dotenv'
import { createSystemClock } from '../kernel/clock.ts'
import { checkEnvFile } from '../kernel/env-file.ts'
import { codeOf, coerceError } from '../kernel/errors.ts'
import { version } from '../kernel/version.ts'
import { exitCodes } from '../cluster/protocol.ts'
import type { OutboxRepository } from '../prisma/outbox-repository.ts'
import type { OutboxOutput } from './commands/outbox.ts'
import { listDeadLetters, parseLetterName, settleLetter, withOutbox } from './commands/outbox.ts'
import { up } from './commands/up.ts'
import { parseHouseConfig } from './config.ts'
import { withHouseDatabase } from './up/house-database.ts'

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

async function runUp(options: { once?: boolean }): Promise<number> {
  const say = (sentence: string): void => void process.stdout.write(`${sentence}\n`)
  const config = parseHouseConfig(process.env)
  const deps = { clock: createSystemClock(), signal: endSignal(), say, printResult: say }
  return await up(deps, config, { once: options.once === true })
}

function addOutboxCommands(program: Command, end: (exitCode: number) => void): void {
  const outbox = program.command('outbox').description('effects that were given up on: see them, drive them again, dismiss them')
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  const run = async (options: { json?: boolean }, work: (o: OutboxRepository, output: OutboxOutput) => Promise<number>) => {
    const deps = { clock: createSystemClock(), progress: (sentence: string) => void process.stderr.write(`${sentence}\n`) }
    const output = { json: options.json === true, print }
    end(await withHouseDatabase(deps, parseHouseConfig(process.env), (url) => withOutbox(url, (o) => work(o, output))))
  }
  outbox
    .command('list')
    .description('dead letters, newest first')
    .option('--guild <id>', 'of one server only')
    .option('--json', 'one JSON array')
    .action((options: { guild?: string; json?: boolean }) =>
      run(options, (repository, output) => listDeadLetters(repository, output, options.guild ?? null)),
    )
  for (const action of ['redrive', 'dismiss'] as const) {
    outbox
      .command(`${action} <letter>`)
      .description(action === 'redrive' ? 'make a dead letter pending again' : 'have done with a dead letter')
      .option('--json', 'one JSON object')
      .action((letter: string, options: { json?: boolean }) =>
        run(options, (repository, output) => settleLetter(repository, output, { action, name: parseLetterName(letter) })),
      )
  }
}

async function main(): Promise<number> {
  if (process.env['NODE_ENV'] !== 'production') {
    checkEnvFile('.env')
    readDotenv({ quiet: true })
  }
  let exitCode = 0
  const program = new Command('muster')
    .description('Attendance you can prove: a Discord bot cluster with signed records.')
    .version(version)
  program
    .command('up')
    .description('start everything; what is not configured (Postgres, Redis, Discord) runs embedded under .muster/')
    .option('--once', 'play the demo fast, kill a shard process in the middle, end, and print one JSON line')
    .action(async (options: { once?: boolean }) => {
      exitCode = await runUp(options)
    })
  addOutboxCommands(program, (code) => (exitCode = code))
  await program.parseAsync()
  return exitCode
}

main()
  .then((exitCode) => process.exit(exitCode))
  .catch((thrown: unknown) => {
    const error = coerceError(thrown)
    tell(error)
    process.exit(exitCodeOf(error))
  })
