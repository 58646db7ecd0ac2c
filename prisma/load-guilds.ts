/**
 * Loads many guilds at once: head, newest snapshot, the journal after it, keys.
 *
 * Three statements, each with a view of its own (READ COMMITTED): the takeover that came before is in an earlier one,
 * so the last commit of the owner before is seen. The head is read first and bounds the others; journal and snapshots
 * only grow, so together they are the guild as it was at that head.
 *
 * Bounded by `guildsPerLoadMax` a statement; a guild's own journal after its snapshot is bounded by the snapshot rule.
 */
import type { Fence, GuildId, Sequence } from '../kernel/ids.ts'
import type { GuildKeyRow } from '../actors/records/stored.ts'
import type { GuildSecretRow, StoredGuild, StoredSnapshot } from '../actors/runtime/ports.ts'
import { loadGuildKeys } from './load-guild-keys.ts'
import { loadGuildSecrets } from './load-guild-secrets.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

/** With a snapshot of 20 KB and ten events each about 15 MB of answer; larger loads only make the heap breathe. */
const guildsPerLoadMax = 500

export interface GuildRequest {
  readonly guildId: GuildId
  /** Only snapshots below this count: those from here on were not believed. */
  readonly belowSeq?: Sequence
}

interface HeadRow {
  readonly guild_id: string
  readonly seq: string
  readonly head: Buffer
  readonly snapshot_seq: string | null
  readonly fence: string
  readonly state: string
  readonly signed: Buffer
  readonly signature: Buffer
  readonly cluster_key_id: string
}

interface JournalEntryRow {
  readonly guild_id: string
  readonly seq: string
  readonly payload: string
  readonly hash: Buffer
}

type JournalEntry = StoredGuild['journal'][number]

const headStatement = `
  SELECT a.guild_id, a.seq, a.head, p.seq AS snapshot_seq, p.fence, p.state, p.signed, p.signature, p.cluster_key_id
  FROM unnest($1::int8[], $2::int8[]) AS v(guild_id, below_seq)
  JOIN actor a ON a.guild_id = v.guild_id
  LEFT JOIN LATERAL (
    SELECT * FROM snapshot s
    WHERE s.guild_id = a.guild_id AND s.seq <= a.seq AND s.seq < coalesce(v.below_seq, 9223372036854775807)
    ORDER BY s.seq DESC LIMIT 1) p ON true`

const journalStatement = `
  SELECT j.guild_id, j.seq, j.payload, j.hash
  FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS v(guild_id, after_seq, to_seq)
  JOIN LATERAL (
    SELECT * FROM journal r WHERE r.guild_id = v.guild_id AND r.seq > v.after_seq AND r.seq <= v.to_seq
    ORDER BY r.seq) j ON true`

/** One StoredGuild per request, in the order of the requests. */
export async function loadGuilds(pool: PostgresPool, requests: readonly GuildRequest[]): Promise<readonly StoredGuild[]> {
  const loaded: StoredGuild[] = []
  for (let at = 0; at < requests.length; at += guildsPerLoadMax) {
    loaded.push(...(await loadSome(pool, requests.slice(at, at + guildsPerLoadMax))))
  }
  return loaded
}

async function loadSome(pool: PostgresPool, requests: readonly GuildRequest[]): Promise<readonly StoredGuild[]> {
  const context = { guilds: requests.length }
  const guildIds = requests.map(({ guildId }) => guildId)
  const heads = await askPostgres('load heads and snapshots', context, () =>
    pool.query<HeadRow>(headStatement, [guildIds, requests.map(({ belowSeq }) => belowSeq ?? null)]),
  )
  const ranges = heads.rows.filter((row) => row.snapshot_seq !== row.seq)
  const [journals, keys, secrets] = await Promise.all([
    ranges.length === 0
      ? []
      : askPostgres('load journals', context, async () => {
          const values = [
            ranges.map((row) => row.guild_id),
            ranges.map((row) => row.snapshot_seq ?? '0'),
            ranges.map((row) => row.seq),
          ]
          return (await pool.query<JournalEntryRow>(journalStatement, values)).rows
        }),
    loadGuildKeys(pool, guildIds),
    loadGuildSecrets(pool, guildIds),
  ])
  return assemble(requests, { heads: heads.rows, journals, keys, secrets })
}

function assemble(
  requests: readonly GuildRequest[],
  found: {
    heads: readonly HeadRow[]
    journals: readonly JournalEntryRow[]
    keys: ReadonlyMap<string, GuildKeyRow[]>
    secrets: ReadonlyMap<string, GuildSecretRow[]>
  },
): readonly StoredGuild[] {
  const headOf = new Map(found.heads.map((row) => [row.guild_id, row]))
  const journalOf = new Map<string, JournalEntry[]>()
  for (const row of found.journals) {
    const entry = { seq: Number(row.seq) as Sequence, payload: row.payload, hash: row.hash }
    const entries = journalOf.get(row.guild_id)
    if (entries === undefined) journalOf.set(row.guild_id, [entry])
    else entries.push(entry)
  }
  return requests.map(({ guildId }): StoredGuild => {
    const head = headOf.get(guildId)
    return {
      guildId,
      seq: Number(head?.seq ?? 0) as Sequence,
      head: head?.head ?? new Uint8Array(32),
      snapshot: head === undefined ? null : snapshotOf(guildId, head),
      journal: journalOf.get(guildId) ?? [],
      keys: found.keys.get(guildId) ?? [],
      secrets: found.secrets.get(guildId) ?? [],
    }
  })
}

function snapshotOf(guildId: GuildId, row: HeadRow): StoredSnapshot | null {
  if (row.snapshot_seq === null) return null
  return {
    guildId,
    seq: Number(row.snapshot_seq) as Sequence,
    fence: Number(row.fence) as Fence,
    state: row.state,
    signed: row.signed,
    signature: row.signature,
    clusterKeyId: row.cluster_key_id,
  }
}
