/**
 * The commands of `muster`, in the order in which its help names them: `up` (main.ts), then these.
 */
import type { Command } from 'commander'
import { addDoctorCommand } from './doctor-command.ts'
import { addExportCommand } from './export-command.ts'
import { addGuildCommand } from './guild-command.ts'
import { addKeysCommands } from './keys-command.ts'
import { addMigrateCommand } from './migrate-command.ts'
import { addOutboxCommands } from './outbox-command.ts'
import { addRescaleCommand } from './rescale-command.ts'
import { addRestartCommands } from './restart-command.ts'
import { addStatusCommand } from './status-command.ts'
import { addTierCommand } from './tier-command.ts'
import { addVerifyCommand } from './verify-command.ts'

/** Adds itself to the program; `end` is told the exit status. */
export type AddCommand = (program: Command, end: (exitCode: number) => void) => void

export const commands: readonly AddCommand[] = [
  addDoctorCommand,
  addStatusCommand,
  addGuildCommand,
  addMigrateCommand,
  addOutboxCommands,
  addKeysCommands,
  addTierCommand,
  addRescaleCommand,
  addRestartCommands,
  addVerifyCommand,
  addExportCommand,
]
