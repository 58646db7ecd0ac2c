/**
 * `/attendance setup`: shows or changes the settings. While the two channels are not chosen it asks for them with menus.
 */
import { ApplicationCommandOptionType, ChannelType } from 'discord-api-types/v10'
import type { AttendanceSettings } from '../../actors/protocol/attendance-settings.ts'
import { codeAlphabets, codeLengthBounds, intervalSecondsBounds, sessionMinutesMax, voicePresences } from '../../actors/protocol/attendance-settings.ts'
import { channelId, isSnowflake, roleId } from '../../kernel/ids.ts'
import { truncateText, wellFormedText } from '../../kernel/text.ts'
import { askAttendance, staffAskerOf } from '../attendance/ask-attendance.ts'
import { showSetup } from '../attendance/setup-message.ts'
import { english } from '../texts/english.ts'
import { german } from '../texts/german.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { choiceOf } from '../texts/command-words.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { readOptions } from './options.ts'
import type { CommandContext } from './slash-command.ts'

const { Channel, Integer, Role, String: text, Subcommand } = ApplicationCommandOptionType
const textChannels = [ChannelType.GuildText] as const
const minutes = { type: Integer, min_value: 0, max_value: sessionMinutesMax } as const

export const setupSubcommand: AdminSubcommand = {
  definition: {
    ...attendanceWordsOf('attendance.setup'),
    type: Subcommand,
    options: [
      { ...attendanceWordsOf('attendance.setup.admin_channel'), type: Channel, channel_types: [...textChannels] },
      { ...attendanceWordsOf('attendance.setup.attendance_channel'), type: Channel, channel_types: [...textChannels] },
      { ...attendanceWordsOf('attendance.setup.staff_role'), type: Role },
      { ...attendanceWordsOf('attendance.setup.rotation_interval'), type: Integer, min_value: intervalSecondsBounds.min, max_value: intervalSecondsBounds.max },
      { ...attendanceWordsOf('attendance.setup.code_length'), type: Integer, min_value: codeLengthBounds.min, max_value: codeLengthBounds.max },
      {
        ...attendanceWordsOf('attendance.setup.alphabet'),
        type: text,
        choices: codeAlphabets.map((one) => choiceOf(one, { english: english.attendance.alphabets[one], german: german.attendance.alphabets[one] })),
      },
      { ...attendanceWordsOf('attendance.setup.grace'), type: Integer, min_value: 0, max_value: 1 },
      { ...attendanceWordsOf('attendance.setup.late_after'), ...minutes },
      { ...attendanceWordsOf('attendance.setup.auto_close'), ...minutes },
      {
        ...attendanceWordsOf('attendance.setup.voice_presence'),
        type: text,
        choices: voicePresences.map((one) => choiceOf(one, { english: english.attendance.presences[one], german: german.attendance.presences[one] })),
      },
      {
        ...attendanceWordsOf('attendance.setup.voice_channel'),
        type: Channel,
        channel_types: [ChannelType.GuildVoice, ChannelType.GuildStageVoice],
      },
      { ...attendanceWordsOf('attendance.setup.time_zone'), type: text, max_length: 64 },
    ],
  },
  async answer(context) {
    const changes = readChanges(context)
    if (Object.keys(changes).length === 0) return await showSetup(context, null)
    const asker = await staffAskerOf(context)
    const asked = await askAttendance(context, {
      command: { feature: 'code-attendance', kind: 'set-attendance', asker, changes, byUserId: context.byUserId },
      wanted: 'attendance-settings-set',
    })
    return 'refusal' in asked ? asked.refusal : await showSetup(context, asked.reply.changed)
  },
}

function readChanges({ interaction, guildId }: CommandContext): Partial<AttendanceSettings> {
  const options = readOptions(interaction)
  const channel = (name: string) => (isSnowflake(options.text(name) ?? '') ? channelId(options.text(name) ?? '') : undefined)
  const role = isSnowflake(options.text('staff_role') ?? '') ? roleId(options.text('staff_role') ?? '') : undefined
  const minutesOf = (name: string) => (options.integer(name) === 0 ? null : (options.integer(name) ?? undefined))
  const grace = options.integer('grace')
  const wanted: { readonly [Name in keyof AttendanceSettings]: AttendanceSettings[Name] | undefined } = {
    adminChannelId: channel('admin_channel'),
    attendanceChannelId: channel('attendance_channel'),
    // @everyone is the role that everybody has: chosen, it takes the staff role away.
    staffRoleId: String(role) === String(guildId) ? null : role,
    intervalSeconds: within(options.integer('rotation_interval'), intervalSecondsBounds),
    codeLength: within(options.integer('code_length'), codeLengthBounds),
    alphabet: codeAlphabets.find((one) => one === options.text('alphabet')),
    grace: grace === 0 || grace === 1 ? grace : undefined,
    lateAfterMinutes: minutesOf('late_after'),
    autoCloseMinutes: minutesOf('auto_close'),
    voicePresence: voicePresences.find((one) => one === options.text('voice_presence')),
    voiceChannelId: channel('voice_channel'),
    timeZone: options.text('time_zone') === null ? undefined : truncateText(wellFormedText(options.text('time_zone') ?? '').trim(), 64),
  }
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
}

/** Discord keeps these bounds; what comes from elsewhere is brought into them. */
function within(value: number | null, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
  return value === null ? undefined : Math.min(Math.max(value, min), max)
}
