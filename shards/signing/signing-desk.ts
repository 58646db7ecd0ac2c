/**
 * Where a passphrase ends: from a person's words to what the guild's owner is given.
 *
 * What leaves here is public, sealed under the passphrase, or sealed under the key-encryption key. A wrong passphrase
 * costs as much work as the right one, and only a few may be tried a minute.
 */
import type { OfferedSigningKey } from '../../actors/protocol/signing.ts'
import { encodeBase64 } from '../../actors/records/base64.ts'
import type { KeyEncryptionKeys, TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import { believedKeys } from '../../actors/records/key-history.ts'
import { readDerivation } from '../../actors/records/key-wrap.ts'
import { createDerivation, makePassphraseKey, tryUnlockByPassphrase } from '../../actors/records/passphrase-key.ts'
import type { GuildKeyRow } from '../../actors/records/stored.ts'
import type { GuildId } from '../../kernel/ids.ts'
import type { AttemptLimit } from './attempt-limit.ts'
import type { DerivePassphrase } from './derive-passphrase.ts'

export interface SigningDeskDeps {
  readonly attempts: AttemptLimit
  readonly keks: KeyEncryptionKeys
  readonly trusted: TrustedClusterKeys
  readonly derive: DerivePassphrase
  /** All key rows of a guild, oldest first. */
  listKeyRows(guildId: GuildId): Promise<readonly GuildKeyRow[]>
  random(length: number): Uint8Array
}

export type DeskRefusal =
  | { readonly kind: 'too-many-attempts'; readonly waitMs: number }
  /** Too many passphrases are being derived. */
  | { readonly kind: 'busy' }

export type MadeKey = DeskRefusal | { readonly kind: 'made'; readonly offered: OfferedSigningKey }

export type Unlocked =
  | DeskRefusal
  | { readonly kind: 'no-passphrase' }
  | { readonly kind: 'wrong-passphrase' }
  | { readonly kind: 'unlocked'; readonly keyId: string; readonly unlockId: string; readonly copy: string }

export interface SigningDesk {
  /** A new key under this passphrase. */
  makeKey(guildId: GuildId, passphrase: string): Promise<MadeKey>
  /** Opens the guild's newest key. Throws `key-unusable` when it is damaged. */
  unlock(guildId: GuildId, passphrase: string): Promise<Unlocked>
}

export function createSigningDesk(deps: SigningDeskDeps): SigningDesk {
  async function refuse(guildId: GuildId): Promise<DeskRefusal | null> {
    const taken = await deps.attempts.tryTake(guildId)
    return taken.ok ? null : { kind: 'too-many-attempts', waitMs: taken.waitMs }
  }

  return {
    async makeKey(guildId, passphrase) {
      const refusal = await refuse(guildId)
      if (refusal !== null) return refusal
      const derivation = createDerivation(deps.random)
      const derived = await deps.derive(passphrase, derivation)
      if (derived === 'busy') return { kind: 'busy' }
      const made = makePassphraseKey(deps, { guildId, derivation, derived })
      derived.fill(0)
      const { keyId, publicKey, sealed, unlocked } = made
      return {
        kind: 'made',
        offered: {
          keyId,
          publicKey: encodeBase64(publicKey),
          sealedPrivateKey: encodeBase64(sealed.sealedPrivateKey),
          keyWrap: sealed.keyWrap,
          unlockId: unlocked.unlockId,
          copy: encodeBase64(unlocked.copy),
        },
      }
    },

    async unlock(guildId, passphrase) {
      const refusal = await refuse(guildId)
      if (refusal !== null) return refusal
      const newest = believedKeys(deps.trusted, await deps.listKeyRows(guildId)).at(-1)
      if (newest?.mode !== 'passphrase') return { kind: 'no-passphrase' }
      const derived = await deps.derive(passphrase, readDerivation(newest, newest.keyWrap))
      if (derived === 'busy') return { kind: 'busy' }
      const unlocked = tryUnlockByPassphrase(deps, newest, derived)
      derived.fill(0)
      if (unlocked === null) return { kind: 'wrong-passphrase' }
      return { kind: 'unlocked', keyId: newest.keyId, unlockId: unlocked.unlockId, copy: encodeBase64(unlocked.copy) }
    },
  }
}
