/**
 * Benches of writes refuse a Postgres that does not write: weakened, their numbers mean nothing.
 */
import pg from 'pg'

const needed: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  synchronous_commit: ['on', 'remote_apply', 'remote_write', 'local'],
  full_page_writes: ['on'],
}

/** Answers the server's version, or throws a sentence that names what is weakened. */
export async function refuseWeakDurability(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const [name, allowed] of Object.entries(needed)) {
      const { rows } = await client.query<Record<string, string>>(`SHOW ${name}`)
      const value = rows[0]?.[name] ?? 'unknown'
      if (!allowed.includes(value)) throw new Error(`this bench does not run with ${name} = ${value}`)
    }
    const { rows: unlogged } = await client.query<{ relname: string }>(
      "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relpersistence <> 'p'",
    )
    if (unlogged[0] !== undefined) throw new Error(`this bench does not run with an unlogged table: ${unlogged[0].relname}`)
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    return `PostgreSQL ${rows[0]?.server_version ?? 'unknown'}`
  } finally {
    await client.end()
  }
}
