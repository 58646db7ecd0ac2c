/**
 * The command line of the fault table:
 *
 *   npm run faults -- [--row kill-shard,redis-gone] [--seconds 10] [--away 60] [--guilds 2000] [--rate 500] [--built] [--logs folder]
 */
import { Command, Option } from 'commander'
import { namesOutOf, positiveNumber } from '../support/arguments.ts'
import type { RowName } from './rows.ts'
import { rowNames } from './rows.ts'

export interface FaultOptions {
  readonly rows: readonly RowName[]
  /** Half of it is load before a fault, half after it is over, ten seconds each at most; of `kills`: how long it goes on. */
  readonly seconds: number
  /** How long a server is gone. */
  readonly awaySeconds: number
  /** Each active all the time. */
  readonly guilds: number
  /** Commands a second that are offered, over all doors. */
  readonly rate: number
  /** What `npm run build` made, as it is deployed, instead of the source. */
  readonly isBuilt: boolean
  /** Where to leave what the processes said when something went wrong; null: nowhere. */
  readonly logs: string | null
}

/** Ends the process with a sentence where something is wrong, and after `--help`. */
export function parseOptions(args: readonly string[]): FaultOptions {
  const command = new Command('npm run faults --')
    .description('Every row of the fault table, with the whole house under load.')
    .addOption(new Option('--row <names>', `rows, of ${rowNames.join(', ')}`).argParser(namesOutOf(rowNames)).default(rowNames, 'all'))
    .option('--seconds <n>', 'load around each fault; of kills: how long it goes on', positiveNumber, 10)
    .option('--away <n>', 'seconds a server is gone', positiveNumber, 60)
    .option('--guilds <n>', 'servers with people in them', positiveNumber, 2000)
    .option('--rate <n>', 'commands a second, over all doors', positiveNumber, 500)
    .option('--built', 'what `npm run build` made, as it is deployed', false)
    .option('--logs <folder>', 'where to leave what the processes said')
  const { row, seconds, away, guilds, rate, built, logs } = command.parse(args, { from: 'user' }).opts<Typed>()
  return { rows: row, seconds, awaySeconds: away, guilds, rate, isBuilt: built, logs: logs ?? null }
}

interface Typed {
  readonly row: readonly RowName[]
  readonly seconds: number
  readonly away: number
  readonly guilds: number
  readonly rate: number
  readonly built: boolean
  readonly logs?: string
}
