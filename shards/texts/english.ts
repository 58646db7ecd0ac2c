/**
 * Everything that people read about voice attendance and signing, in English. Another language has the same keys (german.ts).
 */
import type { PauseReason } from '../../actors/protocol/voice-attendance.ts'
import type { LogEvent, PeriodAnchor, PeriodInterval, RoleWindow, SettingsRefusal, TrackingMode, WeekStart } from '../../actors/protocol/voice-settings.ts'
import type { RefusalReason } from '../../actors/protocol/command.ts'
import { attendanceEnglish } from './english-attendance.ts'
import { englishPanels } from './english-panels.ts'
import { englishAnnouncements, englishErasure, englishRecords, englishSecrets, englishSigning, englishVersion1 } from './english-signing.ts'

const modes: Record<TrackingMode, string> = {
  off: 'no voice time is counted',
  allowlist: 'only listed channels are counted',
  denylist: 'all channels but the listed ones are counted',
  all: 'every voice channel is counted',
}

const intervals: Record<PeriodInterval, string> = { hourly: 'hourly', daily: 'daily', weekly: 'weekly', monthly: 'monthly', yearly: 'yearly' }
const anchors: Record<PeriodAnchor, string> = { rolling: 'rolling, from the moment it was set', calendar: 'by the calendar' }
const weekStarts: Record<WeekStart, string> = { monday: 'Monday', sunday: 'Sunday' }
const windows: Record<RoleWindow, string> = { current: 'in the current period', last: 'in the last period' }

const logEvents: Record<LogEvent, string> = {
  'session-completed': 'session completed',
  'period-closed': 'period closed',
  'leaderboard-daily': 'leaderboard every day',
  'leaderboard-weekly': 'leaderboard every week',
}

const pauses: Record<PauseReason | 'unobserved', string> = {
  self_mute: 'muted',
  server_mute: 'server muted',
  self_deaf: 'deafened',
  server_deaf: 'server deafened',
  alone: 'alone',
  afk: 'in the AFK channel',
  too_few: 'too few people',
  unobserved: 'not observed',
}

const refusals: Record<RefusalReason, string> = {
  'inbox-full': 'This server is very busy right now. Nothing was changed; please try again in a few seconds.',
  'mailbox-full': 'This server is very busy right now. Nothing was changed; please try again in a few seconds.',
  'batch-full': 'Records are being written as fast as possible. Nothing was changed; please try again in a few seconds.',
  'no-owner': 'This server is changing hands between processes. Nothing was changed; please try again in a few seconds.',
  busy: 'The records cannot be reached right now. Nothing was changed; please try again in a moment.',
  stopping: 'Muster is restarting. Nothing was changed; please try again in a few seconds.',
  expired: 'That took too long and was not carried out. Please try again.',
  unanswered: 'No answer came in time. It may still have been carried out: please look before you try again.',
  rejected: 'That could not be carried out because of a fault in Muster. It is recorded; please tell the operator.',
}

const settingRefusals: Record<SettingsRefusal, string> = {
  'unknown-time-zone': 'This time zone is not known. Use an IANA name such as `Europe/Berlin` or `America/New_York`.',
  'too-many-channels': 'The list is full. Remove a channel with `/admin track-channel action:remove` first.',
  'too-many-log-channels': 'There are ten log channels already. Remove one with `/admin log-channel action:remove` first.',
  'too-many-roles': 'There are ten verified roles already. Remove one with `/admin verified-role action:remove` first.',
  'needs-pro': 'This belongs to the Pro tier. Ask whoever runs this bot to switch it on for this server.',
  'no-webhook': 'No webhook is set. Set one with `/admin webhook action:set`.',
  'too-many-deliveries': 'Too many deliveries are on their way. Wait until the receiver answers again, then try once more.',
}

/** Why an effect was impossible, as it is journaled; another language shows its own words for the same (effect-failure.ts). */
const effectFailures = {
  unknownChannel: 'The channel does not exist any more. Choose another one.',
  unknownGuild: 'Muster is not in this server any more.',
  unknownMember: 'The member has left the server.',
  unknownRole: 'The role does not exist any more.',
  unknownUser: 'The account does not exist any more.',
  missingAccess: 'Muster cannot see the channel. Give it the permission "View Channel" there.',
  missingPermissions: 'Muster lacks a permission for this, or the role is above its own. Check its permissions and the order of the roles.',
  webhookAddress: 'Refused: the address is not one that deliveries go to.',
  webhookPrivate: 'Refused: the address is private: deliveries go to public addresses only.',
  webhookRedirects: 'Refused: more than 3 redirects.',
  webhookRedirectTarget: 'Refused: it redirects to an address that is private, or not https.',
  webhookGone: '410: the receiver is gone.',
}

export const english = {
  panels: englishPanels,
  attendance: attendanceEnglish,
  refusals,
  effectFailures,
  settingRefusals,
  needsManageServer: 'You need the permission "Manage Server" for this. Ask somebody who manages this server.',
  unknownChoice: (given: string, allowed: string) => `"${given}" is not possible here. Choose one of: ${allowed}.`,
  goneCommand: 'This command is not known here any more. Reload Discord (Ctrl+R) to get the current list.',
  goneComponent: 'This button or form is no longer in use. Run the command again to get a new one.',
  signing: englishSigning,
  announcements: englishAnnouncements,
  erasure: englishErasure,
  secrets: englishSecrets,
  version1: englishVersion1,
  records: englishRecords,

  modes,
  modeSet: (mode: TrackingMode) => `Tracking mode is now **${mode}**: ${modes[mode]}.`,
  modeWas: (previous: TrackingMode) => ` It was ${previous}.`,
  modeWasAlready: (mode: TrackingMode) => `Tracking mode was already **${mode}**: ${modes[mode]}.`,
  unknownMode: (given: string, allowed: string) => `"${given}" is not a tracking mode. Choose one of: ${allowed}.`,

  channelNeeded: 'Say which channel: the option `channel`.',
  channelListed: (channel: string) => `<#${channel}> is on the list.`,
  channelUnlisted: (channel: string) => `<#${channel}> is not on the list.`,
  channelList: (mode: TrackingMode, list: string) => `Tracking mode **${mode}**: ${modes[mode]}. Listed: ${list}.`,
  nothingListed: 'no channel',
  moreChannels: (count: number) => `and ${count} more`,
  listUnused: (mode: TrackingMode) => ` In tracking mode **${mode}** the list is not read; \`/admin tracking-mode\` changes that.`,

  fairnessTitle: (version: number) => `Fairness rules, version ${version}`,
  fairnessChanged: (version: number) => `The rules are changed. Sessions that are signed from now on name version ${version}.`,
  unchanged: 'Nothing was changed: it was set like that already.',
  pausedWhile: 'Time does not count while',
  fairnessRules: {
    selfMute: 'muted by oneself',
    serverMute: 'muted by the server',
    selfDeaf: 'deafened by oneself',
    serverDeaf: 'deafened by the server',
    alone: 'alone in the channel',
    afk: 'in the AFK channel',
  },
  nothingPauses: 'nothing: all time in a counted channel counts',
  minimumSeconds: (seconds: number) => (seconds === 0 ? 'Sessions of any length are signed.' : `Sessions with less than ${seconds} s of counted time are discarded.`),
  minimumMembers: (members: number) => (members === 1 ? 'One person in a channel is enough.' : `Time counts from ${members} people in the channel on.`),

  intervals,
  anchors,
  weekStarts,
  scheduleTitle: 'Periods',
  schedule: (what: { interval: PeriodInterval; anchor: PeriodAnchor; timeZone: string; weekStart: WeekStart }) =>
    `${intervals[what.interval]}, ${anchors[what.anchor]}; time zone ${what.timeZone}; weeks start on ${weekStarts[what.weekStart]}.`,
  periodRunning: (index: number, startedAt: string) => `Period ${index} has been running since ${startedAt}.`,
  periodNone: 'No period is running; the first counted session begins one.',
  nextBoundary: (at: string) => `Next boundary: ${at}.`,
  publicBoards: (on: boolean): string => (on ? 'Boards of closed periods are public to whoever verifies them.' : 'Boards of closed periods are not public; their records still verify.'),

  resetQuestion: (index: number) => `Close period ${index} now? Its board is signed and archived, open sessions are split, and a fresh board begins. This cannot be undone.`,
  resetConfirm: 'Close the period',
  cancel: 'Cancel',
  nothingChanged: 'Nothing was changed.',
  resetDone: (index: number, members: number) => `Period ${index} is closed with ${members} ${members === 1 ? 'member' : 'members'}. See it with \`/leaderboard period:${index}\`.`,
  resetNone: 'No period is running, so there is nothing to close. The first counted session begins one.',
  resetOther: 'That period is closed already. Run `/admin reset-now` again to close the one that is running.',

  logEvents,
  logSet: (channel: string, events: string) => `<#${channel}> is told of: ${events}.`,
  logRemoved: (channel: string) => `<#${channel}> is not a log channel any more.`,
  logNotSet: (channel: string) => `<#${channel}> is not a log channel. \`/admin log-channel action:list\` shows those there are.`,
  logNone: 'There is no log channel. Add one with `/admin log-channel action:add`.',
  logFailure: (failure: string) => ` ⚠ ${failure}`,

  windows,
  roleNeeded: 'Say which role: the option `role`.',
  roleMinimumNeeded: 'Say from how many minutes of counted time on: the option `minutes`.',
  roleNotGivable: 'This role cannot be given: it is managed by an integration, or it is @everyone. Choose another one.',
  roleSet: (role: string, minutes: number, window: RoleWindow) => `<@&${role}> is given from ${minutes} min of counted time ${windows[window]} on.`,
  roleHolders: (count: number) => ` Given to ${count}.`,
  roleRemoved: (role: string) => `<@&${role}> is not a verified role any more; it is taken from those who had it for their time.`,
  roleNotSet: (role: string) => `<@&${role}> is not a verified role. \`/admin verified-role action:list\` shows those there are.`,
  rolesNone: 'There is no verified role. Add one with `/admin verified-role action:add`.',

  webhookUrlNeeded: 'Say where to: the option `url`, which begins with https://.',
  webhookUrlRefused: 'Only public https:// addresses without a user name are delivered to. Use another address, or ask whoever runs this bot to allow it.',
  webhookSet: (url: string, secret: string) =>
    `Deliveries go to ${url}. This is the secret that signs them; it is shown this once:\n\`${secret}\`\n` +
    'Each delivery carries `x-muster-timestamp` and `x-muster-signature: sha256=…`, the HMAC-SHA-256 of `timestamp.body`. Try it with `/admin webhook action:test`.',
  webhookRemoved: 'The webhook is removed and its secret forgotten.',
  webhookTested: 'A test delivery is on its way. `/admin webhook action:show` tells what became of it.',
  webhookStatus: (url: string, events: string) => `Deliveries go to ${url} for: ${events}.`,
  webhookCounts: (pending: number, dead: number, skipped: number) => `On their way: ${pending}. Given up: ${dead}. Skipped because too many were on their way: ${skipped}.`,
  webhookNever: 'Nothing was delivered yet.',
  webhookDelivered: (at: string) => `Last delivery: ${at}, taken.`,
  webhookFailed: (at: string, failure: string) => `Last delivery: ${at}, failed: ${failure}`,
  webhookInactive: 'The receiver answered 410 (gone): nothing more is sent. Set the webhook again to go on.',

  leaderboardTitle: (index: number | null) => (index === null ? 'Leaderboard' : `Leaderboard of period ${index}`),
  leaderboardOff: 'Voice time is not counted here yet. Somebody who manages this server can switch it on with `/admin tracking-mode`.',
  leaderboardEmpty: 'Nobody has spent counted time in voice yet.',
  ownRank: (line: string) => `Your rank: ${line}`,
  ownNone: 'You have no counted time yet.',
  pageOf: (page: number, pages: number) => `Page ${page} of ${pages}`,
  previousPage: 'Previous',
  nextPage: 'Next',
  periodUnknown: (index: number) => `There is no period ${index}. Without a number, \`/leaderboard\` shows the running one.`,
  periodWaiting: (index: number) => `Period ${index} is closed, and its record waits until signing is unlocked. Somebody who manages this server can do that with \`/admin unlock-signing\`.`,
  periodTooOld: (oldest: number, link: string) => `The newest five archives are listed here, from period ${oldest} on. Older ones stay stored and can be verified by anyone: ${link}`,

  hours: (hours: number, minutes: string) => `${hours} h ${minutes} min`,
  minutes: (minutes: number, seconds: string) => `${minutes} min ${seconds} s`,
  seconds: (seconds: number) => `${seconds} s`,

  pauses,
  ownTimeTitle: 'Your time in voice',
  userStatsTitle: (name: string) => `Time in voice of ${name}`,
  counted: 'Counted',
  sessions: 'Sessions',
  rank: 'Rank',
  rankOf: (rank: number, members: number) => `${rank} of ${members}`,
  noRank: 'none yet',
  notCounted: 'Not counted',
  nothingSetAside: 'nothing',
  now: 'Right now',
  nowCounting: 'your time counts',
  nowPaused: (reason: string) => `your time does not count: ${reason}`,
  nowNobody: 'not in a counted channel',
  ownRecords: 'Newest records',
  ownRecordsNone: 'none yet: a session is signed when it ends',
  periodLine: (index: number, startedAt: string, endsAt: string) => `Period ${index}, ${startedAt} to ${endsAt}`,

  channelStatsTitle: (channel: string) => `Time in ${channel}`,
  channelOpenNow: 'In it now',
  channelUntracked: 'This channel is not counted now. `/admin tracking-mode` and `/admin track-channel` change that.',
  memberNeeded: 'Say whose: the option `user`.',
  botsNotCounted: 'Bots are never counted. Choose a member.',
  chartBusy: 'No picture this time: too many are being drawn. Try again in a few seconds.',
  chartMissing: 'No picture: this machine has no fonts. Whoever runs this bot can install one (for example `fonts-dejavu-core`).',

  chartPeriod: (index: number) => `Period ${index}`,
  chartCounted: 'counted',
  chartRanks: 'Counted time by rank',
  chartChannels: 'Counted time by channel',
  chartAccounts: 'Where the time went',
  chartOthers: (count: number) => `${count} others`,
  heatmapTitle: 'When this server is active',
  heatmapSince: (since: string, zone: string) => `Counted time since ${since}, ${zone}`,
  heatmapLess: 'less',
  heatmapMore: 'more',
  heatmapNone: 'no time was counted yet',
  weekdays: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as readonly string[],

  logSessionsTitle: 'Sessions completed',
  logSession: (member: string, channel: string, duration: string) => `${member} · ${channel} · ${duration}`,
  logSetAside: (duration: string) => ` (not counted: ${duration})`,
  logUnsigned: ' · not signed: signing is locked',
  logRecord: 'record',
  logPeriodTitle: (index: number) => `Period ${index} is closed`,
  logPeriodMembers: (members: number) => `${members} ${members === 1 ? 'member' : 'members'}`,
  logPeriodUnsigned: (sessions: number) => `${sessions} sessions were not signed (too short, or finished while signing was locked).`,
  logChainHead: (sequence: number, hash: string) => `Chain head: record ${sequence}, \`${hash}\``,
  logVerify: 'Check it yourself',
  logBoardTitle: 'Leaderboard',
}
