/**
 * Secrets of a guild that are not keys: what codes on a screen are derived from. Drawn by the operating system, kept as
 * rows under the key-encryption key (sealed-text.ts), bound to guild and id; the journal knows the id alone.
 */
import { createHmac } from 'node:crypto'
import { assert } from '../../kernel/assert.ts'
import type { SecretHmac } from '../protocol/behaviour.ts'
import type { KeyEncryptionKeys } from './cluster-key.ts'
import { openText, sealText } from './sealed-text.ts'
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
  const plain = random(secretLength)
  const sealed = sealText({ plain, associated: contextOf(guildId, secretId), random }, keks)
  const secret = createSecretBytes(plain, secretLength)
  plain.fill(0)
  return { secret, sealed }
}

export function openGuildSecrets(rows: readonly SealedSecret[], keks: KeyEncryptionKeys): GuildSecrets {
  if (rows.length === 0) return noSecrets
  const opened = rows.map((row) => [row.secretId, tryOpen(row, keks)] as const)
  return new Map(opened.filter((pair): pair is readonly [string, SecretBytes] => pair[1] !== null))
}

/** null: sealed under a key that is not configured here, changed, or another guild's. */
function tryOpen({ guildId, secretId, sealed }: SealedSecret, keks: KeyEncryptionKeys): SecretBytes | null {
  const opened = openText(sealed, contextOf(guildId, secretId), keks)
  return 'plain' in opened && opened.plain.length === secretLength ? createSecretBytes(opened.plain, secretLength) : null
}

export function hmacOf(secrets: GuildSecrets): SecretHmac {
  return {
    knows: (secretId) => secrets.has(secretId),
    of(secretId, message) {
      const secret = secrets.get(secretId)
      assert(secret !== undefined, 'an HMAC is asked for under a secret that is known')
      return digestOf(secret, message)
    },
  }
}

/** Codes of the present and of the step before it, with the neighbours that odd steps look at. */
const digestsKeptMax = 16
/** A class of thousands asks for the same three digests with every code that is typed; they go with their secret. */
const keptDigests = new WeakMap<SecretBytes, Map<string, Uint8Array>>()

function digestOf(secret: SecretBytes, message: Uint8Array): Uint8Array {
  const kept = keptDigests.get(secret) ?? new Map<string, Uint8Array>()
  const name = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('latin1')
  const known = kept.get(name)
  if (known !== undefined) return known
  const digest = new Uint8Array(createHmac('sha256', secret.reveal()).update(message).digest())
  const oldest = kept.keys().next()
  if (kept.size >= digestsKeptMax && oldest.done !== true) kept.delete(oldest.value)
  keptDigests.set(secret, kept.set(name, digest))
  return digest
}

const contextOf = (guildId: string, secretId: string): Uint8Array => Buffer.from(`muster/guild-secret/1\n${guildId}\n${secretId}`)
