/**
 * `/admin tracking-mode`: in which channels voice time is counted.
 */
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import { trackingModes } from '../../actors/protocol/voice-settings.ts'
import { choiceOf, wordsOf } from '../texts/command-words.ts'
import { english } from '../texts/english.ts'
import { german } from '../texts/german.ts'
import { askVoice, wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'

export const trackingModeSubcommand: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.tracking-mode'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      {
        ...wordsOf('admin.tracking-mode.mode'),
        type: ApplicationCommandOptionType.String,
        required: true,
        choices: trackingModes.map((mode) => choiceOf(mode, { english: `${mode}: ${english.modes[mode]}`, german: `${mode}: ${german.modes[mode]}` })),
      },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const text = readOptions(context.interaction).text('mode') ?? ''
    const mode = trackingModes.find((candidate) => candidate === text)
    if (mode === undefined) return ephemeral(texts.unknownMode(text, trackingModes.join(', ')))
    const asked = await askVoice(context, {
      command: { feature: 'voice-attendance', kind: 'set-tracking-mode', mode, byUserId: context.byUserId },
      wanted: 'tracking-mode-set',
    })
    if ('refusal' in asked) return asked.refusal
    // Members who are in voice already are counted from now on, not from their next move.
    context.process.reconcile(context.guildId)
    const { previous } = asked.reply
    return ephemeral(previous === mode ? texts.modeWasAlready(mode) : texts.modeSet(mode) + texts.modeWas(previous))
  },
}
