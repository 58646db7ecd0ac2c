/**
 * Secrets of a guild that are not keys: what codes on a screen are derived from. Drawn by the operating system, kept as
 * rows under AES-256-GCM and the key-encryption key, bound to guild and id; the journal knows the id alone.
 *
 *   text = kek id "." base64url(nonce 12 | ciphertext 32 | tag 16)
 */
import { createHmac } from 'node:crypto'
import { assert } from '../../kernel/assert.ts'
import type { SecretHmac } from '../protocol/behaviour.ts'
import { decrypt, encrypt, nonceLength, tagLength } from './aes-gcm.ts'
import type { KeyEncryptionKeys } from './cluster-key.ts'
import { createSecretBytes } from './secret.ts'
import type { SecretBytes } from './secret.ts'

export const secretLength = 32

/** By id. */
export type GuildSecrets = ReadonlyMap<string, SecretBytes>
/** One for all guilds that have none, which is most of them most of the time. */
export const noSecrets: GuildSecrets = new Map()

export interface SealedSecret {
  readonly guildId: string
  readonly secretId: string
  readonly sealed: string
}

export interface MakeSecretInput {
  readonly guildId: string
  readonly secretId: string
  random(length: number): Uint8Array
}

export interface MadeSecret {
  readonly secret: SecretBytes
  readonly sealed: string
}

export function makeGuildSecret({ guildId, secretId, random }: MakeSecretInput, keks: KeyEncryptionKeys): MadeSecret {
  const [kek] = keks
  const plain = random(secretLength)
  const nonce = random(nonceLength)
  const { ciphertext, tag } = encrypt({ key: kek.key.reveal(), nonce, plain, associated: contextOf(guildId, secretId) })
  const secret = createSecretBytes(plain, secretLength)
  plain.fill(0)
  return { secret, sealed: `${kek.kekId}.${Buffer.concat([nonce, ciphertext, tag]).toString('base64url')}` }
}

export function openGuildSecrets(rows: readonly SealedSecret[], keks: KeyEncryptionKeys): GuildSecrets {
  if (rows.length === 0) return noSecrets
  const opened = rows.map((row) => [row.secretId, tryOpen(row, keks)] as const)
  return new Map(opened.filter((pair): pair is readonly [string, SecretBytes] => pair[1] !== null))
}

/** null: sealed under a key that is not configured here, changed, or another guild's. */
function tryOpen({ guildId, secretId, sealed }: SealedSecret, keks: KeyEncryptionKeys): SecretBytes | null {
  const [kekId = '', text = ''] = sealed.split('.')
  const kek = keks.find((candidate) => candidate.kekId === kekId)
  const bytes = Buffer.from(text, 'base64url')
  if (kek === undefined || bytes.length !== nonceLength + secretLength + tagLength) return null
  try {
    const plain = decrypt({
      key: kek.key.reveal(),
      nonce: bytes.subarray(0, nonceLength),
      ciphertext: bytes.subarray(nonceLength, bytes.length - tagLength),
      tag: bytes.subarray(bytes.length - tagLength),
      associated: contextOf(guildId, secretId),
    })
    return createSecretBytes(plain, secretLength)
  } catch {
    return null
  }
}

export function hmacOf(secrets: GuildSecrets): SecretHmac {
  return {
    knows: (secretId) => secrets.has(secretId),
    of(secretId, message) {
      const secret = secrets.get(secretId)
      assert(secret !== undefined, 'an HMAC is asked for under a secret that is known')
      return new Uint8Array(createHmac('sha256', secret.reveal()).update(message).digest())
    },
  }
}

const contextOf = (guildId: string, secretId: string): Uint8Array => Buffer.from(`muster/guild-secret/1\n${guildId}\n${secretId}`)
