/**
 * What a feature is to the runtime: three pure functions over its own part of a guild's state.
 *
 * decide reads and never changes; evolve changes and never refuses. Neither has a clock, randomness or I/O of its own:
 * the time and random bytes come in. An expected "no" is a reply; a throw is a bug and drops the activation.
 */
import type { GuildId, OpId, UserId } from '../../kernel/ids.ts'
import type { AttendanceRows } from './attendance-rows.ts'
import type { Effect, EffectResult, OutboxEffect, SettledEffect } from './effect.ts'
import type { PanelRow } from './role-panel.ts'
import type { FinishedRecord } from './record.ts'
import type { SigningPolicy } from './signing.ts'
import type { Tier } from './voice-settings.ts'

export interface DecideContext {
  readonly guildId: GuildId
  /** The command's name; a feature may derive ids from it, never time. */
  readonly opId: OpId
  /** Unix milliseconds, database's clock, never decreasing per guild (I13). */
  readonly now: number
  /** True while a record that is finished now would be dropped: signing is locked and the guild's policy is `drop`. */
  readonly dropsRecords?: boolean
  /** The tier of guilds that were given none, by this process' configuration. */
  readonly defaultTier?: Tier
  /** HMACs under the guild's secrets; the secrets themselves never come here. */
  readonly hmac?: SecretHmac
  /** `length` bytes from the operating system's generator (from the seed in a simulation). */
  random(length: number): Uint8Array
}

/** HMAC-SHA-256 under a secret of the guild that is named by its id. */
export interface SecretHmac {
  knows(secretId: string): boolean
  of(secretId: string, message: Uint8Array): Uint8Array
}

/** An instant at which a feature wants to be called. */
export interface Alarm {
  readonly purpose: string
  /** Unix milliseconds. */
  readonly dueAt: number
}

export interface Decision<Event, Reply> {
  readonly events: readonly Event[]
  readonly reply: Reply
  /** Facts finished by these events; sealed in this order after them. */
  readonly records?: readonly FinishedRecord[]
  readonly effects?: readonly Effect[]
  /** Rows of the feature's own tables, written in the commit of these events; they need an event. */
  readonly rows?: AttendanceRows
  /** Panels as they are after these events, or gone: rows for whoever looks at the database. */
  readonly panelRows?: readonly PanelRow[]
  /** Ids of secrets that are drawn now, or forgotten, with these events. */
  readonly secretsMade?: readonly string[]
  readonly secretsForgotten?: readonly string[]
  /** Nothing was decided: the same op asked again is decided anew, not answered with this. Without events only. */
  readonly isTransient?: true
}

/** A record that got its signature: its place in the guild's chain, and its hash. */
export interface IssuedReceipt {
  readonly recordId: string
  readonly sequence: number
  /** Lower-case hex. */
  readonly hash: string
}

/** Signing was locked or unlocked, as people are told of it. Plain JSON: it travels in an effect. */
export type SigningChange =
  /** `byUserId` null: nobody locked it, the unlocking was forgotten (a restart of everything, a Redis that was flushed). */
  | { readonly kind: 'locked'; readonly byUserId: UserId | null; readonly policy: SigningPolicy; readonly at: number }
  | { readonly kind: 'unlocked'; readonly byUserId: UserId; readonly waiting: number; readonly at: number }

/** One of the commands for which another one stands. */
export interface Step<Command> {
  /** Decided once under this name. */
  readonly opId: OpId
  /** Unix ms: when it happened. Decided at that time, or as soon after it as the guild's newest event allows (I13). */
  readonly at: number
  readonly command: Command
}

export interface Behaviour<State, Command, Event, Reply> {
  /** Stable name: key of the state in snapshots, prefix of nothing. */
  readonly feature: string
  /** Version of `State`; a snapshot of an older one goes through `upgrade`. */
  readonly stateVersion: number
  initial(): State
  /** Turns a state stored at `fromVersion` into today's; called once at load. */
  upgrade(state: unknown, fromVersion: number): State
  decide(state: Readonly<State>, command: Command, context: DecideContext): Decision<Event, Reply>
  /**
   * Commands that stand for several others, by kind: those are decided before it, in this order, each in a turn of its
   * own at its own time. Asked again whenever the command is decided again; steps that had their effect are passed over.
   */
  readonly unfold?: Readonly<Record<string, (state: Readonly<State>, command: Command, context: DecideContext) => readonly Step<Command>[]>>
  /**
   * Gateway commands that tell a state which another process hears as well, and brings along when it takes the slot:
   * they are never carried from one process to another.
   */
  readonly feedStates?: ReadonlySet<string>
  /** Applies one event that happened at `at`. May change `state` in place and returns it. */
  evolve(state: State, event: Event, at: number): State
  /** Whom to tell that signing was locked or unlocked: effects that leave with that event. Changes nothing. */
  announceSigning?(state: Readonly<State>, change: SigningChange): readonly OutboxEffect[]
  /** Told of every receipt of the guild, this feature's or not, in order. May change `state` in place and returns it. */
  evolveReceipt?(state: State, receipt: IssuedReceipt): State
  /** Commands that only read: they need no op id to be known, and must decide no event. */
  readonly reads: ReadonlySet<string>
  /** The alarms this state wants, at most one per purpose; derived after every event, so never stored twice. */
  alarms?(state: Readonly<State>): readonly Alarm[]
  /** Over how many milliseconds the work of an alarm of this purpose is spread over guilds; its time stays exact. */
  alarmSpreadMs?(purpose: string): number
  /** The command an alarm of this feature turns into; deciding it must change or clear that alarm. */
  onAlarm?(purpose: string, dueAt: number): Command
  /** What the outcome of an outbox effect of this feature means; without it the outcome is journaled and no more. */
  onEffectSettled?(effect: SettledEffect, result: EffectResult): Command | null
  /** True while the state needs this guild in memory (open sessions): it is not released when idle. */
  hasOpenWork(state: Readonly<State>): boolean
  /** Number of entries, for the snapshot rule (events since the last ≥ max(256, entries)). */
  entryCount(state: Readonly<State>): number
}
