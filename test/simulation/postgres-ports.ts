/**
 * The Postgres ports of one process: the in-memory stores of test/support at the far end of connections that fail.
 *
 * Two lanes with a connection each, and a pool for everything else, in which no order holds.
 */
import { assert } from '../../kernel/assert.ts'
import { AppError, coerceError } from '../../kernel/errors.ts'
import { limits } from '../../kernel/limits.ts'
import type { CommitBatch, CommitLane, CommitOutcome, GuildStore, OwnershipStore, WatchStore } from '../../actors/runtime/ports.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'
import {
  createMemoryCommitLane,
  createMemoryGuildStore,
  createMemoryOwnershipStore,
  createMemoryWatchStore,
} from '../support/memory/memory-stores.ts'
import type { Connection } from './connection.ts'

/** Sees every statement at the instant it took effect. */
export interface DatabaseWatcher {
  onCommitSent(lane: number, batch: CommitBatch): void
  /** `isLate`: whoever sent it was told that the connection is lost. */
  onCommit(batch: CommitBatch, outcome: CommitOutcome, isLate: boolean): void
  onCommitAnswered(lane: number): void
  onStatementSent(operation: string, argument: unknown): void
  onStatement(operation: string, argument: unknown, answer: unknown): void
}

export interface PostgresPorts {
  readonly lanes: readonly CommitLane[]
  readonly ownership: OwnershipStore
  readonly guilds: GuildStore
  readonly watch: WatchStore
}

export interface PostgresPortsDeps {
  readonly database: MemoryDatabase
  readonly watcher: DatabaseWatcher
  connect(options: { readonly name: string; readonly isOrdered: boolean }): Connection
}

export function createPostgresPorts(deps: PostgresPortsDeps): PostgresPorts {
  const pool = deps.connect({ name: 'postgres-pool', isOrdered: false })
  return {
    lanes: Array.from({ length: limits.commitLanes }, (_, lane) => createLane(deps, lane)),
    ownership: overConnection(pool, deps.watcher, createMemoryOwnershipStore(deps.database)),
    guilds: overConnection(pool, deps.watcher, createMemoryGuildStore(deps.database)),
    watch: overConnection(pool, deps.watcher, createMemoryWatchStore(deps.database)),
  }
}

function createLane(deps: PostgresPortsDeps, lane: number): CommitLane {
  const connection = deps.connect({ name: `postgres-lane-${lane}`, isOrdered: true })
  let isInFlight = false
  return {
    async commit(batch) {
      assert(!isInFlight, 'a lane has at most one commit in flight')
      isInFlight = true
      let isLate = false
      deps.watcher.onCommitSent(lane, batch)
      try {
        return await connection.call('commit', async () => {
          const outcome = await createMemoryCommitLane(deps.database).commit(batch)
          deps.watcher.onCommit(batch, outcome, isLate)
          return outcome
        })
      } catch (thrown) {
        isLate = true
        return { kind: 'unknown', cause: coerceError(thrown) }
      } finally {
        deps.watcher.onCommitAnswered(lane)
        isInFlight = false
      }
    },
  }
}

type Verbs = { readonly [Verb: string]: (argument: never) => Promise<unknown> }

const unavailable = (error: Error): Error => new AppError('postgres-unavailable', error.message, { cause: error })

/** Every verb of a store, asked over a connection. */
function overConnection<Store extends object>(connection: Connection, watcher: DatabaseWatcher, store: Store): Store {
  const verbs = Object.entries(store as Verbs).map(([verb, ask]) => [
    verb,
    (argument: never): Promise<unknown> => {
      watcher.onStatementSent(verb, argument)
      const effect = async (): Promise<unknown> => {
        const answer = await ask(argument)
        watcher.onStatement(verb, argument, answer)
        return answer
      }
      return connection.call(verb, effect, unavailable)
    },
  ])
  return Object.fromEntries(verbs) as Store
}
