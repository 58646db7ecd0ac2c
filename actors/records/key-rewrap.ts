/**
 * Changing the key-encryption key: every data key is unwrapped by the key that wrapped it and wrapped by the first.
 *
 * 32 bytes a guild; the sealed private key stays as it is. In small steps over the keys in order of their ids, so it may
 * stop at any time and go on later, and two may do it at once: a wrap is replaced only where it is still the one that was
 * read. A key that does not open stays as it is and is named.
 */
import { codeOf, coerceError } from '../../kernel/errors.ts'
import type { KeyEncryptionKeys } from './cluster-key.ts'
import { kekIdOf, unwrapByKek, wrapByKek } from './key-wrap.ts'

/** A key in cluster mode, as far as wrapping goes. */
export interface WrappedKey {
  readonly keyId: string
  readonly guildId: string
  readonly keyWrap: string
}

export interface KeyWrapStore {
  /** Keys in cluster mode whose wrap is not under this key-encryption key. */
  countOutdated(kekId: string): Promise<number>
  /** Some of them, by key id, those above `after` only. */
  listOutdated(options: { readonly kekId: string; readonly after: string | null; readonly limit: number }): Promise<readonly WrappedKey[]>
  /** False: the wrap is not the one that was read any more. */
  replaceWrap(options: { readonly keyId: string; readonly from: string; readonly to: string }): Promise<boolean>
}

export interface RewrapDeps {
  readonly store: KeyWrapStore
  readonly keks: KeyEncryptionKeys
  random(length: number): Uint8Array
}

export interface RewrapStep {
  readonly rewrapped: number
  readonly failed: readonly { readonly keyId: string; readonly guildId: string; readonly problem: string }[]
  /** Where the next step begins; null: this was the last. */
  readonly next: string | null
}

export async function rewrapStep(
  deps: RewrapDeps,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<RewrapStep> {
  const { store, keks } = deps
  const outdated = await store.listOutdated({ kekId: keks[0].kekId, after, limit })
  const failed: { keyId: string; guildId: string; problem: string }[] = []
  let rewrapped = 0
  for (const key of outdated) {
    const to = tryRewrap(deps, key)
    if (to instanceof Error) failed.push({ keyId: key.keyId, guildId: key.guildId, problem: to.message })
    else if (await store.replaceWrap({ keyId: key.keyId, from: key.keyWrap, to })) rewrapped += 1
  }
  return { rewrapped, failed, next: outdated.length < limit ? null : (outdated.at(-1)?.keyId ?? null) }
}

function tryRewrap({ keks, random }: RewrapDeps, owner: WrappedKey): string | Error {
  try {
    const dataKey = unwrapByKek(owner, owner.keyWrap, keks)
    const wrap = wrapByKek({ owner, dataKey, kek: keks[0], random })
    dataKey.fill(0)
    return kekIdOf(owner, wrap) === keks[0].kekId ? wrap : new Error('the new wrap is not under the first key-encryption key')
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) !== 'key-unusable') throw error
    return error
  }
}
