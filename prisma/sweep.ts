/**
 * Retention: what nobody may ask for any more goes, in steps too small to be felt.
 *
 * Op results go after 24 hours (an older request is refused as expired, never looked up), done outbox rows after a
 * week, snapshots but the newest three of a guild and the last of each of its periods. The journal, receipts and dead
 * letters stay: they are evidence, or wait for somebody. Each step is one statement over few rows; who calls it decides
 * the pace. Two processes may sweep at once: they delete the same nothing.
 */
import { limits } from '../kernel/limits.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export interface RetentionSweep {
  /** One step; answers how many rows went. 0 for a whole `roundSteps` means that there is nothing left to do. */
  step(): Promise<number>
  /** Steps after which every kind and every slot had its turn. */
  readonly roundSteps: number
}

/** Operators look back a week at what was done; what failed stays until somebody decided. */
const outboxDoneKeptMs = 7 * 24 * 3_600_000
/**
 * The newest, and two to fall back on when it is not believed. Of what is older, the last before each period's receipt
 * stays: who doubts a period's board begins there instead of at the first row of the journal.
 */
const snapshotsKept = 3
/** What `muster doctor` tells of it. */
export const retention = {
  snapshots: snapshotsKept,
  outboxDoneDays: outboxDoneKeptMs / 86_400_000,
  opResultHours: limits.opResultTtlMs / 3_600_000,
} as const

/** Deleting this many of 200,000 took 1–3 ms: a commit beside it is not late. */
const rowsPerStepMax = 500

const sweepOpResults = `
  DELETE FROM op_result WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM op_result WHERE at < now() - $1 * interval '1 millisecond' ORDER BY at LIMIT $2))`

/** By slot, because (slot, state) is what is indexed. */
const sweepOutbox = `
  DELETE FROM outbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM outbox WHERE slot = $3 AND state = 'done' AND settled_at < now() - $1 * interval '1 millisecond'
    LIMIT $2))`

/** A receipt is dated by the alarm it comes from, which may have rung late: then the snapshot kept is one earlier. */
const sweepSnapshots = `
  DELETE FROM snapshot WHERE ctid = ANY (ARRAY(
    SELECT p.ctid FROM actor a JOIN snapshot p ON p.guild_id = a.guild_id
    WHERE a.slot = $3 AND p.seq < (
      SELECT k.seq FROM snapshot k WHERE k.guild_id = a.guild_id ORDER BY k.seq DESC OFFSET $1 - 1 LIMIT 1)
    AND NOT EXISTS (
      SELECT FROM receipt r WHERE r.guild_id = p.guild_id AND r.type = 'period'
      AND r.issued_at >= extract(epoch FROM p.at) * 1000 AND r.issued_at < extract(epoch FROM (
        SELECT n.at FROM snapshot n WHERE n.guild_id = p.guild_id AND n.seq > p.seq ORDER BY n.seq LIMIT 1)) * 1000)
    LIMIT $2))`

export function createRetentionSweep(pool: PostgresPool): RetentionSweep {
  let slot = 0
  let turn = 0

  async function run(what: string, text: string, values: readonly number[]): Promise<number> {
    const { rowCount } = await askPostgres(what, { slot }, () => pool.query(text, [...values]))
    return rowCount ?? 0
  }

  return {
    roundSteps: limits.slotCount * 3,
    async step() {
      turn = (turn + 1) % 3
      if (turn === 1) return await run('sweep op results', sweepOpResults, [limits.opResultTtlMs, rowsPerStepMax])
      if (turn === 2) return await run('sweep the outbox', sweepOutbox, [outboxDoneKeptMs, rowsPerStepMax, slot])
      const gone = await run('sweep snapshots', sweepSnapshots, [snapshotsKept, rowsPerStepMax, slot])
      slot = (slot + 1) % limits.slotCount
      return gone
    },
  }
}
