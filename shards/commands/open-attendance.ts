/**
 * `/open_attendance`: a class begins. What would keep the code from being posted is told before anything is opened.
 */
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionContextType, PermissionFlagsBits } from 'discord-api-types/v10'
import type { OpenSession } from '../../actors/protocol/attendance.ts'
import { sessionMinutesMax } from '../../actors/protocol/attendance-settings.ts'
import { snowflakeTimeMs } from '../../kernel/ids.ts'
import { askAttendance, readAsStaff, wordsFor } from '../attendance/ask-attendance.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { CommandContext, SlashCommand } from './slash-command.ts'

const minutes = { type: ApplicationCommandOptionType.Integer, min_value: 0, max_value: sessionMinutesMax } as const
const neededToPost = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.SendMessages | PermissionFlagsBits.EmbedLinks

export const openAttendance: SlashCommand = {
  definition: {
    ...attendanceWordsOf('open_attendance'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    options: [
      { ...attendanceWordsOf('open_attendance.late_after'), ...minutes },
      { ...attendanceWordsOf('open_attendance.auto_close'), ...minutes },
    ],
  },
  async answer(context) {
    const { attendance: texts } = wordsFor(context)
    const read = await readAsStaff(context)
    if ('refusal' in read) return read.refusal
    if (!mayPost(context)) return ephemeral(texts.cannotPost)
    const { attendance, interaction, receivedAt } = context
    const openedAt = snowflakeTimeMs(interaction.id)
    const asked = await attendance.plan({ intervalMs: read.reply.settings.intervalSeconds * 1000, openedAt }, (plan) =>
      askAttendance(context, {
        command: {
          feature: 'code-attendance',
          kind: 'open-session',
          asker: read.asker,
          byUserId: context.byUserId,
          openedAt,
          clockOffsetMs: attendance.discordTime.offsetMs(receivedAt - openedAt),
          ...readMinutes(context),
          ...plan,
        },
        wanted: 'code-session-opened',
      }),
    )
    if ('refusal' in asked) return asked.refusal
    const { sessionId, intervalMs, wantedIntervalMs } = asked.reply.session
    const stretched = wantedIntervalMs === null ? '' : texts.openedStretched(Math.round(wantedIntervalMs / 1000))
    return ephemeral(`${texts.opened(sessionId, Math.round(intervalMs / 1000))}${stretched}`)
  },
}

/** The channel it was typed in is the admin channel: that was asked before. */
function mayPost({ interaction }: CommandContext): boolean {
  const has = BigInt(interaction.app_permissions)
  return (has & PermissionFlagsBits.Administrator) !== 0n || (has & neededToPost) === neededToPost
}

/** 0 is "never", for this session; without an option it is as set. */
function readMinutes({ interaction }: CommandContext): Pick<OpenSession, 'lateAfterMinutes' | 'autoCloseMinutes'> {
  const options = readOptions(interaction)
  const lateAfter = options.integer('late_after')
  const autoClose = options.integer('auto_close')
  return {
    ...(lateAfter === null ? {} : { lateAfterMinutes: lateAfter === 0 ? null : lateAfter }),
    ...(autoClose === null ? {} : { autoCloseMinutes: autoClose === 0 ? null : autoClose }),
  }
}
