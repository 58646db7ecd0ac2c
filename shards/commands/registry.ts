/**
 * Every slash command of this bot. A new one is one file beside this and one line below.
 */
import { about } from './about.ts'
import { admin } from './admin.ts'
import { config } from './config.ts'
import { help } from './help.ts'
import { leaderboard } from './leaderboard.ts'
import { mytime } from './mytime.ts'
import { panel } from './panel.ts'
import { ping } from './ping.ts'
import type { SlashCommand } from './slash-command.ts'
import { stats } from './stats.ts'

export const slashCommands: readonly SlashCommand[] = [
  about,
  admin,
  config,
  help,
  leaderboard,
  mytime,
  panel,
  ping,
  stats,
]
