/**
 * Every command of voice attendance, and who decides it.
 */
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { VoiceAttendanceCommand } from '../../protocol/voice-attendance.ts'
import type { State, VoiceDecision } from './draft.ts'
import { readLeaderboard } from './leaderboard.ts'
import { announceExport, flushLog, postBoard, settleLog } from './log.ts'
import { observeGuild, observeVoice } from './observe.ts'
import { settleFeed, switchFeed } from './feed-switch.ts'
import { closePeriod, resetPeriod } from './periods.ts'
import { loseFeed, reconcileVoice } from './reconcile.ts'
import { decideSettings } from './settings.ts'
import { settleRole, settleWebhook } from './settle-effects.ts'
import { readChannelStats, readOwnTime, readUserStats } from './stats.ts'

export function decide(state: State, command: VoiceAttendanceCommand, context: DecideContext): VoiceDecision {
  const { now } = context
  switch (command.kind) {
    case 'observe-voice':
      return observeVoice(state, command, context)
    case 'reconcile-voice':
      return reconcileVoice(state, command, context)
    case 'lose-feed':
      return loseFeed(state, command, context)
    case 'switch-feed':
      return switchFeed(state, command, context)
    case 'settle-feed':
      return settleFeed(state, command, context)
    case 'observe-guild':
      return observeGuild(state, command, context)
    case 'close-period':
      return closePeriod(state, command.endedAt, context)
    case 'flush-log':
      return flushLog(state, context)
    case 'post-board':
      return postBoard(state, context)
    case 'settle-role':
      return settleRole(state, command, context)
    case 'settle-webhook':
      return settleWebhook(state, command, context)
    case 'settle-log':
      return settleLog(state, command, context)
    case 'read-leaderboard':
      return { events: [], reply: readLeaderboard(state, { page: command.page, forUserId: command.forUserId, now }) }
    case 'read-own-time':
      return { events: [], reply: readOwnTime(state, command.userId, now) }
    case 'read-user-stats':
      return { events: [], reply: readUserStats(state, command.userId, now) }
    case 'read-channel-stats':
      return { events: [], reply: readChannelStats(state, command.channelId, now) }
    case 'announce-export':
      return announceExport(state, command, context)
    case 'reset-period':
      return resetPeriod(state, command, context)
    default:
      return decideSettings(state, command, context)
  }
}
