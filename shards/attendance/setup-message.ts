/**
 * The settings as a message, with menus for the channels as long as one is not chosen.
 */
import type { APIActionRowComponent, APIChannelSelectComponent } from 'discord-api-types/v10'
import { ChannelType, ComponentType, MessageFlags } from 'discord-api-types/v10'
import type { AttendanceReply } from '../../actors/protocol/attendance.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import type { Texts } from '../texts/texts.ts'
import { askAttendance, refusalText, staffAskerOf, wordsFor } from './ask-attendance.ts'
import type { Asking } from './ask-attendance.ts'

export const setupFeature = 'attendance'
const accentColor = 0x5865f2

/** `changed` null: nothing was asked to be changed. */
export async function showSetup(context: Asking, changed: boolean | null): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const asker = await staffAskerOf(context)
  const read = await askAttendance(context, { command: { feature: 'code-attendance', kind: 'read-attendance', asker }, wanted: 'attendance', step: 'show' })
  if ('refusal' in read) return read.refusal
  const { refusal } = read.reply
  // Settings may be looked at from anywhere, also before there is a channel that would be the right one.
  if (refusal?.reason === 'not-staff') return ephemeral(refusalText(texts, refusal))
  const { attendance } = texts
  const said = changed === null ? '' : changed ? attendance.setupChanged : texts.unchanged
  const menus = menusFor(texts, context.guildId, read.reply)
  return {
    content: [said, menus.length > 0 ? attendance.setupAsk : ''].filter((line) => line !== '').join('\n'),
    embeds: [{ title: attendance.setupTitle, color: accentColor, description: describe(texts, read.reply) }],
    components: menus,
    flags: MessageFlags.Ephemeral,
    allowed_mentions: { parse: [] },
  }
}

type Read = Extract<AttendanceReply, { kind: 'attendance' }>

function describe({ attendance }: Texts, { settings, students }: Read): string {
  const { setup, notSet, off, secondsLong, minutesLong } = attendance
  const channel = (id: string | null): string => (id === null ? notSet : `<#${id}>`)
  const minutes = (value: number | null): string => (value === null ? off : minutesLong(value))
  const lines: readonly (readonly [string, string])[] = [
    [setup.adminChannel, channel(settings.adminChannelId)],
    [setup.attendanceChannel, channel(settings.attendanceChannelId)],
    [setup.staff, [setup.manageServer, ...(settings.staffRoleId === null ? [] : [`<@&${settings.staffRoleId}>`])].join(', ')],
    [setup.interval, secondsLong(settings.intervalSeconds)],
    [setup.codeLength, String(settings.codeLength)],
    [setup.alphabet, attendance.alphabets[settings.alphabet]],
    [setup.grace, String(settings.grace)],
    [setup.lateAfter, minutes(settings.lateAfterMinutes)],
    [setup.autoClose, minutes(settings.autoCloseMinutes)],
    [setup.voicePresence, attendance.presenceIn(settings.voicePresence, settings.voiceChannelId === null ? '' : `<#${settings.voiceChannelId}>`)],
    [setup.timeZone, settings.timeZone],
    [setup.students, String(students)],
  ]
  return lines.map(([name, value]) => `**${name}**: ${value}`).join('\n')
}

function menusFor({ attendance }: Texts, guildId: GuildId, { settings }: Read): APIActionRowComponent<APIChannelSelectComponent>[] {
  const menu = (action: string, placeholder: string): APIActionRowComponent<APIChannelSelectComponent> => ({
    type: ComponentType.ActionRow,
    components: [
      {
        type: ComponentType.ChannelSelect,
        custom_id: formatCustomId({ feature: setupFeature, action, guildId }),
        placeholder,
        channel_types: [ChannelType.GuildText],
      },
    ],
  })
  if (settings.adminChannelId !== null && settings.attendanceChannelId !== null) return []
  return [menu('admin-channel', attendance.chooseAdmin), menu('attendance-channel', attendance.chooseAttendance)]
}
