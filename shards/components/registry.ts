/**
 * Every feature with buttons, menus or forms. A new one is one file beside this and one line below.
 */
import type { ComponentHandler } from '../interactions/component-handler.ts'
import { eraseRecordsComponents } from './erase-records.ts'
import { leaderboardComponents } from './leaderboard.ts'
import { resetPeriodComponents } from './reset-period.ts'
import { signingComponents } from './signing.ts'

export const componentHandlers: readonly ComponentHandler[] = [eraseRecordsComponents, leaderboardComponents, resetPeriodComponents, signingComponents]
