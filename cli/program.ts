/**
 * `muster` without its commands: how help looks, and what becomes of a line that was typed wrong.
 */
import { Command } from 'commander'
import { version } from '../kernel/version.ts'
import { fitLines, terminalWidth } from './terminal.ts'

export interface ProgramOutput {
  out(text: string): void
}

const standardOutput: ProgramOutput = { out: (text) => void process.stdout.write(text) }

/** Throws a CommanderError where commander would end the process: whoever calls says with which status. */
export function createProgram(output: ProgramOutput = standardOutput): Command {
  return new Command('muster')
    .description('Attendance you can prove: a Discord bot cluster with signed records.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.out(fitLines(text)), getOutHelpWidth: () => terminalWidth })
}
