/**
 * Writes snapshots under the fence predicate of a commit: a stale owner writes none (I11: its fence ≤ the slot's).
 *
 * What is asked for while a statement is under way, or in one breath, is the next statement: before a handoff there are
 * dozens, and one by one through Prisma's raw SQL they took 3 ms each, much of it the loop's, so that most were not
 * written in time. One INSERT … SELECT, no interactive transaction. Slot rows are locked FOR SHARE in the order of their
 * ids, as a commit does it, so a snapshot is either before a takeover or not at all. One at the same sequence is replaced:
 * it is written again after its answer was lost, or because the stored one was not believed.
 */
import type { GuildId, Slot } from '../kernel/ids.ts'
import type { StoredSnapshot } from '../actors/runtime/ports.ts'
import { AppError, coerceError } from '../kernel/errors.ts'
import { byteaColumn, int4Column, int8Column, textColumn } from './binary-array.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

/** Some hundred kilobytes of states; the answer still comes within milliseconds. */
const snapshotsPerStatementMax = 64

interface Wanted {
  readonly slot: Slot
  readonly snapshot: StoredSnapshot
  readonly resolve: (isWritten: boolean) => void
  readonly reject: (error: Error) => void
}

export class SnapshotWriter {
  readonly #pool: PostgresPool
  /** Bounded by who asks: the runtime's limits.snapshotWritesMax. */
  #wanted: Wanted[] = []
  #isRunning = false

  constructor(pool: PostgresPool) {
    this.#pool = pool
  }

  /** False: the slot has another fence. Rejects with `postgres-unavailable` or `postgres-refused`. */
  append({ slot, snapshot }: { readonly slot: Slot; readonly snapshot: StoredSnapshot }): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#wanted.push({ slot, snapshot, resolve, reject })
      if (this.#isRunning) return
      this.#isRunning = true
      queueMicrotask(() => void this.#run())
    })
  }

  async #run(): Promise<void> {
    while (this.#wanted.length > 0) {
      const batch = this.#nextBatch()
      const failure = await this.#write(batch)
      if (failure === null) continue
      // One bad row condemns a statement: each of the others has one of its own then.
      const isRefused = failure instanceof AppError && failure.code === 'postgres-refused' && batch.length > 1
      for (const one of batch) {
        const error = isRefused ? await this.#write([one]) : failure
        if (error !== null) one.reject(error)
      }
    }
    this.#isRunning = false
  }

  /** One of each guild: a statement writes no row twice. */
  #nextBatch(): readonly Wanted[] {
    const batch = new Map<GuildId, Wanted>()
    const later: Wanted[] = []
    for (const wanted of this.#wanted) {
      const { guildId } = wanted.snapshot
      if (batch.size < snapshotsPerStatementMax && !batch.has(guildId)) batch.set(guildId, wanted)
      else later.push(wanted)
    }
    this.#wanted = later
    return [...batch.values()]
  }

  /** Null: every one of them has its answer. */
  async #write(batch: readonly Wanted[]): Promise<Error | null> {
    const [first] = batch
    const context = { snapshots: batch.length, guildId: first?.snapshot.guildId ?? null }
    try {
      const { rows } = await askPostgres('append snapshots', context, () =>
        this.#pool.query<{ guild_id: string; seq: string }>({ name: 'append-snapshots', text: statement, values: valuesOf(batch) }),
      )
      const written = new Set(rows.map(({ guild_id: guildId, seq }) => `${guildId} ${seq}`))
      for (const { snapshot, resolve } of batch) resolve(written.has(`${snapshot.guildId} ${snapshot.seq}`))
      return null
    } catch (thrown) {
      return coerceError(thrown)
    }
  }
}

const statement = `
  WITH held AS MATERIALIZED (SELECT id, fence FROM slot WHERE id = ANY ($1::int4[]) ORDER BY id FOR SHARE)
  INSERT INTO snapshot (guild_id, seq, fence, state, signed, signature, cluster_key_id)
  SELECT v.guild_id, v.seq, held.fence, v.state, v.signed, v.signature, v.cluster_key_id
  FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[], $5::text[], $6::bytea[], $7::bytea[], $8::text[])
    AS v(slot, fence, guild_id, seq, state, signed, signature, cluster_key_id)
  JOIN held ON held.id = v.slot AND held.fence = v.fence
  ON CONFLICT (guild_id, seq) DO UPDATE SET fence = excluded.fence, state = excluded.state,
    signed = excluded.signed, signature = excluded.signature, cluster_key_id = excluded.cluster_key_id, at = now()
  RETURNING guild_id, seq`

const valuesOf = (batch: readonly Wanted[]): Buffer[] => [
  int4Column(batch, ({ slot }) => slot),
  int8Column(batch, ({ snapshot }) => snapshot.fence),
  int8Column(batch, ({ snapshot }) => snapshot.guildId),
  int8Column(batch, ({ snapshot }) => snapshot.seq),
  textColumn(batch, ({ snapshot }) => snapshot.state),
  byteaColumn(batch, ({ snapshot }) => snapshot.signed),
  byteaColumn(batch, ({ snapshot }) => snapshot.signature),
  textColumn(batch, ({ snapshot }) => snapshot.clusterKeyId),
]
