/**
 * What operators ask of the manager: one row a request, written by the command line, taken and moved on by the manager.
 *
 *   asked ──take──▶ running ──end──▶ done | refused | aborted | failed
 *     └──withdraw──▶ withdrawn       (nobody took it: no manager runs)
 *
 * A row outlives both ends: a manager that dies in the middle leaves it running, and the next one ends it by what the
 * topology says. One is open at a time, by a unique column.
 */
import { AppError } from '../kernel/errors.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export type RequestState = 'asked' | 'running' | 'done' | 'refused' | 'aborted' | 'failed' | 'withdrawn'
export type RequestEnd = Exclude<RequestState, 'asked' | 'running' | 'withdrawn'>

export interface StoredRequest {
  readonly id: string
  /** JSON as text; both ends parse it with the words of cluster/wish.ts. */
  readonly wish: string
  readonly state: RequestState
  readonly abortAsked: boolean
  readonly manager: string | null
  /** JSON as text. */
  readonly progress: string | null
  readonly sentence: string | null
  readonly createdAt: Date
  /** Milliseconds since it last changed, by the database's clock. */
  readonly silentMs: number
}

export interface ManagerRequestStore {
  /** `taken`: another one is open, and this is it. */
  insertRequest(request: { readonly id: string; readonly wish: string }): Promise<{ readonly open: StoredRequest } | 'inserted'>
  readRequest(id: string): Promise<StoredRequest | null>
  /** The one that is asked or running, or null. */
  openRequest(): Promise<StoredRequest | null>
  /** False: somebody else took it, or it was withdrawn. */
  takeRequest(request: { readonly id: string; readonly manager: string }): Promise<boolean>
  /** False: a manager has it. */
  withdrawRequest(id: string): Promise<boolean>
  /** False: it has ended already. */
  askAbort(id: string): Promise<boolean>
  writeProgress(request: { readonly id: string; readonly progress: string }): Promise<void>
  /** False: it has ended already. */
  endRequest(end: { readonly id: string; readonly state: RequestEnd; readonly sentence: string; readonly progress: string | null }): Promise<boolean>
}

/** Each try meets another request that ended at once; more than a few mean that something else is wrong. */
const insertTriesMax = 5

interface Row {
  readonly id: string
  readonly wish: string
  readonly state: RequestState
  readonly abort_asked: boolean
  readonly manager: string | null
  readonly progress: string | null
  readonly sentence: string | null
  readonly created_at: Date
  readonly silent_ms: number
}

const columns = `id, wish, state, abort_asked, manager, progress, sentence, created_at,
  (extract(epoch FROM clock_timestamp() - changed_at) * 1000)::float8 AS silent_ms`

export function createPostgresManagerRequestStore(pool: PostgresPool): ManagerRequestStore {
  const change = async (what: string, statement: string, values: readonly unknown[]): Promise<boolean> => {
    const { rowCount } = await askPostgres(what, {}, () => pool.query(statement, [...values]))
    return rowCount === 1
  }
  const readOne = async (where: string, values: readonly unknown[]): Promise<StoredRequest | null> => {
    const { rows } = await askPostgres('read a request', {}, () =>
      pool.query<Row>(`SELECT ${columns} FROM manager_request WHERE ${where}`, [...values]),
    )
    return rows[0] === undefined ? null : toRequest(rows[0])
  }
  const openRequest = (): Promise<StoredRequest | null> => readOne('open = 1', [])
  return {
    async insertRequest({ id, wish }) {
      for (let tries = 0; tries < insertTriesMax; tries += 1) {
        const inserted = await change(
          'ask the manager',
          "INSERT INTO manager_request (id, wish, state, open) VALUES ($1, $2, 'asked', 1) ON CONFLICT DO NOTHING",
          [id, wish],
        )
        if (inserted) return 'inserted'
        const open = await openRequest()
        // The other one ended in between: the next try finds the way free.
        if (open !== null) return { open }
      }
      throw new AppError('postgres-unavailable', 'other requests to the manager come and go; try again in a moment')
    },
    readRequest: (id) => readOne('id = $1', [id]),
    openRequest,
    takeRequest: ({ id, manager }) =>
      change(
        'take a request',
        "UPDATE manager_request SET state = 'running', manager = $2, changed_at = clock_timestamp() WHERE id = $1 AND state = 'asked'",
        [id, manager],
      ),
    withdrawRequest: (id) =>
      change(
        'withdraw a request',
        "UPDATE manager_request SET state = 'withdrawn', open = NULL, changed_at = clock_timestamp() WHERE id = $1 AND state = 'asked'",
        [id],
      ),
    askAbort: (id) => change('ask for an abort', 'UPDATE manager_request SET abort_asked = true WHERE id = $1 AND open = 1', [id]),
    async writeProgress({ id, progress }) {
      await change(
        'write progress',
        'UPDATE manager_request SET progress = $2, changed_at = clock_timestamp() WHERE id = $1 AND open = 1',
        [id, progress],
      )
    },
    endRequest: ({ id, state, sentence, progress }) =>
      change(
        'end a request',
        `UPDATE manager_request SET state = $2, open = NULL, sentence = $3, progress = coalesce($4, progress),
           changed_at = clock_timestamp() WHERE id = $1 AND open = 1`,
        [id, state, sentence, progress],
      ),
  }
}

function toRequest(row: Row): StoredRequest {
  return {
    id: row.id,
    wish: row.wish,
    state: row.state,
    abortAsked: row.abort_asked,
    manager: row.manager,
    progress: row.progress,
    sentence: row.sentence,
    createdAt: row.created_at,
    silentMs: Math.max(0, row.silent_ms),
  }
}
