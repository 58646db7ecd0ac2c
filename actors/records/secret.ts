/**
 * Values that must not be printed: neither a log, an error, JSON nor a debugger's inspection shows them.
 */
import { inspect } from 'node:util'
import { assert } from '../../kernel/assert.ts'

const redacted = '[redacted]'

/** Gives an object forms for JSON, text and inspection that tell nothing. */
export function redactedInspection<Target extends object>(target: Target): Target {
  const hidden = { value: () => redacted, enumerable: false }
  return Object.defineProperties(target, { toJSON: hidden, toString: hidden, [inspect.custom]: hidden })
}

/** Secret bytes. They are reached only through `reveal`, which can be searched for. */
export interface SecretBytes {
  reveal(): Uint8Array
}

export function createSecretBytes(bytes: Uint8Array, lengthExpected: number): SecretBytes {
  assert(bytes.length === lengthExpected, `a secret of ${lengthExpected} bytes has another length`)
  // Not slice(): of a Buffer that is a view, and whoever gave the bytes may wipe them.
  const copy = new Uint8Array(bytes)
  return redactedInspection({ reveal: () => copy })
}
