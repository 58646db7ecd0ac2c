/**
 * `/admin fairness`: when time does not count. Without options it shows the rules in force.
 */
import type { APIApplicationCommandBasicOption } from 'discord-api-types/v10'
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import type { FairnessRules, VoiceSettings } from '../../actors/protocol/voice-settings.ts'
import { wordsOf } from '../texts/command-words.ts'
import type { Texts } from '../texts/texts.ts'
import { changeAndShow, showSettings, wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { readOptions } from './options.ts'

type Rule = keyof Texts['fairnessRules']

const optionOf = {
  selfMute: 'self-mute',
  serverMute: 'server-mute',
  selfDeaf: 'self-deaf',
  serverDeaf: 'server-deaf',
  alone: 'alone',
  afk: 'afk',
} as const satisfies Record<Rule, string>

const ruleNames = Object.keys(optionOf) as Rule[]

export const fairnessSubcommand: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.fairness'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      ...ruleNames.map((rule): APIApplicationCommandBasicOption => ({
        ...wordsOf(`admin.fairness.${optionOf[rule]}`),
        type: ApplicationCommandOptionType.Boolean,
      })),
      { ...wordsOf('admin.fairness.minimum-seconds'), type: ApplicationCommandOptionType.Integer, min_value: 0, max_value: 3600 },
      { ...wordsOf('admin.fairness.minimum-members'), type: ApplicationCommandOptionType.Integer, min_value: 1, max_value: 25 },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const rules = readRules(readOptions(context.interaction))
    if (Object.keys(rules).length === 0) return await showSettings(context, (settings) => describeFairness(texts, settings))
    const answer = await changeAndShow(
      context,
      { feature: 'voice-attendance', kind: 'set-fairness', rules, byUserId: context.byUserId },
      (settings, changed) => `${changed ? texts.fairnessChanged(settings.rulesVersion) : texts.unchanged}\n${describeFairness(texts, settings)}`,
    )
    // Who is in voice, and which channel is the AFK channel, may matter from now on.
    context.process.reconcile(context.guildId)
    return answer
  },
}

function readRules(options: ReturnType<typeof readOptions>): Partial<FairnessRules> {
  const rules: Record<string, boolean | number> = {}
  for (const rule of ruleNames) {
    const on = options.boolean(optionOf[rule])
    if (on !== null) rules[rule] = on
  }
  const seconds = options.integer('minimum-seconds')
  const members = options.integer('minimum-members')
  if (seconds !== null) rules['minimumSeconds'] = Math.min(3600, Math.max(0, seconds))
  if (members !== null) rules['minimumMembers'] = Math.min(25, Math.max(1, members))
  return rules
}

function describeFairness(texts: Texts, { fairness, rulesVersion }: VoiceSettings): string {
  const on = ruleNames.filter((rule) => fairness[rule]).map((rule) => texts.fairnessRules[rule])
  return [
    `**${texts.fairnessTitle(rulesVersion)}**`,
    `${texts.pausedWhile}: ${on.length === 0 ? texts.nothingPauses : on.join(', ')}.`,
    texts.minimumMembers(fairness.minimumMembers),
    texts.minimumSeconds(fairness.minimumSeconds),
  ].join('\n')
}
