/**
 * A signing key that cannot be used: the error that says which lock it was, with ids and never with bytes.
 */
import { AppError } from '../../kernel/errors.ts'

/** Whose key it is; inside the associated data of every lock. */
export interface KeyOwner {
  readonly guildId: string
  readonly keyId: string
}

export function unusable(owner: KeyOwner, what: string, cause?: Error): AppError {
  return new AppError('key-unusable', `the signing key ${owner.keyId} of guild ${owner.guildId} ${what}`, {
    context: { guildId: owner.guildId, keyId: owner.keyId },
    ...(cause === undefined ? {} : { cause }),
  })
}
