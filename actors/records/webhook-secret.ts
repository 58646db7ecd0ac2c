/**
 * The secret of a guild's outbound webhook, as it is journaled: sealed with AES-256-GCM under the key-encryption key and
 * bound to its guild, so that a sealed secret copied to another guild does not open.
 *
 * Sealed and not a key id: the secret is needed again by whichever process owns the guild at a delivery, days later. A key
 * id would need a store of its own, with a life of its own beside the journal; sealed, it is replayed, snapshotted and
 * handed over like every setting, and whoever reads the database without the KEK has nothing. A new first KEK seals what
 * is set from then on; the older ones open what was set before, as they do for signing keys.
 *
 *   text = kek id "." base64url(nonce 12 | ciphertext | tag 16)
 */
import { AppError, coerceError } from '../../kernel/errors.ts'
import { decrypt, encrypt, nonceLength, tagLength } from './aes-gcm.ts'
import type { KeyEncryptionKeys } from './cluster-key.ts'

export function sealWebhookSecret(input: {
  readonly guildId: string
  readonly secret: string
  readonly keks: KeyEncryptionKeys
  random(length: number): Uint8Array
}): string {
  const [kek] = input.keks
  const nonce = input.random(nonceLength)
  const plain = Buffer.from(input.secret, 'utf8')
  const { ciphertext, tag } = encrypt({ key: kek.key.reveal(), nonce, plain, associated: contextOf(input.guildId) })
  return `${kek.kekId}.${Buffer.concat([nonce, ciphertext, tag]).toString('base64url')}`
}

/** Throws `key-unusable`. */
export function openWebhookSecret(guildId: string, sealed: string, keks: KeyEncryptionKeys): string {
  const [kekId = '', text = ''] = sealed.split('.')
  const kek = keks.find((candidate) => candidate.kekId === kekId)
  if (kek === undefined) throw unusable(guildId, `the key-encryption key ${kekId.slice(0, 16)} is not configured`)
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < nonceLength + tagLength) throw unusable(guildId, 'it is not in a known form')
  try {
    const opened = decrypt({
      key: kek.key.reveal(),
      nonce: bytes.subarray(0, nonceLength),
      ciphertext: bytes.subarray(nonceLength, bytes.length - tagLength),
      tag: bytes.subarray(bytes.length - tagLength),
      associated: contextOf(guildId),
    })
    return Buffer.from(opened).toString('utf8')
  } catch (thrown) {
    throw unusable(guildId, 'it was changed, or belongs to another guild', coerceError(thrown))
  }
}

function unusable(guildId: string, why: string, cause?: Error): AppError {
  return new AppError('key-unusable', `the webhook secret of guild ${guildId} does not open: ${why}`, { cause, context: { guildId } })
}

const contextOf = (guildId: string): Uint8Array => Buffer.from(`muster/webhook-secret/1\n${guildId}`)
