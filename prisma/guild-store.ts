/**
 * What an owner reads of its guilds: state to load, op results, cursors, alarms, pending effects; and the snapshot it
 * writes. Every read is a statement of its own at READ COMMITTED, never part of a takeover: inside one it would miss
 * the last commit of the owner before.
 */
import type { GuildId, OpId, Sequence, Slot } from '../kernel/ids.ts'
import type { OutboxKind } from '../actors/protocol/effect.ts'
import type { AlarmRow, CursorRow, GuildStore, StoredOutboxRow } from '../actors/runtime/ports.ts'
import { SnapshotWriter } from './append-snapshot.ts'
import { loadGuilds } from './load-guilds.ts'
import { loadWaiting } from './load-waiting.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export function createPostgresGuildStore({ pool }: { readonly pool: PostgresPool }): GuildStore {
  const snapshots = new SnapshotWriter(pool)
  return {
    loadGuilds: (requests) => loadGuilds(pool, requests),
    findOpResults: (ops) => findOpResults(pool, ops),
    loadCursors: (slots) => loadCursors(pool, slots),
    loadAlarms: (options) => loadAlarms(pool, options),
    loadWaiting: (options) => loadWaiting(pool, options),
    loadPendingOutbox: (options) => loadPendingOutbox(pool, options),
    appendSnapshot: (options) => snapshots.append(options),
    databaseTime: () => databaseTime(pool),
  }
}

async function findOpResults(
  pool: PostgresPool,
  ops: Parameters<GuildStore['findOpResults']>[0],
): ReturnType<GuildStore['findOpResults']> {
  interface Row {
    readonly guild_id: string
    readonly op_id: string
    readonly seq: string
    readonly result: string
  }
  const { rows } = await askPostgres('find op results', { ops: ops.length }, () =>
    pool.query<Row>(
      `SELECT r.guild_id, r.op_id, r.seq, r.result
       FROM unnest($1::int8[], $2::text[]) AS v(guild_id, op_id)
       JOIN op_result r ON r.guild_id = v.guild_id AND r.op_id = v.op_id`,
      [ops.map(({ guildId }) => guildId), ops.map(({ opId }) => opId)],
    ),
  )
  return rows.map((row) => ({
    guildId: row.guild_id as GuildId,
    opId: row.op_id as OpId,
    seq: Number(row.seq) as Sequence,
    result: row.result,
  }))
}

async function loadCursors(pool: PostgresPool, slots: readonly Slot[]): Promise<readonly CursorRow[]> {
  const { rows } = await askPostgres('load cursors', { slots: slots.length }, () =>
    pool.query<{ slot: Slot; source: string; position: string }>(
      'SELECT slot, source, position FROM cursor WHERE slot = ANY($1::int4[]) ORDER BY slot, source',
      [slots],
    ),
  )
  return rows
}

async function loadAlarms(
  pool: PostgresPool,
  { slots, dueBefore, limit }: Parameters<GuildStore['loadAlarms']>[0],
): ReturnType<GuildStore['loadAlarms']> {
  interface Row {
    readonly guild_id: string
    readonly slot: Slot
    readonly purpose: string
    readonly due_at: string
    readonly set_seq: string
  }
  const { rows } = await askPostgres('load alarms', { slots: slots.length, limit }, () =>
    pool.query<Row>(
      `SELECT guild_id, slot, purpose, due_at, set_seq FROM alarm
       WHERE slot = ANY($1::int4[]) AND due_at <= $2 ORDER BY due_at, guild_id, purpose LIMIT $3`,
      [slots, dueBefore, limit],
    ),
  )
  return rows.map((row): AlarmRow & { readonly dueAt: number } => ({
    guildId: row.guild_id as GuildId,
    slot: row.slot,
    purpose: row.purpose,
    dueAt: Number(row.due_at),
    setSeq: Number(row.set_seq) as Sequence,
  }))
}

async function loadPendingOutbox(
  pool: PostgresPool,
  { slots, limit }: Parameters<GuildStore['loadPendingOutbox']>[0],
): Promise<readonly StoredOutboxRow[]> {
  interface Row {
    readonly guild_id: string
    readonly slot: Slot
    readonly seq: string
    readonly ordinal: number
    readonly target: string
    readonly kind: OutboxKind
    readonly payload: string
    readonly attempts: number
    readonly next_attempt_at: string
    readonly created_at_ms: string
  }
  // Oldest first: with a limit, what waits longest is never starved by what came after it.
  const { rows } = await askPostgres('load pending outbox', { slots: slots.length, limit }, () =>
    pool.query<Row>(
      `SELECT guild_id, slot, seq, ordinal, target, kind, payload, attempts, next_attempt_at,
         floor(extract(epoch FROM created_at) * 1000)::int8 AS created_at_ms
       FROM outbox WHERE slot = ANY($1::int4[]) AND state = 'pending'
       ORDER BY created_at, guild_id, seq, ordinal LIMIT $2`,
      [slots, limit],
    ),
  )
  return rows.map((row) => ({
    guildId: row.guild_id as GuildId,
    slot: row.slot,
    seq: Number(row.seq) as Sequence,
    ordinal: row.ordinal,
    target: row.target,
    kind: row.kind,
    payload: row.payload,
    attempts: row.attempts,
    nextAttemptAt: Number(row.next_attempt_at),
    createdAt: Number(row.created_at_ms),
  }))
}

/** Unix milliseconds by the database's clock. */
export async function databaseTime(pool: PostgresPool): Promise<number> {
  const { rows } = await askPostgres('read the database time', {}, () =>
    pool.query<{ now_ms: number }>('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms'),
  )
  return rows[0]?.now_ms ?? NaN
}
