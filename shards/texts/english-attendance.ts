/**
 * Everything that people read about code attendance, in English.
 */
import type { AttendanceRefusal } from '../../actors/protocol/attendance.ts'
import type { CodeAlphabet, VoicePresence } from '../../actors/protocol/attendance-settings.ts'
import type { AttendanceStatus } from '../../actors/protocol/record.ts'

interface RefusalFacts {
  /** A mention, or empty. */
  readonly channel: string
  readonly seconds: number
}

const statuses: Record<AttendanceStatus, string> = { present: 'present', late: 'late', excused: 'excused', absent: 'absent' }
const alphabets: Record<CodeAlphabet, string> = { full: 'letters and digits', unambiguous: 'without I, O, 0 and 1' }
const presences: Record<VoicePresence, string> = {
  off: 'not looked at',
  flag: 'recorded',
  require: 'required',
}

const refusals: Record<AttendanceRefusal, (facts: RefusalFacts) => string> = {
  'not-staff': () => 'Only staff may do this: members with "Manage Server" or the staff role. Ask somebody who manages this server.',
  'not-set-up': () => 'Attendance is not set up here yet. Staff chooses the two channels with `/attendance setup`.',
  'wrong-channel': ({ channel }) => `This works in ${channel} only. Please type it there.`,
  'already-open': () => 'A session is open already. Close it with `/close_attendance` first.',
  'still-closing': () => 'The last session is still being written. Please try again in a few seconds.',
  'none-open': () => 'No attendance session is open right now. Staff opens one with `/open_attendance`; members wait until it is announced.',
  'wrong-code': () => 'This code is invalid or has expired. Look at the screen and type the code that is shown now.',
  'too-late': () => 'Your code was on its way for too long and does not count. Please type the code that is shown now.',
  'slow-down': ({ seconds }) => `That were too many wrong codes. Wait ${seconds} s, then type the code that is shown.`,
  'not-in-voice': ({ channel }) => `For this session you must be in ${channel === '' ? 'the voice channel' : channel}. Join it, then type the code again.`,
  'code-unavailable': () => 'The codes of this session cannot be checked right now. Please tell staff; whoever runs this bot finds the reason in its log.',
  'needs-voice-channel': () => 'Voice presence needs a channel. Choose one with `/attendance setup voice_channel:`.',
  'unknown-time-zone': () => 'This time zone is not known. Use an IANA name such as `Europe/Berlin` or `America/New_York`.',
  'student-taken': () => 'This student id is registered by another account. If it is yours, ask staff.',
  'too-many-students': () => 'No more students can be registered here. Ask whoever runs this bot.',
  'wrong-secret': () => 'The secret is not that of this server.',
  'unknown-student': () => 'No student is known by that. Use the student id, the Discord id or the exact name, or choose one of the suggestions.',
  'unknown-session': () => 'There is no session with this id. `/export_csv` lists them; without `session_id` the newest of the day is taken.',
  'bad-date': () => 'The date is not a day as YYYY-MM-DD, for example 2026-11-20.',
  'no-record': () => 'No record was found. Look at `/attendance report` or `/export_csv` for what there is.',
  'too-many-entries': () => 'This session holds as many entries as are possible. Please tell staff.',
}

export const attendanceEnglish = {
  refusals,
  statuses,
  dateOrSessionNeeded: 'Say which day or which session: the option `date` or `session_id`.',
  ambiguousStudent: (text: string, count: number) => `"${text}" means ${count} students. Use the student id, or choose one of the suggestions.`,
  studentIdNeeded: 'Say your student id: 1 to 64 characters.',

  registered: (studentId: string) => `Registered: your student id is \`${studentId}\`.`,
  updated: (studentId: string) => `Updated: your student id is now \`${studentId}\`.`,

  recorded: 'Recorded: you are present.',
  recordedLate: 'Recorded: you are marked late.',
  alreadyRecorded: (status: AttendanceStatus) => `Already recorded: your entry stands as ${statuses[status]}, with the time of this submission.`,
  recordedOutsideVoice: (channel: string) => ` You were not in ${channel}; that is noted.`,

  openTitle: 'Attendance is open',
  nextCode: (when: string) => `Next code ${when}`,
  entries: (count: number) => `${count} ${count === 1 ? 'entry' : 'entries'} so far`,
  lateFrom: (when: string) => `Late from ${when} on.`,
  closesAt: (when: string) => `Closes by itself ${when}.`,
  noticeFailed: (channel: string, reason: string) => `⚠ The announcement in <#${channel}> could not be posted: ${reason}`,
  sessionFooter: (sessionId: string) => `Session ${sessionId}`,
  noticeTitle: 'Attendance is open',
  noticeText: 'Type `/here` with the code on the screen.',
  noticeVoice: (channel: string) => `You must be in <#${channel}>.`,
  closedTitle: 'Attendance is closed',
  closedText: (when: string) => `Closed at ${when}.`,
  totals: (entries: number, late: number) => `${entries} ${entries === 1 ? 'entry' : 'entries'}${late === 0 ? '' : `, ${late} of them late`}.`,

  opened: (sessionId: string, seconds: number) => `Session \`${sessionId}\` is open. The code appears here and changes every ${seconds} s.`,
  openedStretched: (wanted: number) => ` It is set to ${wanted} s; so many classes are open at the moment that Discord does not allow more edits.`,
  cannotPost: 'Muster may not post here. Give it "View Channel", "Send Messages" and "Embed Links" in this channel, then open the session again.',
  closed: (sessionId: string) => `Session \`${sessionId}\` is closed.`,
  closedHint: (sessionId: string) => `Get the list with \`/export_csv session_id:${sessionId}\`.`,

  statusSet: (who: string, status: AttendanceStatus, sessionId: string) => `${who} is ${statuses[status]} in session \`${sessionId}\`.`,
  statusWas: (previous: AttendanceStatus) => ` Before: ${statuses[previous]}.`,
  statusNew: ' There was no record before.',
  statusSame: ' Nothing was changed: it stood so already.',
  removed: (who: string, sessions: string, from: AttendanceStatus) => `The record of ${who} in ${sessions} is removed. It was ${statuses[from]}; its signed receipt now says that it was removed.`,

  exported: (rows: number) => `${rows} ${rows === 1 ? 'record' : 'records'}.`,
  exportedPacked: ' The file is packed (gzip), because it is larger than Discord takes.',
  exportOpen: (sessionId: string) => ` Session \`${sessionId}\` is still open and not in it.`,
  exportOnlyOpen: (sessionId: string) => `Session \`${sessionId}\` is still open: its list is there after \`/close_attendance\`.`,
  exportOnlyWriting: (sessionId: string) => `Session \`${sessionId}\` is just being written. Ask again in a few seconds.`,
  exportWriting: (sessionId: string) => ` Session \`${sessionId}\` is just being written and not in it yet. Ask again in a few seconds.`,
  exportHead: (sequence: number, hash: string) => `\nChain head: record ${sequence}, \`${hash}\``,
  exportEmpty: 'There are no records yet. Close a session first.',
  exportTooLarge: 'Even packed, the export is larger than Discord takes. Export one session at a time: `/export_csv session_id:`.',

  setupTitle: 'Attendance settings',
  setupAsk: 'Choose the two channels below to begin: one for staff, where the code is shown, and one where members type it.',
  setupChanged: 'The settings are changed.',
  setup: {
    adminChannel: 'Admin channel',
    attendanceChannel: 'Attendance channel',
    staff: 'Staff',
    manageServer: '"Manage Server"',
    interval: 'A new code every',
    codeLength: 'Code length',
    alphabet: 'Alphabet',
    grace: 'Previous codes that still count',
    lateAfter: 'Late after',
    autoClose: 'Closes by itself after',
    voicePresence: 'Presence in voice',
    timeZone: 'Time zone',
    students: 'Registered students',
  },
  notSet: 'not set',
  off: 'off',
  chooseAdmin: 'Admin channel: here staff sees the code',
  chooseAttendance: 'Attendance channel: here members type it',
  secondsLong: (seconds: number) => `${seconds} s`,
  minutesLong: (minutes: number) => `${minutes} min`,
  alphabets,
  presences,
  presenceIn: (presence: VoicePresence, channel: string) => `${presences[presence]}${channel === '' ? '' : ` (${channel})`}`,

  reportTitle: (from: string, to: string, sessions: number) => `Attendance ${from} to ${to}: ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`,
  reportNobody: 'Nobody is known yet: no student is registered and nobody is in a record of these days.',
  reportMore: (count: number) => `… and ${count} more in the file.`,
  reportColumns: { student: 'Student', present: 'present', late: 'late', excused: 'excused', absent: 'absent', percentage: '%' },
  reportBackwards: 'The first day lies after the last one. Swap `from` and `to`.',
}
