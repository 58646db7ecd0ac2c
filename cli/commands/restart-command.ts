/**
 * `muster restart --rolling` and `muster drain`: shard processes replaced one at a time while everything serves.
 */
import type { Command } from 'commander'
import { AppError } from '../../kernel/errors.ts'
import { askManager } from '../manager/ask-manager.ts'
import { withManager } from '../manager/with-manager.ts'

interface Options {
  readonly rolling?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

const restartHelp = `
Each process is replaced by a new one that loads the code as it lies on disk: it
comes up beside the old one, hears what that hears, takes its slots one by one,
and the old one ends. Ctrl-c stops after giving back the process that is being
replaced; what was replaced stays. The manager and the API keep their code:
reload them with pm2.

Exit status: 0 done, 1 refused or given up, 2 Postgres not reached.`

const drainHelp = `
NODE is a process as \`muster status\` names it: shard-0, 0, its pid, or its
incarnation. A new process takes its shards and its slots; then it finishes what
it has, makes it durable, and ends. For a process that grew too large, or that
somebody wants gone without a gap.

Exit status: 0 done, 1 refused or given up, 2 Postgres not reached.`

export function addRestartCommands(program: Command, end: (exitCode: number) => void): void {
  program
    .command('restart')
    .description('new code for the shard processes, one after the other, without a gap')
    .option('--rolling', 'one process at a time; the only way there is')
    .option('--dry-run', 'only show the plan')
    .option('--json', 'one JSON object at the end')
    .addHelpText('after', restartHelp)
    .action(async (options: Options) => {
      if (options.rolling !== true) {
        throw new AppError('configuration-invalid', 'say `muster restart --rolling`; to end and start everything, use pm2 or ctrl-c and `muster up`')
      }
      end(await withManager(options, (deps) => askManager(deps, { kind: 'restart', isDryRun: options.dryRun === true })))
    })
  program
    .command('drain <node>')
    .description('replace one shard process by a new one, without a gap')
    .option('--dry-run', 'only show the plan')
    .option('--json', 'one JSON object at the end')
    .addHelpText('after', drainHelp)
    .action(async (node: string, options: Options) => {
      end(await withManager(options, (deps) => askManager(deps, { kind: 'drain', node, isDryRun: options.dryRun === true })))
    })
}
