/**
 * Assertions: what must hold if our own code is right.
 *
 * An assertion that fails is a bug of ours, never a bad input and never the world failing. Nobody handles it
 * in place: the part in which it fails stops (an activation is dropped and reloaded, a process exits).
 */

/** Thrown when an assertion does not hold. Compared by `code`, as every error of this house. */
export class AssertionFailed extends Error {
  readonly code = 'assertion-failed'

  constructor(message: string) {
    super(message)
    this.name = 'AssertionFailed'
  }
}

/** States what must hold here. The message names the invariant, in words that can be searched for. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message)
}

/** Ends an exhaustive switch: reaching it means a union grew and this switch was not told. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unreachable case: ${JSON.stringify(value)}`)
}
