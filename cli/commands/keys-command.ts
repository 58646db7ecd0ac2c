/**
 * `muster keys rewrap` on the command line.
 */
import type { Command } from 'commander'
import { parseKeyEncryptionKeys } from '../../actors/records/cluster-key.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { parseHouseConfig } from '../config.ts'
import { withHouseDatabase } from '../up/house-database.ts'
import { openLocalKeys } from '../up/local-keys.ts'
import { rewrapKeys, withKeyWraps } from './keys.ts'

export function addKeysCommands(program: Command, end: (exitCode: number) => void): void {
  const keys = program.command('keys').description('keys that guard the signing keys of servers')
  keys
    .command('rewrap')
    .description('wrap every signing key under the first key of MUSTER_KEK, after that key was changed')
    .option('--json', 'one JSON object')
    .action(async (options: { json?: boolean }) => {
      const config = parseHouseConfig(process.env)
      const text = config.kek ?? (await openLocalKeys(config.folder, config)).kek
      const keks = parseKeyEncryptionKeys({ name: 'MUSTER_KEK', text })
      const deps = { clock: createSystemClock(), progress: (sentence: string) => void process.stderr.write(`${sentence}\n`) }
      const output = { json: options.json === true, print: (line: string): void => void process.stdout.write(`${line}\n`) }
      end(await withHouseDatabase(deps, config, (url) => withKeyWraps(url, (store) => rewrapKeys({ store, keks }, output))))
    })
}
