/**
 * `muster outbox list | redrive | dismiss` on the command line.
 */
import type { Command } from 'commander'
import { createSystemClock } from '../../kernel/clock.ts'
import type { OutboxRepository } from '../../prisma/outbox-repository.ts'
import { parseHouseConfig } from '../config.ts'
import { withHouseDatabase } from '../up/house-database.ts'
import type { OutboxOutput } from './outbox.ts'
import { listDeadLetters, parseLetterName, settleLetter, withOutbox } from './outbox.ts'

export function addOutboxCommands(program: Command, end: (exitCode: number) => void): void {
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
