/**
 * What a look into Postgres means: pure, from the facts.
 */
import type { DatabaseFacts } from '../../prisma/inspect-database.ts'
import type { Finding } from './finding.ts'
import { note, ok, problem, warning } from './finding.ts'

const versionMin = 140_000
/** A rescale doubles the processes for a while. */
const connectionsSpare = 20

export interface WantedDatabase {
  /** Connections that all processes of this installation open together. */
  readonly connections: number
}

export function judgeDatabase(facts: DatabaseFacts, wanted: WantedDatabase): readonly Finding[] {
  return [judgeServer(facts), ...judgeRights(facts), ...judgeDurability(facts), judgeSchema(facts), ...judgeConnections(facts, wanted), ...judgeTopology(facts)]
}

function judgeServer({ version, versionNumber, database, user, isStandby }: DatabaseFacts): Finding {
  if (versionNumber < versionMin) return problem('postgres', `PostgreSQL ${version} is too old`, 'Upgrade it to 14 or newer.')
  if (isStandby) return problem('postgres', 'this server is a standby and takes no writes', 'Point DATABASE_URL at the primary.')
  return ok('postgres', `PostgreSQL ${version}, database "${database}" as "${user}"`)
}

function judgeRights({ missingRights, migrations, user, database }: DatabaseFacts): readonly Finding[] {
  const missing = migrations.mayRead ? missingRights : [...missingRights, 'read and write the tables']
  const isMigrated = migrations.pending.length === 0
  // Once everything is there, making tables is the next release's business.
  const felt = missing.filter((right) => right !== 'create tables' || !isMigrated)
  if (felt.length === 0) return [ok('postgres rights', `"${user}" may do what Muster does`)]
  const fix = `As an administrator: GRANT ALL ON SCHEMA public TO "${user}"; GRANT ALL ON ALL TABLES IN SCHEMA public TO "${user}"; in database "${database}". Or use the user that owns the tables.`
  return [problem('postgres rights', `"${user}" may not ${felt.join('; ')}`, fix)]
}

function judgeDurability({ weakened }: DatabaseFacts): readonly Finding[] {
  if (weakened.length === 0) return [ok('postgres durability', 'fsync, synchronous_commit and full_page_writes are on')]
  return [
    problem('postgres durability', `${weakened.join(', ')}: what Muster acknowledged would be lost in a crash`, `Set ${weakened.map((one) => one.split(' ')[0]).join(', ')} to on in postgresql.conf and reload.`),
  ]
}

function judgeSchema({ migrations: { applied, pending, breaking, changed, ahead } }: DatabaseFacts): Finding {
  if (changed.length > 0) {
    return problem('schema', `${changed.join(', ')} was applied in another wording`, 'This release was changed after it was installed: install it anew.')
  }
  if (pending.length > 0 && applied.length === 0) return problem('schema', 'the database has no tables of Muster yet', 'Run `muster migrate`.')
  if (pending.length > 0) {
    return problem('schema', `the database is older than this release: ${pending.length} of ${applied.length + pending.length} migrations are missing`, `Back it up and run \`muster migrate\`${breaking.length === 0 ? '' : ', with every process stopped (a migration among them breaks running ones)'}.`)
  }
  if (ahead.length > 0) {
    return warning('schema', `the database was migrated by a newer release (${ahead.join(', ')})`, 'Install that release here too, or be sure that its migrations are compatible.')
  }
  return ok('schema', `${applied.length} migrations applied, none missing`)
}

function judgeConnections({ connectionsMax, connectionsUsed }: DatabaseFacts, { connections }: WantedDatabase): readonly Finding[] {
  const room = connectionsMax - connections - connectionsSpare
  if (room >= 0) return [ok('postgres connections', `${connectionsUsed} of ${connectionsMax} in use; this installation opens up to ${connections}`)]
  const fix = 'Raise max_connections, or lower MUSTER_PROCESSES, DATABASE_MAX_CONNECTIONS or API_DATABASE_CONNECTIONS. A rescale doubles the shard processes for a while.'
  return [warning('postgres connections', `${connectionsMax} are allowed; this installation opens up to ${connections}`, fix)]
}

/** Phases in which a rescale is neither finished nor given up. */
const unfinished: Readonly<Record<string, string>> = { prepare: 'its processes were coming up', switch: 'slots were changing hands' }
/** A rescale of the largest size takes minutes. */
const underWayMsMax = 15 * 60_000

function judgeTopology({ topology }: DatabaseFacts): readonly Finding[] {
  if (topology === null) return [note('topology', 'none yet: the first start makes it')]
  const { generation, shardCount, processCount, phase, ageMs } = topology
  const shape = `generation ${generation}: ${shardCount} shards in ${processCount} processes`
  const meaning = unfinished[phase]
  if (meaning === undefined) return [ok('topology', `${shape}, ${phase}`)]
  const minutes = Math.round(ageMs / 60_000)
  if (ageMs < underWayMsMax) return [note('topology', `${shape}, ${phase}: a rescale is under way since ${minutes} minutes`)]
  const fix = 'Start the manager: it goes on or back by itself. If it runs, `muster status` shows how far it is, and `muster rescale --abort` hands everything back.'
  return [problem('topology', `${shape} has been in "${phase}" for ${minutes} minutes, a rescale that stopped half-way: ${meaning}`, fix)]
}
