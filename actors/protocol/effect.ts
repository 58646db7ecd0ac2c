/**
 * Wishes to act on the world outside, as data. They leave only after the events that caused them are durable (I3).
 *
 * `outbox` effects must happen: a row in the commit, run in order per (guild, target) until done or dead, the outcome
 * coming back as a command. `advisory` effects show the newest state (a live board, a code message): the newest of a
 * target replaces an older one that has not left yet, and any of them may be dropped.
 */
export type OutboxKind = 'post-message' | 'add-role' | 'remove-role' | 'deliver-webhook'
export type AdvisoryKind = 'edit-message'

export interface OutboxEffect {
  readonly delivery: 'outbox'
  readonly kind: OutboxKind
  /** Effects of one guild with the same target run one after the other, in order. */
  readonly target: string
  readonly payload: Readonly<Record<string, unknown>>
}

export interface AdvisoryEffect {
  readonly delivery: 'advisory'
  readonly kind: AdvisoryKind
  readonly target: string
  readonly payload: Readonly<Record<string, unknown>>
}

export type Effect = OutboxEffect | AdvisoryEffect
