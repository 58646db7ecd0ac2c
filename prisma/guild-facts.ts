/**
 * Where one guild stands, for an operator who looks: its slot and fence, its journal's head, what it waits for. Reads only,
 * and nothing of what people wrote or did leaves here but the kinds of the newest event and of waiting effects.
 */
import type { Slot } from '../kernel/ids.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export interface GuildFacts {
  readonly slot: { readonly fence: number; readonly owner: string | null; readonly generation: number }
  /** null: nothing was ever journaled. */
  readonly journal: { readonly seq: number; readonly head: string; readonly newest: NewestEvent | null } | null
  readonly snapshot: { readonly seq: number; readonly fence: number; readonly at: Date; readonly kept: number } | null
  readonly alarms: readonly { readonly purpose: string; readonly dueAt: number }[]
  readonly outbox: { readonly pending: number; readonly dead: number; readonly waiting: readonly WaitingEffect[] }
  readonly cursors: readonly { readonly source: string; readonly position: string; readonly at: Date }[]
  readonly receipts: { readonly issued: number; readonly waiting: number; readonly signing: string | null }
}

export interface NewestEvent {
  /** Unix ms. */
  readonly at: number
  readonly feature: string
  readonly kind: string
}

export interface WaitingEffect {
  /** As `muster outbox` names it. */
  readonly name: string
  readonly kind: string
  readonly state: string
  readonly attempts: number
  readonly lastError: string | null
  readonly createdAt: Date
}

/** An operator looks at the oldest; the rest is counted. */
const effectsMax = 10
/** Feeds of past gateway sessions leave theirs behind. */
const cursorsMax = 5

export async function readGuildFacts(pool: PostgresPool, guildId: string, slot: Slot): Promise<GuildFacts> {
  const one = async <Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    const { rows } = await askPostgres('look at a guild', { guildId }, () => pool.query<Row>(text, [...values]))
    return rows
  }
  const [slots, journal, snapshots, alarms, counts, waiting, cursors, receipts] = await Promise.all([
    one<{ fence: string; owner: string | null; generation: number }>('SELECT fence, owner, generation FROM slot WHERE id = $1', [slot]),
    one<{ seq: string; head: string; payload: string | null }>(
      `SELECT a.seq, encode(a.head, 'hex') AS head, j.payload FROM actor a LEFT JOIN journal j ON j.guild_id = a.guild_id AND j.seq = a.seq WHERE a.guild_id = $1`,
      [guildId],
    ),
    one<{ seq: string; fence: string; at: Date; kept: string }>(
      'SELECT seq, fence, at, (count(*) OVER ())::text AS kept FROM snapshot WHERE guild_id = $1 ORDER BY seq DESC LIMIT 1',
      [guildId],
    ),
    one<{ purpose: string; due_at: string }>('SELECT purpose, due_at FROM alarm WHERE guild_id = $1 ORDER BY due_at', [guildId]),
    one<{ state: string; count: number }>(`SELECT state, count(*)::int AS count FROM outbox WHERE guild_id = $1 AND state <> 'done' GROUP BY state`, [guildId]),
    one<EffectRow>(
      `SELECT seq, ordinal, kind, state, attempts, last_error, created_at FROM outbox WHERE guild_id = $1 AND state <> 'done'
       ORDER BY seq, ordinal LIMIT $2`,
      [guildId, effectsMax],
    ),
    one<{ source: string; position: string; at: Date }>('SELECT source, position, at FROM cursor WHERE slot = $1 ORDER BY at DESC LIMIT $2', [slot, cursorsMax]),
    one<{ issued: string; waiting: string; mode: string | null }>(
      `SELECT coalesce((SELECT sequence FROM chain_head WHERE guild_id = $1), 0)::text AS issued,
         (SELECT count(*) FROM waiting_record WHERE guild_id = $1)::text AS waiting,
         (SELECT mode FROM guild_key WHERE guild_id = $1 ORDER BY first_sequence DESC LIMIT 1) AS mode`,
      [guildId],
    ),
  ])
  const [place, head, snapshot, receipt] = [slots[0], journal[0], snapshots[0], receipts[0]]
  const countOf = (state: string): number => counts.find((row) => row.state === state)?.count ?? 0
  return {
    slot: { fence: Number(place?.fence ?? 0), owner: place?.owner ?? null, generation: place?.generation ?? 0 },
    journal: head === undefined ? null : { seq: Number(head.seq), head: head.head, newest: newestOf(head.payload) },
    snapshot: snapshot === undefined ? null : { seq: Number(snapshot.seq), fence: Number(snapshot.fence), at: snapshot.at, kept: Number(snapshot.kept) },
    alarms: alarms.map(({ purpose, due_at }) => ({ purpose, dueAt: Number(due_at) })),
    outbox: { pending: countOf('pending'), dead: countOf('dead'), waiting: waiting.map((row) => effectOf(guildId, row)) },
    cursors,
    receipts: { issued: Number(receipt?.issued ?? 0), waiting: Number(receipt?.waiting ?? 0), signing: receipt?.mode ?? null },
  }
}

interface EffectRow {
  readonly seq: string
  readonly ordinal: number
  readonly kind: string
  readonly state: string
  readonly attempts: number
  readonly last_error: string | null
  readonly created_at: Date
}

function effectOf(guildId: string, row: EffectRow): WaitingEffect {
  const { seq, ordinal, kind, state, attempts, last_error: lastError, created_at: createdAt } = row
  return { name: `${guildId}/${seq}/${ordinal}`, kind, state, attempts, lastError, createdAt }
}

/** Its time and its kind; null when the row is not there or is not one of ours. */
function newestOf(payload: string | null): NewestEvent | null {
  if (payload === null) return null
  const entry = JSON.parse(payload) as { readonly at?: unknown; readonly feature?: unknown; readonly event?: { readonly kind?: unknown } }
  const { at, feature, event } = entry
  if (typeof at !== 'number' || typeof feature !== 'string' || typeof event?.kind !== 'string') return null
  return { at, feature, kind: event.kind }
}
