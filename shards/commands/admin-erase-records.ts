/**
 * `/admin erase-records`: asks whether the records of a member, or one record, shall be erased; the button does it
 * (../components/erase-records.ts).
 */
import { ApplicationCommandOptionType, ButtonStyle, ComponentType } from 'discord-api-types/v10'
import { isSnowflake } from '../../kernel/ids.ts'
import { isUuid } from '../../kernel/uuid.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import { wordsOf } from '../texts/command-words.ts'
import { wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { MessageAnswer } from './slash-command.ts'

export const eraseRecordsFeature = 'erase'

export const eraseRecordsSubcommand: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.erase-records'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      { ...wordsOf('admin.erase-records.member'), type: ApplicationCommandOptionType.User },
      { ...wordsOf('admin.erase-records.record-id'), type: ApplicationCommandOptionType.String, min_length: 36, max_length: 36 },
    ],
  },
  answer(context): MessageAnswer {
    const texts = wordsFor(context)
    const { erasure: words } = texts
    const options = readOptions(context.interaction)
    const member = options.text('member')
    const recordId = options.text('record-id')?.toLowerCase() ?? null
    if ((member === null) === (recordId === null)) return ephemeral(words.oneOfTwo)
    if (recordId !== null && !isUuid(recordId)) return ephemeral(words.notARecordId)
    if (member !== null && !isSnowflake(member)) return ephemeral(words.oneOfTwo)
    const { guildId } = context
    const wanted = member === null ? { action: 'record', args: [recordId ?? ''] } : { action: 'member', args: [member] }
    const what = member === null ? words.oneRecord(recordId ?? '') : words.ofMember(`<@${member}>`)
    const button = (style: ButtonStyle.Danger | ButtonStyle.Secondary, label: string, id: { action: string; args?: string[] }) =>
      ({ type: ComponentType.Button, style, label, custom_id: formatCustomId({ feature: eraseRecordsFeature, guildId, ...id }) }) as const
    return {
      ...ephemeral(words.question(what)),
      components: [
        {
          type: ComponentType.ActionRow,
          components: [button(ButtonStyle.Danger, words.confirm, wanted), button(ButtonStyle.Secondary, texts.cancel, { action: 'cancel' })],
        },
      ],
    }
  },
}
