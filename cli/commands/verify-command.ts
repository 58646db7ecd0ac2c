/**
 * `muster verify` on the command line.
 */
import type { Command } from 'commander'
import { verifyFiles } from './verify.ts'

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

export function addVerifyCommand(program: Command, end: (exitCode: number) => void): void {
  program
    .command('verify <file...>')
    .description('check receipts, chains, export bundles and histories, offline')
    .option('--key <key>', 'a public key you know to be genuine: base64, PEM, or a file of either (repeatable)', collect, [])
    .option('--keys <file>', 'keys you know to be genuine: an export bundle, or what GET /keys answered (repeatable)', collect, [])
    .option('--snapshots', 'the files are histories written by muster export --history')
    .option('--json', 'one JSON object a file')
    .addHelpText('after', '\nExit status: 0 everything is genuine, 1 something is not or its key is unknown.')
    .action(async (files: readonly string[], options: { key: readonly string[]; keys: readonly string[]; snapshots?: boolean; json?: boolean }) => {
      const print = (line: string): void => void process.stdout.write(`${line}\n`)
      end(await verifyFiles({ files, key: options.key, keys: options.keys, snapshots: options.snapshots === true, json: options.json === true }, print))
    })
}
