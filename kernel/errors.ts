/**
 * Errors of the world: Redis away, Postgres timed out, Discord answered 500, a configuration that cannot work.
 *
 * Three kinds of "no" live apart in this house. An expected answer is a value (a discriminated union). A bug is an
 * assertion (assert.ts). Only what the world does to us is an AppError: thrown, with a stable `code` that survives
 * a process boundary, the ids in `context`, and the reason in `cause`. Compare by `code`, never by `instanceof`.
 */

/** Every code an AppError may carry. A new one is a design decision: say who handles it. */
export type ErrorCode =
  | 'configuration-invalid' // main.ts prints it and exits 1
  | 'postgres-unavailable' // retried by the committer; at start: exit 2
  | 'postgres-refused' // a statement that can never succeed
  | 'redis-unavailable' // retried by its connection; at start: exit 2
  | 'discord-unavailable' // at start: exit 3
  | 'discord-refused' // wrong token, disallowed intents: exit 3
  | 'lease-ended' // a REST call that must not leave any more; the outbox tries again
  | 'embedded-server-failed' // cli: the message names the line to type
  | 'webhook-refused' // a webhook's target is not public: an admin must choose another
  | 'actor-unavailable' // a guild that cannot be asked just now; the outbox tries again
  | 'key-unusable' // a key that does not decrypt or does not match its statement
  | 'snapshot-unverified' // a snapshot that is not believed
  | 'journal-corrupt' // a hole or a broken hash in the journal
  | 'port-exhausted' // no free port in the range
  | 'child-failed' // a child process ended before it was ready
  | 'protocol-violation' // another process sent what the protocol does not know

/** Facts about an error, safe to log: ids and sizes, never secrets, never content of messages. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>

/** Thrown when the world failed. `message` says what was attempted and, where somebody must act, the remedy. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly context: ErrorContext

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.context = options.context ?? {}
  }
}

/** Turns whatever was thrown into an Error; every `catch` starts with it. */
export function coerceError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new Error(`thrown value was not an Error: ${String(thrown)}`, { cause: thrown })
}

/** The stable code of an error of ours or of a library (`ECONNREFUSED`, SQLSTATE …), if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
