/**
 * The secret of a guild's outbound webhook, as it is journaled: sealed with AES-256-GCM under the key-encryption key and
 * bound to its guild, so that a sealed secret copied to another guild does not open.
 *
 * Sealed and not a key id: the secret is needed again by whichever process owns the guild at a delivery, days later. A key
 * id would need a store of its own, with a life of its own beside the journal; sealed, it is replayed, snapshotted and
 * handed over like every setting, and whoever reads the database without the KEK has nothing. A new first KEK seals what
 * is set from then on; the older ones open what was set before, as they do for signing keys.
 */
import { AppError } from '../../kernel/errors.ts'
import type { KeyEncryptionKeys } from './cluster-key.ts'
import { openText, sealText } from './sealed-text.ts'

export function sealWebhookSecret(input: {
  readonly guildId: string
  readonly secret: string
  readonly keks: KeyEncryptionKeys
  random(length: number): Uint8Array
}): string {
  const { guildId, secret, keks, random } = input
  return sealText({ plain: Buffer.from(secret, 'utf8'), associated: contextOf(guildId), random }, keks)
}

/** Throws `key-unusable`. */
export function openWebhookSecret(guildId: string, sealed: string, keks: KeyEncryptionKeys): string {
  const opened = openText(sealed, contextOf(guildId), keks)
  if ('plain' in opened) return Buffer.from(opened.plain).toString('utf8')
  switch (opened.problem) {
    case 'kek':
      throw unusable(guildId, `the key-encryption key ${opened.kekId.slice(0, 16)} is not configured`)
    case 'form':
      throw unusable(guildId, 'it is not in a known form')
    case 'changed':
      throw unusable(guildId, 'it was changed, or belongs to another guild', opened.cause)
  }
}

function unusable(guildId: string, why: string, cause?: Error): AppError {
  return new AppError('key-unusable', `the webhook secret of guild ${guildId} does not open: ${why}`, { cause, context: { guildId } })
}

const contextOf = (guildId: string): Uint8Array => Buffer.from(`muster/webhook-secret/1\n${guildId}`)
