/**
 * `muster tier` on the command line.
 */
import type { Command } from 'commander'
import { createSystemClock } from '../../kernel/clock.ts'
import { parseHouseConfig } from '../config.ts'
import { withActorClient } from '../up/actor-door.ts'
import { parseTierWish, runTier } from './tier.ts'

export function addTierCommand(program: Command, end: (exitCode: number) => void): void {
  program
    .command('tier <guild> [tier]')
    .description('show a server’s tier, or set it: free, pro, or default (MUSTER_DEFAULT_TIER)')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nThe house must be running. Exit status: 0 shown or set, 1 refused or not understood, 2 typed wrong, or Postgres or Redis not reached.')
    .action(async (guild: string, tier: string | undefined, options: { json?: boolean }) => {
      const wish = parseTierWish(guild, tier)
      const config = parseHouseConfig(process.env)
      const deps = { clock: createSystemClock(), progress: (sentence: string) => void process.stderr.write(`${sentence}\n`) }
      const output = { json: options.json === true, print: (line: string): void => void process.stdout.write(`${line}\n`) }
      end(await withActorClient(deps, config, (client) => runTier(client, { wish, defaultTier: config.defaultTier }, output)))
    })
}
