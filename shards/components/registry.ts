/**
 * Every feature with buttons, menus or forms. A new one is one file beside this and one line below.
 */
import type { ComponentHandler } from '../interactions/component-handler.ts'
import { attendanceSetupComponents } from './attendance-setup.ts'
import { eraseRecordsComponents } from './erase-records.ts'
import { leaderboardComponents } from './leaderboard.ts'
import { panelEditComponents } from './panel-edit.ts'
import { panelListComponents } from './panel-list.ts'
import { panelComponents, panelMenusComponents, panelPreviewComponents } from './panel-use.ts'
import { resetPeriodComponents } from './reset-period.ts'
import { signingComponents } from './signing.ts'

export const componentHandlers: readonly ComponentHandler[] = [
  attendanceSetupComponents,
  eraseRecordsComponents,
  leaderboardComponents,
  panelComponents,
  panelEditComponents,
  panelListComponents,
  panelMenusComponents,
  panelPreviewComponents,
  resetPeriodComponents,
  signingComponents,
]
