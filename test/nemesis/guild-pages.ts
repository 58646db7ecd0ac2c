/**
 * What Postgres holds of many guilds, read page by page with plain SQL.
 */
import pg from 'pg'
import type { GuildRows } from './audit-guild.ts'

/** Guilds read at once: some thousand rows. */
const guildsPerPage = 32

export async function forEachGuild(databaseUrl: string, guilds: readonly string[], look: (rows: GuildRows) => void): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (let from = 0; from < guilds.length; from += guildsPerPage) {
      for (const rows of await readPage(client, guilds.slice(from, from + guildsPerPage))) look(rows)
    }
  } finally {
    await client.end()
  }
}

async function readPage(client: pg.Client, guilds: readonly string[]): Promise<readonly GuildRows[]> {
  const heads = await client.query<{ guild_id: string; seq: string; head: Buffer }>(
    'SELECT guild_id, seq, head FROM actor WHERE guild_id = ANY($1::int8[])',
    [guilds],
  )
  const journal = await client.query<{ guild_id: string; seq: string; fence: string; payload: string; hash: Buffer }>(
    'SELECT guild_id, seq, fence, payload, hash FROM journal WHERE guild_id = ANY($1::int8[]) ORDER BY guild_id, seq',
    [guilds],
  )
  const outbox = await client.query<{ guild_id: string; seq: string; ordinal: number; state: string }>(
    'SELECT guild_id, seq, ordinal, state FROM outbox WHERE guild_id = ANY($1::int8[])',
    [guilds],
  )
  const effectsOf = new Map<string, GuildRows['outbox'][number][]>(guilds.map((guild) => [guild, []]))
  for (const { guild_id, seq, ordinal, state } of outbox.rows) effectsOf.get(guild_id)?.push({ seq: Number(seq), ordinal, state })
  const headOf = new Map(heads.rows.map(({ guild_id, seq, head }) => [guild_id, { seq: Number(seq), hash: head }]))
  const rowsOf = new Map<string, GuildRows['journal'][number][]>(guilds.map((guild) => [guild, []]))
  for (const { guild_id, seq, fence, payload, hash } of journal.rows) {
    rowsOf.get(guild_id)?.push({ seq: Number(seq), fence: Number(fence), payload, hash })
  }
  return guilds.map((guildId) => ({ guildId, head: headOf.get(guildId) ?? null, journal: rowsOf.get(guildId) ?? [], outbox: effectsOf.get(guildId) ?? [] }))
}
