/** Every command of `muster` says what it does, in text that fits a terminal, and can speak JSON. */
import { expect } from 'chai'
import type { Command } from 'commander'
import { commands } from '../../cli/commands/registry.ts'
import { createProgram } from '../../cli/program.ts'
import { fitLines, terminalWidth } from '../../cli/terminal.ts'

describe('the help of muster', () => {
  let said = ''
  const program = createProgram({ out: (text) => (said += text) })
  for (const add of commands) add(program, () => undefined)
  /** Those that do something; the others are names for a group. */
  const leavesOf = (command: Command): readonly Command[] => (command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf))

  it('of every command: a description, --json, and no line that a terminal would break', () => {
    const all = leavesOf(program)
    expect(all.length).to.be.greaterThan(12)
    for (const command of all) {
      said = ''
      command.outputHelp()
      expect(command.description().length, command.name()).to.be.greaterThan(20)
      expect(command.options.map(({ long }) => long), command.name()).to.include('--json')
      expect(said, command.name()).to.contain('Usage: muster')
      expect(said.split('\n').filter((line) => line.length > terminalWidth)).to.deep.equal([])
    }
  })

  it('a line that was typed wrong is thrown, not the end of the process', () => {
    program.configureOutput({ writeErr: () => undefined })
    expect(() => program.parse(['node', 'muster', 'nonsense'])).to.throw("unknown command 'nonsense'")
  })

  it('long lines are wrapped under their own indentation, short ones are left alone', () => {
    const word = 'abcdefghi '.repeat(12).trim()
    expect(fitLines(`short\n  ${word}`).split('\n')).to.deep.equal(['short', `  ${'abcdefghi '.repeat(7).trim()}`, `  ${'abcdefghi '.repeat(5).trim()}`])
  })
})
