/**
 * Every slash command of this bot. A new one is one file beside this and one line below.
 */
import { about } from './about.ts'
import { admin } from './admin.ts'
import { attendance } from './attendance.ts'
import { closeAttendance } from './close-attendance.ts'
import { config } from './config.ts'
import { excuse, markPresent } from './excuse.ts'
import { exportCsv } from './export-csv.ts'
import { help } from './help.ts'
import { here } from './here.ts'
import { leaderboard } from './leaderboard.ts'
import { mytime } from './mytime.ts'
import { openAttendance } from './open-attendance.ts'
import { panel } from './panel.ts'
import { ping } from './ping.ts'
import { registerStudent } from './register-student.ts'
import { removeAttendance } from './remove-attendance.ts'
import type { SlashCommand } from './slash-command.ts'
import { stats } from './stats.ts'

export const slashCommands: readonly SlashCommand[] = [
  about,
  admin,
  attendance,
  closeAttendance,
  config,
  excuse,
  exportCsv,
  help,
  here,
  leaderboard,
  markPresent,
  mytime,
  openAttendance,
  panel,
  ping,
  registerStudent,
  removeAttendance,
  stats,
]
