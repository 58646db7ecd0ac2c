/**
 * `/admin public-key`, `verify-session`, `verify-period`: what anybody can check, asked from within Discord.
 */
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import { isUuid } from '../../kernel/uuid.ts'
import type { RecordsDesk, RecordVerdict } from '../records/records-desk.ts'
import { generateFirst } from '../signing/signing-texts.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { MessageAnswer } from './slash-command.ts'

const subcommand = ApplicationCommandOptionType.Subcommand as const

const publicKey: AdminSubcommand = {
  definition: { type: subcommand, name: 'public-key', description: 'Shows the public half of the key that signs this server’s records' },
  async answer({ guildId, records }) {
    const key = await records.publicKey(guildId)
    if (key === null) return ephemeral(generateFirst)
    const older = key.olderKeys === 0 ? '' : `\nKeys before it: ${key.olderKeys}, still good for what they signed.`
    return ephemeral(
      `Key \`${key.keyId}\`, signing from record ${key.firstSequence} on.${older}\nBase64: \`${key.base64}\`\n` +
        `SHA-256 of the key file: \`${key.fingerprint}\`\n\`\`\`\n${key.pem}\`\`\`\nAll keys of this server: ${records.publicUrl}/keys/${guildId}`,
    )
  },
}

const verifySession: AdminSubcommand = {
  definition: {
    type: subcommand,
    name: 'verify-session',
    description: 'Checks the record of one voice session',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'session-id',
        description: 'The id of the session, as its link has it',
        required: true,
        min_length: 36,
        max_length: 36,
      },
    ],
  },
  async answer({ interaction, guildId, records }) {
    const sessionId = (readOptions(interaction).text('session-id') ?? '').toLowerCase()
    if (!isUuid(sessionId)) return ephemeral('A session id has 36 characters, like `0190b3f4-5c1e-7a2b-8d3e-4f5061728394`. Copy it from the link of the record.')
    return present(records, guildId, await records.judge(sessionId, ['voice-session']), 'No session has this id. Copy it from the link of the record.')
  },
}

const verifyPeriod: AdminSubcommand = {
  definition: {
    type: subcommand,
    name: 'verify-period',
    description: 'Checks the record of a finished period',
    options: [
      { type: ApplicationCommandOptionType.Integer, name: 'period', description: 'Number of the period, from 1', required: true, min_value: 1 },
    ],
  },
  async answer({ interaction, guildId, records }) {
    const index = readOptions(interaction).integer('period') ?? 0
    if (index < 1) return ephemeral('Periods are numbered from 1.')
    const none = `There is no signed record of period ${index}. A period is signed when it ends; a period that is running has no record yet.`
    return present(records, guildId, await records.judgePeriod(guildId, index), none)
  },
}

function present(records: RecordsDesk, guildId: string, judged: RecordVerdict, unknown: string): MessageAnswer {
  if (judged.kind === 'unknown') return ephemeral(unknown)
  if (judged.kind === 'waiting') {
    return ephemeral('This record is not signed yet: signing was locked when it was finished. It is signed, in order, after `/admin unlock-signing`.')
  }
  const { verdict, recordId, sequence } = judged
  const elsewhere = judged.guildId === guildId ? '' : ` It belongs to another server (\`${judged.guildId}\`).`
  const link = `\nSee for yourself: ${records.publicUrl}/v/${recordId}`
  if (!verdict.valid) return ephemeral(`**Not valid**: ${verdict.reason}.${elsewhere}${link}`)
  const current = verdict.current ? '' : ' A later record amends it: what it says is no longer how things stand.'
  return ephemeral(`**Valid**: record ${sequence} was made under the server’s key and was not changed.${current}${elsewhere}${link}`)
}

export const recordSubcommands: readonly AdminSubcommand[] = [publicKey, verifySession, verifyPeriod]
