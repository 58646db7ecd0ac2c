/**
 * A guild's signing key, usable in this process: it signs and tells its public half, and nothing prints the rest.
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { Ed25519Signer } from './ed25519.ts'

export interface UnlockedKey {
  readonly guildId: GuildId
  readonly keyId: string
  /** First receipt sequence its statement allows. */
  readonly firstSequence: number
  readonly signer: Ed25519Signer
  /** Only of a key that a passphrase unlocked: what the next owner of the guild is left (unlocked-copy.ts). */
  readonly unlocked?: UnlockedByPassphrase
}

export interface UnlockedByPassphrase {
  readonly unlockId: string
  readonly copy: Uint8Array
}
