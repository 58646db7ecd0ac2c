/**
 * A commit lane: one connection, one autocommitted fenced statement at a time (I1, I2, I7).
 *
 * Never BEGIN … COMMIT: a process stopped in between would hold slot rows and block the takeover. The statement's text
 * is in commit-statement.ts, what it sends in commit-rows.ts. The caller keeps at most one commit in flight; a second
 * is a bug of ours. A broken connection is made anew by the next commit, which answers `unknown` when it cannot be:
 * nothing was sent then, but the caller need not tell these cases apart.
 *
 * Assumes a direct connection or a pooler in session mode: prepared statements and settings live in the session.
 */
import { assert } from '../kernel/assert.ts'
import type { Clock } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { GuildId, Slot } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { CommitBatch, CommitLane, CommitOutcome } from '../actors/runtime/ports.ts'
import { encodeParameters, noRows, sortRows, statementFor } from './commit-rows.ts'
import type { CommitRows } from './commit-columns.ts'
import { commitStatements } from './commit-statement.ts'
import type { CommitStatement } from './commit-statement.ts'
import { createLaneConnection } from './lane-connection.ts'
import type { LaneConnectionOptions } from './lane-connection.ts'
import { poisonStateOf } from './postgres-failure.ts'

export interface PostgresCommitLane extends CommitLane {
  /** Connects and prepares the statements, so that the first commit does not pay for it. */
  start(): Promise<void>
  /** Waits for the commit in flight, then closes the connection. */
  stop(): Promise<void>
}

/** null: nobody was refused. */
type Answer = readonly [owned: readonly Slot[] | null, moved: readonly GuildId[] | null]

/** SQLSTATE numeric_value_out_of_range: what Postgres would have said of a number that does not fit its column. */
const outOfRange = '22003'

export function createPostgresCommitLane(
  deps: { readonly clock: Clock; readonly log: Log },
  options: LaneConnectionOptions,
): PostgresCommitLane {
  const connection = createLaneConnection(deps, options)
  let inFlight: Promise<CommitOutcome> | null = null
  let isStopped = false

  async function send(statement: CommitStatement, values: readonly Buffer[]): Promise<Answer> {
    const rows = await connection.query(statement.name, statement.text, values)
    const answer = rows[0]
    assert(answer !== undefined, 'the commit statement answered without a row')
    return answer as unknown as Answer
  }

  async function run(batch: CommitBatch): Promise<CommitOutcome> {
    const rows = sortRows(batch)
    const statement = statementFor(rows)
    const values = tryEncode(statement, rows)
    if (values instanceof Error) return { kind: 'poison', sqlState: outOfRange, message: values.message }
    try {
      return readAnswer(batch, await send(statement, values))
    } catch (thrown) {
      const error = coerceError(thrown)
      const sqlState = poisonStateOf(error)
      if (sqlState !== null) return { kind: 'poison', sqlState, message: error.message }
      connection.cut()
      return { kind: 'unknown', cause: error }
    }
  }

  return {
    commit(batch) {
      assert(inFlight === null, 'a lane has at most one commit in flight')
      assert(!isStopped, 'a stopped lane commits nothing')
      inFlight = run(batch).finally(() => {
        inFlight = null
      })
      return inFlight
    },

    async start() {
      for (const statement of commitStatements) await send(statement, encodeParameters(statement, noRows))
    },

    async stop() {
      isStopped = true
      await inFlight
      await connection.close()
    },
  }
}

function tryEncode(statement: CommitStatement, rows: CommitRows): readonly Buffer[] | Error {
  try {
    return encodeParameters(statement, rows)
  } catch (thrown) {
    return coerceError(thrown)
  }
}

function readAnswer(batch: CommitBatch, [owned, moved]: Answer): CommitOutcome {
  return {
    kind: 'committed',
    owned: new Set(owned ?? batch.slots.map(({ slot }) => slot)),
    moved: new Set(moved ?? batch.heads.map(({ guildId }) => guildId)),
  }
}
