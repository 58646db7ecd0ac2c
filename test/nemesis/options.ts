/**
 * The command line of the nemesis: `--rounds 20 [--fault kill,pause] [--seconds 2] [--owners 3] [--in-flight 192] [--logs folder]`.
 */
import { Command, Option } from 'commander'
import { namesOutOf, positiveNumber } from '../support/arguments.ts'
import type { FaultName } from './faults.ts'
import { faultNames } from './faults.ts'

export interface NemesisOptions {
  readonly rounds: number
  readonly faults: readonly FaultName[]
  /** Load before a fault, and again after it is over. */
  readonly seconds: number
  readonly owners: number
  readonly inFlight: number
  /** Where to leave what the processes said; null: nowhere. */
  readonly logs: string | null
}

/** Ends the process with a sentence where something is wrong, and after `--help`. */
export function parseOptions(args: readonly string[]): NemesisOptions {
  const command = new Command('npm run nemesis --')
    .description('Real processes, real Postgres and Redis, and what can happen to them.')
    .option('--rounds <n>', 'of each fault', positiveNumber, 1)
    .addOption(new Option('--fault <names>', `faults, of ${faultNames.join(', ')}`).argParser(namesOutOf(faultNames)).default(faultNames, 'all'))
    .option('--seconds <n>', 'load before a fault, and again after it is over', positiveNumber, 2)
    .option('--owners <n>', 'processes with actors', positiveNumber, 3)
    .option('--in-flight <n>', 'questions open at once', positiveNumber, 192)
    .option('--logs <folder>', 'where to leave what the processes said')
  const { fault, logs, ...others } = command.parse(args, { from: 'user' }).opts<Typed>()
  return { ...others, faults: fault, logs: logs ?? null }
}

interface Typed {
  readonly rounds: number
  readonly fault: readonly FaultName[]
  readonly seconds: number
  readonly owners: number
  readonly inFlight: number
  readonly logs?: string
}
