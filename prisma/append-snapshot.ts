/**
 * Writes one snapshot under the fence predicate of a commit: a stale owner writes none (I11: its fence ≤ the slot's).
 *
 * One INSERT … SELECT through Prisma's raw SQL, no interactive transaction. The slot row is locked FOR SHARE, so the
 * snapshot is either before a takeover or not at all. A snapshot at the same sequence is replaced: it is written again
 * after its answer was lost, or because the stored one was not believed.
 */
import type { Slot } from '../kernel/ids.ts'
import type { StoredSnapshot } from '../actors/runtime/ports.ts'
import { askPostgres } from './postgres-failure.ts'

/** What is needed of a PrismaClient; the number is that of the rows written. */
export interface RawStatements {
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>
}

/** False: the slot has another fence. */
export async function appendSnapshot(
  prisma: RawStatements,
  { slot, snapshot }: { readonly slot: Slot; readonly snapshot: StoredSnapshot },
): Promise<boolean> {
  const context = { guildId: snapshot.guildId, seq: snapshot.seq, fence: snapshot.fence }
  const written = await askPostgres('append a snapshot', context, () => {
    const guildId = BigInt(snapshot.guildId)
    return prisma.$executeRaw`
      INSERT INTO snapshot (guild_id, seq, fence, state, signed, signature, cluster_key_id)
      SELECT ${guildId}::int8, ${BigInt(snapshot.seq)}::int8, s.fence, ${snapshot.state}::text,
        ${snapshot.signed}::bytea, ${snapshot.signature}::bytea, ${snapshot.clusterKeyId}::text
      FROM slot s WHERE s.id = ${slot}::int4 AND s.fence = ${BigInt(snapshot.fence)}::int8 FOR SHARE OF s
      ON CONFLICT (guild_id, seq) DO UPDATE SET fence = excluded.fence, state = excluded.state,
        signed = excluded.signed, signature = excluded.signature, cluster_key_id = excluded.cluster_key_id, at = now()`
  })
  return written > 0
}
