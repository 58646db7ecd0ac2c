/**
 * `/admin periods`: how long a period is and when it ends. Without options it shows the schedule with the next boundary.
 */
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import type { PeriodSchedule, VoiceSettings } from '../../actors/protocol/voice-settings.ts'
import { periodAnchors, periodIntervals, weekStarts } from '../../actors/protocol/voice-settings.ts'
import { choiceOf, wordsOf } from '../texts/command-words.ts'
import { formatInstant } from '../texts/duration.ts'
import { english } from '../texts/english.ts'
import { german } from '../texts/german.ts'
import type { Texts } from '../texts/texts.ts'
import { askVoice, changeAndShow, showSettings, wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { readOptions } from './options.ts'
import type { CommandContext } from './slash-command.ts'

const text = ApplicationCommandOptionType.String as const

export const periodsSubcommand: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.periods'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      {
        ...wordsOf('admin.periods.interval'),
        type: text,
        choices: periodIntervals.map((one) => choiceOf(one, { english: english.intervals[one], german: german.intervals[one] })),
      },
      {
        ...wordsOf('admin.periods.anchor'),
        type: text,
        choices: periodAnchors.map((one) => choiceOf(one, { english: english.anchors[one], german: german.anchors[one] })),
      },
      { ...wordsOf('admin.periods.time-zone'), type: text, max_length: 64 },
      {
        ...wordsOf('admin.periods.week-start'),
        type: text,
        choices: weekStarts.map((one) => choiceOf(one, { english: english.weekStarts[one], german: german.weekStarts[one] })),
      },
      { ...wordsOf('admin.periods.public-board'), type: ApplicationCommandOptionType.Boolean },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const options = readOptions(context.interaction)
    const isPublic = options.boolean('public-board')
    if (isPublic !== null) {
      const set = await askVoice(context, {
        command: { feature: 'voice-attendance', kind: 'set-public-boards', on: isPublic, byUserId: context.byUserId },
        wanted: 'setting-set',
        step: 'public',
      })
      if ('refusal' in set) return set.refusal
    }
    const changes = readChanges(context)
    if (Object.keys(changes).length === 0) return await showSettings(context, (settings) => describePeriods(texts, settings))
    return await changeAndShow(
      context,
      { feature: 'voice-attendance', kind: 'set-schedule', changes, byUserId: context.byUserId },
      (settings, changed) => `${changed ? '' : `${texts.unchanged}\n`}${describePeriods(texts, settings)}`,
    )
  },
}

function readChanges({ interaction }: CommandContext): Partial<Omit<PeriodSchedule, 'anchorAt'>> {
  const options = readOptions(interaction)
  const interval = periodIntervals.find((one) => one === options.text('interval'))
  const anchor = periodAnchors.find((one) => one === options.text('anchor'))
  const weekStart = weekStarts.find((one) => one === options.text('week-start'))
  const timeZone = options.text('time-zone')?.trim()
  return {
    ...(interval === undefined ? {} : { interval }),
    ...(anchor === undefined ? {} : { anchor }),
    ...(weekStart === undefined ? {} : { weekStart }),
    ...(timeZone === undefined ? {} : { timeZone }),
  }
}

function describePeriods(texts: Texts, { schedule, period, nextBoundaryAt, publicBoards }: VoiceSettings): string {
  return [
    `**${texts.scheduleTitle}**: ${texts.schedule(schedule)}`,
    period === null ? texts.periodNone : texts.periodRunning(period.index, formatInstant(period.startedAt)),
    texts.nextBoundary(`${formatInstant(nextBoundaryAt)} (${formatInstant(nextBoundaryAt, 'R')})`),
    texts.publicBoards(publicBoards),
  ].join('\n')
}
