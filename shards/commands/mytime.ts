/**
 * `/mytime`: your own time in voice this period, with links to your newest records.
 */
import { ApplicationCommandType, InteractionContextType, MessageFlags } from 'discord-api-types/v10'
import type { OwnTime } from '../../actors/protocol/voice-attendance.ts'
import { wordsOf } from '../texts/command-words.ts'
import type { Texts } from '../texts/texts.ts'
import { askVoice, wordsFor } from '../voice/ask-voice.ts'
import { accentColor } from '../voice/board-message.ts'
import { describePeriod, timeFields } from '../voice/time-fields.ts'
import type { SlashCommand } from './slash-command.ts'

export const mytime: SlashCommand = {
  definition: { ...wordsOf('mytime'), type: ApplicationCommandType.ChatInput, contexts: [InteractionContextType.Guild] },
  async answer(context) {
    const texts = wordsFor(context)
    const { byUserId, guildId, voice } = context
    const asked = await askVoice(context, { command: { feature: 'voice-attendance', kind: 'read-own-time', userId: byUserId }, wanted: 'own-time' })
    if ('refusal' in asked) return asked.refusal
    const { period, time } = asked.reply
    const records = await voice.newestRecords(guildId, byUserId)
    const links = records.map((record) => `${voice.publicUrl}/v/${record}`)
    return {
      flags: MessageFlags.Ephemeral,
      allowed_mentions: { parse: [] },
      embeds: [
        {
          title: texts.ownTimeTitle,
          color: accentColor,
          description: describePeriod(texts, period),
          fields: [
            ...timeFields(texts, time),
            { name: texts.now, value: describeNow(texts, time) },
            { name: texts.ownRecords, value: links.length === 0 ? texts.ownRecordsNone : links.join('\n') },
          ],
        },
      ],
    }
  },
}

function describeNow(texts: Texts, { now }: OwnTime): string {
  if (now === null) return texts.nowNobody
  return now === 'counting' ? texts.nowCounting : texts.nowPaused(texts.pauses[now])
}
