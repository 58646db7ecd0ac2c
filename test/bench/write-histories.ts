/**
 * Puts guilds with a past into the database, as many as wanted, before anything is measured.
 */
import pg from 'pg'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { GuildHistory } from './guild-history.ts'

const guildsPerStatement = 1_000

export async function writeHistories(url: string, histories: readonly GuildHistory[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (let at = 0; at < histories.length; at += guildsPerStatement) {
    await writeSome(client, histories.slice(at, at + guildsPerStatement))
  }
  // Loads are measured on what the planner knows and the disk has.
  await client.query('ANALYZE')
  await client.query('CHECKPOINT')
  await client.end()
}

async function writeSome(client: pg.Client, histories: readonly GuildHistory[]): Promise<void> {
  const guildIds = histories.map(({ guildId }) => guildId)
  await client.query(
    'INSERT INTO actor (guild_id, slot, seq, head) SELECT * FROM unnest($1::int8[], $2::int4[], $3::int8[], $4::bytea[])',
    [guildIds, guildIds.map(slotOf), histories.map(({ seq }) => seq), histories.map(({ head }) => Buffer.from(head))],
  )
  const snapshots = histories.map(({ snapshot }) => snapshot)
  await client.query(
    `INSERT INTO snapshot (guild_id, seq, fence, state, signed, signature, cluster_key_id)
     SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[], $5::bytea[], $6::bytea[], $7::text[])`,
    [
      guildIds,
      snapshots.map(({ seq }) => seq),
      snapshots.map(({ fence }) => fence),
      snapshots.map(({ state }) => state),
      snapshots.map(({ signed }) => Buffer.from(signed)),
      snapshots.map(({ signature }) => Buffer.from(signature)),
      snapshots.map(({ clusterKeyId }) => clusterKeyId),
    ],
  )
  const rows = histories.flatMap(({ guildId, journal }) => journal.map((row) => ({ guildId, ...row })))
  await client.query(
    'INSERT INTO journal (guild_id, seq, fence, payload, hash) SELECT g, s, 1, p, h FROM unnest($1::int8[], $2::int8[], $3::text[], $4::bytea[]) v(g, s, p, h)',
    [rows.map(({ guildId }) => guildId), rows.map(({ seq }) => seq), rows.map(({ payload }) => payload), rows.map(({ hash }) => Buffer.from(hash))],
  )
}
