/**
 * Looks a database over without changing anything: what `muster doctor` tells of it.
 *
 * One connection, a few reads of catalogs and of small tables. Throws `postgres-unavailable` with the remedy when it cannot
 * be reached; everything else it finds wrong is in what it returns.
 */
import pg from 'pg'
import { AppError, codeOf, coerceError } from '../kernel/errors.ts'
import { migrationsFolder } from './migration-files.ts'
import type { MigrationState } from './migration-state.ts'
import { readMigrationState } from './migration-state.ts'
import { explainPostgres } from './postgres-errors.ts'

export interface TopologyFacts {
  readonly generation: number
  readonly shardCount: number
  readonly processCount: number
  readonly phase: string
  readonly ageMs: number
}

export interface DatabaseFacts {
  readonly version: string
  /** As in `server_version_num`: 180004. */
  readonly versionNumber: number
  readonly database: string
  readonly user: string
  /** A standby takes no writes. */
  readonly isStandby: boolean
  /** Settings of durability that are not as they must be, `fsync = off`. */
  readonly weakened: readonly string[]
  readonly connectionsMax: number
  readonly connectionsUsed: number
  /** Its time minus ours, milliseconds. */
  readonly clockOffsetMs: number
  /** What its user may not do, in words. */
  readonly missingRights: readonly string[]
  readonly migrations: MigrationState
  /** The newest topology; null before the first start. */
  readonly topology: TopologyFacts | null
  /** Ids under which guild keys are stored and stated: what this installation must hold. */
  readonly kekIds: readonly string[]
  readonly clusterKeyIds: readonly string[]
}

const connectTimeoutMs = 5_000
const statementTimeoutMs = 10_000

/** `wallMs`: Unix ms by this machine's clock. */
export async function inspectDatabase(url: string, wallMs: () => number): Promise<DatabaseFacts> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs, statement_timeout: statementTimeoutMs })
  client.on('error', () => undefined) // A connection that breaks while idle: the next question tells.
  try {
    await client.connect()
  } catch (thrown) {
    throw explainPostgres(url, coerceError(thrown))
  }
  try {
    const server = await readServer(client, wallMs)
    const migrations = await readMigrationState(client, migrationsFolder)
    const hasTables = migrations.applied.length > 0 && migrations.mayRead
    return {
      ...server,
      missingRights: [...server.missingRights, ...(hasTables ? await readTableRights(client) : [])],
      migrations,
      topology: hasTables ? await readTopology(client) : null,
      ...(hasTables ? await readKeyIds(client) : { kekIds: [], clusterKeyIds: [] }),
    }
  } catch (thrown) {
    const error = coerceError(thrown)
    throw new AppError('postgres-unavailable', `the database could not be looked over: ${error.message}`, { cause: error })
  } finally {
    await client.end()
  }
}

async function readServer(client: pg.Client, wallMs: () => number) {
  interface Row {
    readonly version: string
    readonly version_number: number
    readonly database: string
    readonly usr: string
    readonly is_standby: boolean
    readonly weakened: readonly string[]
    readonly connections_max: number
    readonly connections_used: number
    readonly may_create: boolean
    readonly clock_ms: number
  }
  const before = wallMs()
  const { rows } = await client.query<Row>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS version_number,
       current_database() AS database, current_user AS usr, pg_is_in_recovery() AS is_standby,
       ARRAY(SELECT name || ' = ' || setting FROM pg_settings
             WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting IN ('off', 'local') ORDER BY name) AS weakened,
       current_setting('max_connections')::int AS connections_max, (SELECT count(*)::int FROM pg_stat_activity) AS connections_used,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
       extract(epoch FROM clock_timestamp())::float8 * 1000 AS clock_ms`,
  )
  const ourMs = (before + wallMs()) / 2
  const row = rows[0]
  if (row === undefined) throw new Error('a SELECT without FROM has a row')
  return {
    version: row.version,
    versionNumber: row.version_number,
    database: row.database,
    user: row.usr,
    isStandby: row.is_standby,
    weakened: row.weakened,
    connectionsMax: row.connections_max,
    connectionsUsed: row.connections_used,
    clockOffsetMs: row.clock_ms - ourMs,
    missingRights: row.may_create ? [] : ['create tables'],
  }
}

/** Tables of ours that the user may not read and write as the processes do, and those that a crash would empty. */
async function readTableRights(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ readonly name: string; readonly may: boolean; readonly is_logged: boolean }>(
    `SELECT c.relname AS name, c.relpersistence = 'p' AS is_logged,
       has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
         AND has_table_privilege(c.oid, 'DELETE') AS may
     FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY c.relname`,
  )
  const closed = rows.filter(({ may }) => !may).map(({ name }) => name)
  const volatile = rows.filter(({ is_logged }) => !is_logged).map(({ name }) => name)
  return [
    ...(closed.length === 0 ? [] : [`read and write the tables ${closed.join(', ')}`]),
    ...(volatile.length === 0 ? [] : [`keep the tables ${volatile.join(', ')} over a crash: they are UNLOGGED`]),
  ]
}

async function readTopology(client: pg.Client): Promise<TopologyFacts | null> {
  interface Row {
    readonly generation: number
    readonly shard_count: number
    readonly process_count: number
    readonly phase: string
    readonly age_ms: number
  }
  const { rows } = await orNone<Row>(
    client,
    `SELECT generation, shard_count, process_count, phase, extract(epoch FROM now() - created_at)::float8 * 1000 AS age_ms
     FROM topology ORDER BY generation DESC LIMIT 1`,
  )
  const row = rows[0]
  if (row === undefined) return null
  return { generation: row.generation, shardCount: row.shard_count, processCount: row.process_count, phase: row.phase, ageMs: row.age_ms }
}

/** Ids name keys, they are none. Keys in passphrase mode are under no key-encryption key. */
async function readKeyIds(client: pg.Client): Promise<{ readonly kekIds: readonly string[]; readonly clusterKeyIds: readonly string[] }> {
  const keks = await orNone<{ readonly id: string | null }>(
    client,
    `SELECT DISTINCT key_wrap::json ->> 'kek_id' AS id FROM guild_key WHERE mode = 'cluster'`,
  )
  const clusters = await orNone<{ readonly id: string }>(client, 'SELECT DISTINCT cluster_key_id AS id FROM guild_key')
  return { kekIds: keks.rows.flatMap(({ id }) => (id === null ? [] : [id])), clusterKeyIds: clusters.rows.map(({ id }) => id) }
}

/** Without the right to read a table its rows are not known; that the right is missing is told where rights are. */
async function orNone<Row extends pg.QueryResultRow>(client: pg.Client, text: string): Promise<{ readonly rows: readonly Row[] }> {
  try {
    return await client.query<Row>(text)
  } catch (thrown) {
    const error = coerceError(thrown)
    // Forbidden, or a table of a migration that is still pending.
    if (codeOf(error) === '42501' || codeOf(error) === '42P01') return { rows: [] }
    throw error
  }
}
