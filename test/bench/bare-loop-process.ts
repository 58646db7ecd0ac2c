/**
 * What asking an owner is compared with: XREAD, one grouped insert into the journal, PUBLISH, and again. No owner, no
 * fence, no actors, no order, no results kept: the least that makes an answer durable by the same servers.
 */
import { Redis } from 'ioredis'
import pg from 'pg'
import { bareReplyChannel, bareStream } from './bare-loop.ts'

type Streams = [key: string, entries: [id: string, fields: string[]][]][] | null

const redisUrl = process.env['REDIS_URL'] ?? ''
const prefix = process.env['REDIS_PREFIX'] ?? ''
const [reader, commands] = [new Redis(redisUrl), new Redis(redisUrl)]
const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] })
await client.connect()
const hash = Buffer.alloc(32)
/** Far above what the owner writes for the same guilds. */
let seq = 1_000_000_000
let after = '0-0'
process.once('disconnect', () => process.exit(0))
process.send?.({ kind: 'started' })

for (;;) {
  const streams = (await reader.xread('COUNT', 500, 'BLOCK', 1_000, 'STREAMS', bareStream(prefix), after)) as Streams
  const entries = streams?.[0]?.[1] ?? []
  if (entries.length === 0) continue
  await client.query({
    name: 'bare-loop',
    text: `INSERT INTO journal (guild_id, seq, fence, payload, hash)
      SELECT g, s, 1, p, h FROM unnest($1::int8[], $2::int8[], $3::text[], $4::bytea[]) v(g, s, p, h)`,
    values: [
      entries.map(([, fields]) => fields[1]),
      entries.map(() => (seq += 1)),
      entries.map(([, fields]) => fields[5]),
      entries.map(() => hash),
    ],
  })
  for (const [id, fields] of entries) {
    after = id
    void commands.publish(bareReplyChannel(prefix), fields[3] ?? '')
  }
}
