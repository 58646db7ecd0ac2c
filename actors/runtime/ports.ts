/**
 * What the actor runtime asks of the world: stores and transports as roles, without SQL, Redis or Discord.
 *
 * Every port has an in-memory implementation (actors/… /memory-*.ts under test/support) and a real one; both pass the
 * same contract suite in test/contract/. Expected outcomes are values; what the world does to us is thrown as AppError
 * `postgres-unavailable` or `redis-unavailable`. Times are Unix milliseconds by the database's clock.
 */
import type { Fence, Generation, GuildId, Incarnation, OpId, Sequence, Slot } from '../../kernel/ids.ts'
import type { AttendanceEntryRow, AttendanceSessionRow, StudentRow } from '../protocol/attendance-rows.ts'
import type { OutboxKind } from '../protocol/effect.ts'
import type { PanelRow } from '../protocol/role-panel.ts'
import type { ChainHeadRow, GuildKeyRow, ReceiptRow, ReceiptVersion1Row } from '../records/stored.ts'

// --- The commit ------------------------------------------------------------------------------------------------------

export interface SlotFence {
  readonly slot: Slot
  readonly fence: Fence
}

/** One guild's move in a commit: from `from` to `to` (journal rows from+1 … to are in the same batch). */
export interface HeadMove {
  readonly guildId: GuildId
  readonly slot: Slot
  readonly from: Sequence
  readonly to: Sequence
  /** 32 bytes: hash of the row at `to`. */
  readonly head: Uint8Array
}

export interface JournalRow {
  readonly guildId: GuildId
  readonly seq: Sequence
  readonly fence: Fence
  /** The exact text that was hashed. */
  readonly payload: string
  /** 32 bytes. */
  readonly hash: Uint8Array
}

export interface OpResultRow {
  readonly guildId: GuildId
  readonly opId: OpId
  readonly seq: Sequence
  /** JSON of the Outcome, ≤ 4 KB. */
  readonly result: string
}

/** Position of one source of a slot; below it every entry is durable, refused or expired (I7). */
export interface CursorRow {
  readonly slot: Slot
  readonly source: string
  readonly position: string
}

export interface AlarmRow {
  readonly guildId: GuildId
  readonly slot: Slot
  readonly purpose: string
  /** null clears the alarm. */
  readonly dueAt: number | null
  readonly setSeq: Sequence
}

export interface OutboxRow {
  readonly guildId: GuildId
  readonly slot: Slot
  readonly seq: Sequence
  readonly ordinal: number
  readonly target: string
  readonly kind: OutboxKind
  /** JSON. */
  readonly payload: string
}

export type OutboxState = 'pending' | 'done' | 'dead'

/** What became of an outbox row, written in the commit that holds the outcome's events. */
export interface OutboxSettlement {
  readonly guildId: GuildId
  readonly seq: Sequence
  readonly ordinal: number
  readonly state: OutboxState
  readonly attempts: number
  readonly nextAttemptAt: number
  readonly lastError: string | null
}

/** The bytes of a receipt go, in the commit that holds the amendment which says so. */
export interface ErasureRow {
  readonly guildId: GuildId
  readonly sequence: number
  /** Of the receipt that is meant: another one under this sequence is left alone. */
  readonly payloadHash: Uint8Array
}

/** A key stops signing: its successor states the rest. */
export interface KeyClosing {
  readonly guildId: GuildId
  readonly keyId: string
  readonly lastSequence: number
}

/** A record that was finished while signing was locked, under the sequence of its event. */
export interface WaitingRecordRow {
  readonly guildId: GuildId
  readonly seq: number
  readonly recordId: string
  readonly type: string
  /** Canonical JSON. */
  readonly payload: string
}

/** A waiting record that became a receipt. */
export interface SealedWaitingRow {
  readonly guildId: GuildId
  readonly seq: number
}

/** A secret of a guild, encrypted under the key-encryption key. */
export interface GuildSecretRow {
  readonly guildId: GuildId
  readonly secretId: string
  readonly sealed: string
}

export interface ForgottenSecretRow {
  readonly guildId: GuildId
  readonly secretId: string
}

/** A row of a feature's own table, with its guild. */
export type OfGuild<Row> = Row & { readonly guildId: GuildId }

/** Everything one fenced statement writes. Every row of a guild joins that guild's head move; cursors join the slot. */
export interface CommitBatch {
  readonly slots: readonly SlotFence[]
  readonly heads: readonly HeadMove[]
  readonly journal: readonly JournalRow[]
  readonly opResults: readonly OpResultRow[]
  readonly cursors: readonly CursorRow[]
  readonly alarms: readonly AlarmRow[]
  readonly outbox: readonly OutboxRow[]
  readonly settlements: readonly OutboxSettlement[]
  readonly receipts: readonly ReceiptRow[]
  readonly receiptsVersion1: readonly ReceiptVersion1Row[]
  readonly erasures: readonly ErasureRow[]
  readonly chainHeads: readonly ChainHeadRow[]
  readonly guildKeys: readonly GuildKeyRow[]
  readonly keyClosings: readonly KeyClosing[]
  readonly waiting: readonly WaitingRecordRow[]
  readonly sealedWaiting: readonly SealedWaitingRow[]
  readonly secrets: readonly GuildSecretRow[]
  readonly forgottenSecrets: readonly ForgottenSecretRow[]
  readonly students: readonly OfGuild<StudentRow>[]
  readonly attendanceSessions: readonly OfGuild<AttendanceSessionRow>[]
  readonly attendanceEntries: readonly OfGuild<AttendanceEntryRow>[]
  readonly panels: readonly OfGuild<PanelRow>[]
}

export type CommitOutcome =
  /** The statement ran. A slot of the batch not in `owned` is fenced; a guild not in `moved` of an owned slot is our bug. */
  | { readonly kind: 'committed'; readonly owned: ReadonlySet<Slot>; readonly moved: ReadonlySet<GuildId> }
  /** SQLSTATE class 22 or 23: nothing was written, and repeating the same rows never helps. */
  | { readonly kind: 'poison'; readonly sqlState: string; readonly message: string }
  /** The connection was lost or the answer did not come: written or not, nobody knows. */
  | { readonly kind: 'unknown'; readonly cause: Error }

/** One connection, at most one statement in flight; the caller keeps to it and the implementation asserts it. */
export interface CommitLane {
  commit(batch: CommitBatch): Promise<CommitOutcome>
}

// --- Ownership in the database ---------------------------------------------------------------------------------------

export interface SlotOwner {
  readonly slot: Slot
  readonly fence: Fence
  readonly owner: Incarnation | null
  readonly generation: Generation
}

/** Safety lives here: fences move only by these statements. */
export interface OwnershipStore {
  readSlots(slots: readonly Slot[]): Promise<readonly SlotOwner[]>
  /** Raises the fence of each slot whose fence is as seen, to `seen + 1`, for `owner`; returns those that were taken. */
  takeSlots(options: {
    readonly seen: readonly SlotFence[]
    readonly owner: Incarnation
    readonly generation: Generation
  }): Promise<readonly SlotFence[]>
  /** Raises the fence over one's own rows only, after an unknown outcome; a slot not returned belongs to somebody else. */
  fenceSelf(options: { readonly held: readonly SlotFence[]; readonly owner: Incarnation }): Promise<readonly SlotFence[]>
}

// --- Loading ---------------------------------------------------------------------------------------------------------

export interface StoredSnapshot {
  readonly guildId: GuildId
  readonly seq: Sequence
  readonly fence: Fence
  /** Canonical JSON of the state. */
  readonly state: string
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  readonly clusterKeyId: string
}

export interface StoredGuild {
  readonly guildId: GuildId
  readonly seq: Sequence
  readonly head: Uint8Array
  /** Newest snapshot below the head, or null. */
  readonly snapshot: StoredSnapshot | null
  /** Journal rows after the snapshot (from 1 without one), in order. */
  readonly journal: readonly { readonly seq: Sequence; readonly payload: string; readonly hash: Uint8Array }[]
  /** The guild's keys, newest last. */
  readonly keys: readonly GuildKeyRow[]
  readonly secrets: readonly GuildSecretRow[]
}

export interface StoredOutboxRow extends OutboxRow {
  readonly attempts: number
  readonly nextAttemptAt: number
  /** Unix ms at which the row was written: a retry after Discord forgot the nonce must look first. */
  readonly createdAt: number
}

export interface StoredWaitingRecord {
  readonly seq: number
  /** Text of the journal row. */
  readonly journaled: string
  readonly row: { readonly recordId: string; readonly type: string; readonly payload: string } | null
}

/** Reads at READ COMMITTED, each in statements of its own, never together with a takeover. */
export interface GuildStore {
  /** In one round trip for many guilds; a guild that never wrote comes back with seq 0. `belowSeq` skips bad snapshots. */
  loadGuilds(
    requests: readonly { readonly guildId: GuildId; readonly belowSeq?: Sequence }[],
  ): Promise<readonly StoredGuild[]>
  findOpResults(
    ops: readonly { readonly guildId: GuildId; readonly opId: OpId }[],
  ): Promise<readonly { readonly guildId: GuildId; readonly opId: OpId; readonly seq: Sequence; readonly result: string }[]>
  loadCursors(slots: readonly Slot[]): Promise<readonly CursorRow[]>
  /** Alarms of these slots due at or before `dueBefore`, earliest first, at most `limit`. */
  loadAlarms(options: {
    readonly slots: readonly Slot[]
    readonly dueBefore: number
    readonly limit: number
  }): Promise<readonly (AlarmRow & { readonly dueAt: number })[]>
  loadPendingOutbox(options: {
    readonly slots: readonly Slot[]
    readonly limit: number
  }): Promise<readonly StoredOutboxRow[]>
  /**
   * Journal rows from `fromSeq` to `toSeq` that tell of a record waiting, in order, each with the row of that record
   * where it is still there, whatever it says.
   */
  loadWaiting(options: {
    readonly guildId: GuildId
    readonly fromSeq: number
    readonly toSeq: number
  }): Promise<readonly StoredWaitingRecord[]>
  /** Writes a snapshot under the same fence predicate as a commit; false: fenced. */
  appendSnapshot(options: { readonly slot: Slot; readonly snapshot: StoredSnapshot }): Promise<boolean>
  /** Unix milliseconds by the database's clock. */
  databaseTime(): Promise<number>
}

// --- Liveness and directory (Redis; may lose everything at any moment) -------------------------------------------------

export interface DirectoryEntry {
  readonly slot: Slot
  readonly incarnation: Incarnation
  readonly fence: Fence
  readonly generation: Generation
}

export interface LeaseStore {
  /**
   * Creates or prolongs the lease of this process. Idempotent. `renewal` numbers the renewals of the process; answered is
   * the number of the one that began the lease as it stands: another than before means that it had ended in between.
   */
  renewLease(options: {
    readonly incarnation: Incarnation
    readonly ttlMs: number
    readonly renewal: number
  }): Promise<{ readonly begunBy: number }>
  /** Ends the lease of this process at once, or of one that is known to be dead. */
  releaseLease(incarnation: Incarnation): Promise<void>
  /**
   * Live processes, sorted, and for how long this Redis has remembered leases. After a flush or a restart without
   * persistence that is less than a lease: an absent lease then proves nothing, and nobody may take over by it.
   */
  liveness(): Promise<{ readonly live: readonly Incarnation[]; readonly rememberedForMs: number }>
  /** Writes entries whose fence is not below the stored one; older ones are ignored. */
  writeDirectory(entries: readonly DirectoryEntry[]): Promise<void>
  readDirectory(): Promise<readonly DirectoryEntry[]>
}

/** A lock that saves work, never correctness. */
export interface AdvisoryLock {
  /** Runs `work` under the lock, or without it when it cannot be had within `waitMs`. */
  withLock<Result>(options: { readonly resource: string; readonly waitMs: number }, work: () => Promise<Result>): Promise<Result>
}

// --- Unlocked keys (Redis; may lose everything at any moment: then signing is locked) ----------------------------------

/** Copies of private keys that a passphrase unlocked, each under the key-encryption key, gone by themselves. */
export interface UnlockedKeyStore {
  put(options: { readonly guildId: GuildId; readonly copy: Uint8Array; readonly ttlMs: number }): Promise<void>
  find(guildId: GuildId): Promise<Uint8Array | null>
  /** Prolongs what is still there; answers whose copy is gone. */
  prolong(options: { readonly guildIds: readonly GuildId[]; readonly ttlMs: number }): Promise<ReadonlySet<GuildId>>
  remove(guildId: GuildId): Promise<void>
}

// --- Transport ---------------------------------------------------------------------------------------------------------

/** An entry of a slot's inbox: one serialised envelope and where its answer is awaited. */
export interface InboxEntry {
  readonly guildId: GuildId
  readonly opId: OpId
  /** JSON of the command. */
  readonly command: string
  readonly receivedAt: number | null
  readonly deadlineAt: number | null
  /** Name of the asking process' reply channel; null: nobody waits. */
  readonly replyTo: string | null
}

export interface StoredInboxEntry extends InboxEntry {
  readonly slot: Slot
  /** Redis stream id, `ms-n`; compare with compareStreamIds. */
  readonly position: string
}

export interface Inbox {
  /** Appends, or answers `full` before anything was added. */
  add(slot: Slot, entry: InboxEntry): Promise<'added' | 'full'>
  /** Entries after the given positions, in order per slot; waits up to `blockMs` for the first. */
  read(options: {
    readonly positions: ReadonlyMap<Slot, string>
    readonly countMax: number
    readonly blockMs: number
    /** Ends the wait early (a slot was gained or lost): resolves with what there is. */
    readonly signal?: AbortSignal
  }): Promise<readonly StoredInboxEntry[]>
  /** Last id ever given per slot (`0-0` where nothing is): below a cursor means the stream was lost. */
  lastPositions(slots: readonly Slot[]): Promise<ReadonlyMap<Slot, string>>
  /** Drops entries at or below the position. */
  trim(positions: ReadonlyMap<Slot, string>): Promise<void>
}

/** At most once, to one named channel: replies, and requests between processes. A lost one is asked for again. */
export interface MessageBus {
  publish(channel: string, message: string): Promise<void>
  /** Resolves when the subscription stands. */
  subscribe(channel: string, onMessage: (message: string) => void): Promise<{ unsubscribe(): Promise<void> }>
}

// --- What was watched ----------------------------------------------------------------------------------------------------

export interface WatchedShard {
  /** The topology in which the shard has this id. */
  readonly shardCount: number
  readonly shardId: number
  /** Unix milliseconds. */
  readonly watchedUntil: number
}

/** Until when the owner of each shard's slots heard them: time after it was seen by nobody. Never moves back. */
export interface WatchStore {
  writeWatched(shards: readonly WatchedShard[]): Promise<void>
  /** Shards of every topology that were ever watched, by count and id: a thousand at the very most. */
  readWatched(): Promise<readonly WatchedShard[]>
}
