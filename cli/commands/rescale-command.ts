/**
 * `muster rescale`: another number of shards or processes while everything serves.
 */
import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { Wish } from '../../cluster/wish.ts'
import { AppError } from '../../kernel/errors.ts'
import { allowedShardCounts } from '../../kernel/shard-counts.ts'
import { abortPresent, askManager } from '../manager/ask-manager.ts'
import { withManager } from '../manager/with-manager.ts'

const help = `
New processes come up beside the old ones, log in within Discord's limits, and
hear everything; until the switch nobody notices. Then the 384 slots move one by
one, each guild silent for a moment, and the old processes end. Shards and
processes change independently, up and down. Ctrl-c, or --abort from anywhere,
gives it up: what moved goes back, and the old topology serves. The same happens
when the manager dies in the middle.

  muster rescale --clusters 4                 the same shards in four processes
  muster rescale --shards 16 --clusters 4     sixteen shards in four processes
  muster rescale --shards 16 --dry-run        what it would cost: logins and time

Exit status: 0 done, 1 refused or given up, 2 Postgres not reached.`

interface RescaleOptions {
  readonly shards?: number
  readonly clusters?: number
  readonly dryRun?: boolean
  readonly abort?: boolean
  readonly json?: boolean
}

export function addRescaleCommand(program: Command, end: (exitCode: number) => void): void {
  program
    .command('rescale')
    .description('change the number of shards or shard processes while everything serves')
    .addOption(new Option('--shards <n>', `shards: one of ${allowedShardCounts.join(' ')}`).argParser(parseShards))
    .addOption(new Option('--clusters <n>', 'shard processes; never more than shards').argParser(parseProcesses))
    .option('--dry-run', 'only show the plan')
    .option('--abort', 'give up what is being done, from any terminal')
    .option('--json', 'one JSON object at the end')
    .addHelpText('after', help)
    .action(async (options: RescaleOptions) => {
      if (options.abort === true) end(await withManager(options, abortPresent))
      else {
        const wish = wishOf(options)
        end(await withManager(options, (deps) => askManager(deps, wish)))
      }
    })
}

function wishOf({ shards, clusters, dryRun }: RescaleOptions): Wish {
  if (shards === undefined && clusters === undefined) {
    throw new AppError('configuration-invalid', 'say what is to change: `muster rescale --shards N`, `--clusters M`, or both')
  }
  return { kind: 'rescale', shardCount: shards ?? null, processCount: clusters ?? null, isDryRun: dryRun === true }
}

function parseShards(text: string): number {
  const count = parseProcesses(text)
  if ((allowedShardCounts as readonly number[]).includes(count)) return count
  const next = allowedShardCounts.find((allowed) => allowed > count) ?? 384
  throw new InvalidArgumentError(`A guild's slot would split. Take one of ${allowedShardCounts.join(', ')}; the next above is ${next}.`)
}

function parseProcesses(text: string): number {
  const count = Number(text)
  if (/^\d{1,3}$/.test(text) && count >= 1 && count <= 384) return count
  throw new InvalidArgumentError('It is a number from 1 to 384.')
}
