/**
 * Wishes to act on the world outside, as data. They leave only after the events that caused them are durable (I3).
 *
 * `outbox` effects must happen: a row in the commit, run in order per (guild, target) until done or dead, the outcome
 * coming back as a command. `advisory` effects show the newest state (a live board, a code message): the newest of a
 * target replaces an older one that has not left yet, and any of them may be dropped.
 */
export type OutboxKind =
  | 'post-message'
  | 'post-log'
  | 'add-role'
  | 'remove-role'
  | 'confirm-role' // looks at the member first: after a change of owner
  | 'show-panel'
  | 'remove-message'
  | 'answer-interaction'
  | 'post-audit'
  | 'deliver-webhook'
  | 'post-session'
  | 'show-closed'
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

/** What became of an outbox effect, as the runner tells it. */
export type EffectResult =
  /** Done; `answer` is what the feature needs of it (a message id), small JSON. */
  | { readonly kind: 'done'; readonly answer: Readonly<Record<string, string | number | boolean | null>> }
  /** Never possible: a missing permission, a deleted channel. `reason` in words for an admin. */
  | { readonly kind: 'impossible'; readonly reason: string }
  /** Gave up after its time: a dead letter that an operator can drive again. */
  | { readonly kind: 'dead'; readonly reason: string }

/** The outcome of an outbox row, back at its guild: runs in a turn like any command. */
export interface SettleEffectCommand {
  readonly feature: 'runtime'
  readonly kind: 'settle-effect'
  /** The row: sequence of its event, and its place among the effects of that turn. */
  readonly seq: number
  readonly ordinal: number
  readonly attempts: number
  readonly effect: SettledEffect
  readonly result: EffectResult
}

export interface SettledEffect {
  /** The feature that wished for it. */
  readonly feature: string
  readonly kind: OutboxKind
  readonly target: string
  readonly payload: Readonly<Record<string, unknown>>
}
