/**
 * What the process that was given a passphrase does with it: makes a key under it, or unlocks one.
 *
 * It ends here: what goes on to the guild's owner is public, sealed under the passphrase, or a copy sealed under the
 * cluster's key-encryption key. The derivation itself takes a third of a second and runs in a thread (shards/).
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { KeyEncryptionKeys } from './cluster-key.ts'
import { createSigner, seedLength } from './ed25519.ts'
import type { OfferedKey } from './guild-key.ts'
import { uuidOf } from './guild-key.ts'
import { equalBytes } from './hash.ts'
import { encodeHex } from './hex.ts'
import { unusable } from './key-unusable.ts'
import type { PassphraseDerivation } from './key-wrap.ts'
import { derivationCost, saltLength } from './key-wrap.ts'
import { sealByPassphrase, tryOpenByPassphrase } from './sealed-key.ts'
import type { GuildKeyRow } from './stored.ts'
import { sealUnlockedCopy } from './unlocked-copy.ts'
import type { UnlockedByPassphrase } from './unlocked-key.ts'

interface KeyMaking {
  readonly keks: KeyEncryptionKeys
  random(length: number): Uint8Array
}

/** The derivation of a new key: a salt of its own. */
export function createDerivation(random: (length: number) => Uint8Array): PassphraseDerivation {
  return { ...derivationCost, salt: random(saltLength) }
}

/** A new key under a derived passphrase, unlocked. */
export function makePassphraseKey(
  making: KeyMaking,
  { guildId, derivation, derived }: { readonly guildId: GuildId; readonly derivation: PassphraseDerivation; readonly derived: Uint8Array },
): OfferedKey {
  const { random } = making
  const keyId = uuidOf(random(16))
  const owner = { guildId, keyId }
  const seed = random(seedLength)
  const { publicKey } = createSigner(seed)
  const sealed = sealByPassphrase({ owner, seed, derivation, derived, random })
  return { keyId, publicKey, sealed, unlocked: copyOf(making, owner, seed) }
}

/** What unlocks a stored key in passphrase mode, or null when the passphrase is another one. Throws `key-unusable`. */
export function tryUnlockByPassphrase(making: KeyMaking, row: GuildKeyRow, derived: Uint8Array): UnlockedByPassphrase | null {
  const seed = tryOpenByPassphrase(row, row, derived)
  if (seed === null) return null
  if (!equalBytes(createSigner(seed).publicKey, row.publicKey)) throw unusable(row, 'does not match its public key')
  return copyOf(making, row, seed)
}

/** Wipes the seed. */
function copyOf(
  { keks, random }: KeyMaking,
  { guildId, keyId }: { readonly guildId: GuildId; readonly keyId: string },
  seed: Uint8Array,
): UnlockedByPassphrase {
  const unlockId = encodeHex(random(16))
  const copy = sealUnlockedCopy({ unlocking: { guildId, keyId, unlockId }, seed, kek: keks[0], random })
  seed.fill(0)
  return { unlockId, copy }
}
