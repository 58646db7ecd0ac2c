/**
 * What the commit is compared with: the same rows in one bare grouped insert a batch, and single inserts.
 *
 * The bare insert is what a store without owners would do with unnest: no slots, no fence, no compare-and-set, nothing
 * joined, no answer to read. Rows and their encoding are the same, heads included, as plain upserts; of the journal
 * alone it writes only the journal. Single inserts write journal rows one statement each, prepared.
 */
import pg from 'pg'
import { createSystemClock } from '../../kernel/clock.ts'
import type { CommitBatch } from '../../actors/runtime/ports.ts'
import { commitColumns } from '../../prisma/commit-columns.ts'
import type { CommitKind, CommitRows } from '../../prisma/commit-columns.ts'
import { sortRows } from '../../prisma/commit-rows.ts'
import { guildIn } from '../support/commit-batches.ts'
import type { BatchSource } from './commit-load.ts'
import { measure } from './measure.ts'
import type { Measured } from './measure.ts'

/** Target, and what to select where it is not `v.*`. */
const inserts: Partial<Record<CommitKind, string>> = {
  heads: 'INSERT INTO actor (guild_id, slot, seq, head) SELECT v.guild_id, v.slot, v.to_seq, v.head FROM',
  journal: 'INSERT INTO journal (guild_id, seq, fence, payload, hash) SELECT v.* FROM',
  opResults: 'INSERT INTO op_result (guild_id, op_id, seq, result) SELECT v.* FROM',
  cursors: 'INSERT INTO cursor (slot, source, position) SELECT v.* FROM',
  alarmsSet: 'INSERT INTO alarm (guild_id, purpose, slot, due_at, set_seq) SELECT v.* FROM',
  outbox: 'INSERT INTO outbox (guild_id, seq, ordinal, slot, target, kind, payload) SELECT v.* FROM',
  receipts: `INSERT INTO receipt (guild_id, sequence, record_id, type, key_id, signed, signature, payload_hash, prev_hash, issued_at, subject)
    SELECT v.guild_id, v.sequence, v.record_id::uuid, v.type, v.key_id::uuid, v.signed, v.signature, v.payload_hash, v.prev_hash,
      v.issued_at, v.subject FROM`,
  chainHeads: `INSERT INTO chain_head (guild_id, sequence, hash, key_id, signature)
    SELECT v.guild_id, v.sequence, v.hash, v.key_id::uuid, v.signature FROM`,
}

const replacing: Partial<Record<CommitKind, string>> = {
  heads: 'ON CONFLICT (guild_id) DO UPDATE SET seq = excluded.seq, head = excluded.head',
  cursors: 'ON CONFLICT (slot, source) DO UPDATE SET position = excluded.position',
  alarmsSet: 'ON CONFLICT (guild_id, purpose) DO UPDATE SET due_at = excluded.due_at, set_seq = excluded.set_seq',
  chainHeads: 'ON CONFLICT (guild_id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash',
}

function bareStatement(kinds: readonly CommitKind[]): string {
  let parameter = 0
  const expressions = kinds.map((kind) => {
    const columns = commitColumns[kind]
    const arrays = columns.map(({ type }) => `$${++parameter}::${type}[]`)
    const source = `unnest(${arrays.join(', ')}) AS v(${columns.map(({ name }) => name).join(', ')})`
    return `${kind} AS (${inserts[kind]} ${source} ${replacing[kind] ?? ''})`
  })
  return `WITH ${expressions.join(',\n')} SELECT 1`
}

function encode<Kind extends CommitKind>(kind: Kind, rows: CommitRows): Buffer[] {
  return commitColumns[kind].map((column) => column.encode(rows[kind]))
}

export async function runBareInserts(options: {
  readonly url: string
  readonly seconds: number
  readonly sources: readonly BatchSource[]
  readonly withHeads: boolean
}): Promise<Measured> {
  const workers = await Promise.all(options.sources.map(async (source) => ({ source, client: await connect(options.url) })))
  const measured = await measure(createSystemClock(), options.seconds, workers, async ({ source, client }) => {
    const batch: CommitBatch = source.next()
    const sorted = sortRows(batch)
    const rows = { ...sorted, heads: options.withHeads ? batch.heads : [] }
    const kinds = (Object.keys(inserts) as CommitKind[]).filter((kind) => rows[kind].length > 0)
    const values = kinds.flatMap((kind) => encode(kind, rows))
    await client.query({ name: `bare-${kinds.length}`, text: bareStatement(kinds), values })
    return batch.journal.length
  })
  await Promise.all(workers.map(({ client }) => client.end()))
  return measured
}

export async function runSingleInserts(options: {
  readonly url: string
  readonly seconds: number
  readonly connections: number
}): Promise<Measured> {
  const hash = Buffer.alloc(32)
  const workers = await Promise.all(
    Array.from({ length: options.connections }, async (_, id) => ({ guild: guildIn(id), seq: { at: 0 }, client: await connect(options.url) })),
  )
  const measured = await measure(createSystemClock(), options.seconds, workers, async ({ guild, seq, client }) => {
    seq.at += 1
    await client.query({
      name: 'single-insert',
      text: 'INSERT INTO journal (guild_id, seq, fence, payload, hash) VALUES ($1, $2, 1, $3, $4)',
      values: [guild, seq.at, '{"kind":"voice-flags-changed","at":1767225600000,"voice":{"userId":"123456789012345678"}}', hash],
    })
    return 1
  })
  await Promise.all(workers.map(({ client }) => client.end()))
  return measured
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}
