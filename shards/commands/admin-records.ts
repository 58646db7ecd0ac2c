/**
 * `/admin public-key`, `verify-session`, `verify-period`: what anybody can check, asked from within Discord.
 */
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import { isUuid } from '../../kernel/uuid.ts'
import type { RecordsDesk, RecordVerdict } from '../records/records-desk.ts'
import { wordsOf } from '../texts/command-words.ts'
import { formatInstant } from '../texts/duration.ts'
import type { Texts } from '../texts/texts.ts'
import { wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { MessageAnswer } from './slash-command.ts'

const subcommand = ApplicationCommandOptionType.Subcommand as const

const publicKey: AdminSubcommand = {
  definition: { ...wordsOf('admin.public-key'), type: subcommand },
  async answer(context) {
    const { guildId, records } = context
    const { records: words, signing } = wordsFor(context)
    const key = await records.publicKey(guildId)
    if (key === null) return ephemeral(signing.generateFirst)
    const made = key.createdAt === null ? '' : ` ${words.keyMadeAt(formatInstant(key.createdAt.getTime()))}`
    const older = key.olderKeys === 0 ? '' : `\n${words.olderKeys(key.olderKeys)}`
    return ephemeral(
      `${words.key(key.keyId, key.firstSequence)}${made}${older}\nBase64: \`${key.base64}\`\n` +
        `${words.keyFingerprint}: \`${key.fingerprint}\`\n\`\`\`\n${key.pem}\`\`\`\n${words.allKeys(`${records.publicUrl}/keys/${guildId}`)}`,
    )
  },
}

const verifySession: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.verify-session'),
    type: subcommand,
    options: [
      {
        ...wordsOf('admin.verify-session.session-id'),
        type: ApplicationCommandOptionType.String,
        required: true,
        min_length: 36,
        max_length: 36,
      },
    ],
  },
  async answer(context) {
    const { interaction, guildId, records } = context
    const { records: words } = wordsFor(context)
    const sessionId = (readOptions(interaction).text('session-id') ?? '').toLowerCase()
    if (!isUuid(sessionId)) return ephemeral(words.notASessionId)
    return present(words, { records, guildId }, { judged: await records.judge(sessionId, ['voice-session']), unknown: words.noSession })
  },
}

const verifyPeriod: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.verify-period'),
    type: subcommand,
    options: [{ ...wordsOf('admin.verify-period.period'), type: ApplicationCommandOptionType.Integer, required: true, min_value: 1 }],
  },
  async answer(context) {
    const { interaction, guildId, records } = context
    const { records: words } = wordsFor(context)
    const index = readOptions(interaction).integer('period') ?? 0
    if (index < 1) return ephemeral(words.notAPeriod)
    return present(words, { records, guildId }, { judged: await records.judgePeriod(guildId, index), unknown: words.noPeriod(index) })
  },
}

function present(
  words: Texts['records'],
  { records, guildId }: { readonly records: RecordsDesk; readonly guildId: string },
  { judged, unknown }: { readonly judged: RecordVerdict; readonly unknown: string },
): MessageAnswer {
  if (judged.kind === 'unknown') return ephemeral(unknown)
  if (judged.kind === 'waiting') return ephemeral(words.waiting)
  const { verdict, recordId, sequence } = judged
  const elsewhere = judged.guildId === guildId ? '' : words.elsewhere(judged.guildId)
  const link = `\n${words.see(`${records.publicUrl}/v/${recordId}`)}`
  if (!verdict.valid) return ephemeral(`${words.notValid(verdict.reason)}${elsewhere}${link}`)
  return ephemeral(`${words.valid(sequence)}${verdict.current ? '' : words.amended}${elsewhere}${link}`)
}

export const recordSubcommands: readonly AdminSubcommand[] = [publicKey, verifySession, verifyPeriod]
