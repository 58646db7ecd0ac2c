/**
 * `/admin reset-now`: asks whether the running period shall be closed; the button does it (../components/reset-period.ts).
 */
import { ApplicationCommandOptionType, ButtonStyle, ComponentType } from 'discord-api-types/v10'
import { formatCustomId } from '../interactions/custom-id.ts'
import { wordsOf } from '../texts/command-words.ts'
import { askVoice, wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'

export const resetPeriodFeature = 'reset'

export const resetNowSubcommand: AdminSubcommand = {
  definition: { ...wordsOf('admin.reset-now'), type: ApplicationCommandOptionType.Subcommand },
  async answer(context) {
    const texts = wordsFor(context)
    const { guildId } = context
    const asked = await askVoice(context, { command: { feature: 'voice-attendance', kind: 'read-settings' }, wanted: 'voice-settings' })
    if ('refusal' in asked) return asked.refusal
    const { period } = asked.reply.settings
    if (period === null) return ephemeral(texts.resetNone)
    // The button names the period: a second click, or one on an old message, closes no second one.
    const args = [String(period.index)]
    return {
      ...ephemeral(texts.resetQuestion(period.index)),
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            {
              type: ComponentType.Button,
              style: ButtonStyle.Danger,
              label: texts.resetConfirm,
              custom_id: formatCustomId({ feature: resetPeriodFeature, action: 'close', guildId, args }),
            },
            {
              type: ComponentType.Button,
              style: ButtonStyle.Secondary,
              label: texts.cancel,
              custom_id: formatCustomId({ feature: resetPeriodFeature, action: 'cancel', guildId }),
            },
          ],
        },
      ],
    }
  },
}
