/**
 * Row: bulk activation, as after a takeover: 10,000 guilds, each with a signed snapshot (five open sessions) and ten
 * journal rows after it, from Postgres into memory, every signature verified.
 *
 * Baselines of the same run: the same rows only read, and the signatures alone on one thread.
 */
import { createSnapshotCheck } from '../../actors/runtime/snapshot-check.ts'
import type { StoredGuild } from '../../actors/runtime/ports.ts'
import { trustOf } from '../../actors/records/cluster-key.ts'
import type { GuildId, Incarnation } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import { createPostgresGuildStore } from '../../prisma/guild-store.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import { parseShardConfig } from '../../shards/config.ts'
import { guildOf } from './activation-guilds.ts'
import type { ActivationNews } from './activation-process.ts'
import { openBenchHouse } from './bench-house.ts'
import { startBenchProcess } from './bench-process.ts'
import type { BenchRow } from './bench-row.ts'
import { makeGuildHistory } from './guild-history.ts'
import { median } from './quantile.ts'
import { writeHistories } from './write-histories.ts'

const guildsPerRead = 250

export const activationRow: BenchRow = {
  name: 'activation',
  what: '10,000 guilds with snapshot and 10 journal rows each, from Postgres into memory, verified',
  async run({ quick }) {
    const count = quick ? 2_000 : 10_000
    const house = await openBenchHouse()
    const cluster = parseShardConfig(house.environment).clusterSigner
    const guilds = Array.from({ length: count }, (_, n) => guildOf(n))
    await writeHistories(
      house.databaseUrl,
      guilds.map((guildId, index) => makeGuildHistory(guildId, { index, sessions: 5, later: 10, cluster })),
    )
    const activated: number[] = []
    const readOnly: number[] = []
    const verified: number[] = []
    let dead: Incarnation | null = null
    for (let round = 0; round < (quick ? 2 : 6); round += 1) {
      const { perSecond: rate, incarnation } = await timeActivation(house.environment, { count, dead })
      dead = incarnation
      activated.push(rate)
      const { stored, perSecond } = await timeReads(house.databaseUrl, guilds)
      readOnly.push(perSecond)
      verified.push(timeChecks(createSnapshotCheck(trustOf(cluster)), stored))
    }
    await house.close()
    // The first round fills the server's cache.
    const [figure, reads, checks] = [activated, readOnly, verified].map((rates) => median(rates.slice(1))) as [number, number, number]
    return {
      lines: [
        { name: 'activated and verified', value: figure, unit: 'guilds/s' },
        { name: 'the same rows only read', value: reads, unit: 'guilds/s' },
        { name: 'snapshots checked, one thread and nothing else', value: checks, unit: 'guilds/s' },
      ],
      targets: [
        { name: 'bulk activation', figure, unit: 'guilds/s', atLeast: 12_000, baseline: { name: 'rows only read, guilds/s', figure: reads } },
      ],
    }
  },
}

type Guilds = readonly GuildId[]

/** Guilds a second of a fresh owner; `dead` is the one of the round before. */
async function timeActivation(
  environment: Readonly<Record<string, string>>,
  { count, dead }: { readonly count: number; readonly dead: Incarnation | null },
): Promise<{ perSecond: number; incarnation: Incarnation }> {
  const owner = startBenchProcess('activation-process.ts', environment)
  const { incarnation } = await owner.next<Extract<ActivationNews, { kind: 'started' }>>('started')
  owner.send({ kind: 'activate', count, dead })
  const { tookMs } = await owner.next<Extract<ActivationNews, { kind: 'activated' }>>('activated')
  owner.kill('SIGKILL')
  await owner.exited
  return { perSecond: (count / tookMs) * 1_000, incarnation }
}

async function timeReads(connectionString: string, guilds: Guilds): Promise<{ stored: readonly StoredGuild[]; perSecond: number }> {
  const pool = createPostgresPool(
    { log: silentLog },
    { connectionString, connectionsMax: 5, statementTimeoutMs: 10_000, connectTimeoutMs: 2_000, applicationName: 'bench' },
  )
  const store = createPostgresGuildStore({ pool })
  await store.databaseTime()
  const stored: StoredGuild[] = []
  const startedAt = performance.now()
  for (let at = 0; at < guilds.length; at += guildsPerRead) {
    stored.push(...(await store.loadGuilds(guilds.slice(at, at + guildsPerRead).map((guildId) => ({ guildId })))))
  }
  const perSecond = (guilds.length / (performance.now() - startedAt)) * 1_000
  await pool.end()
  return { stored, perSecond }
}

function timeChecks(check: ReturnType<typeof createSnapshotCheck>, stored: readonly StoredGuild[]): number {
  const startedAt = performance.now()
  for (const { snapshot } of stored) {
    if (snapshot === null || !check(snapshot).believed) throw new Error('a snapshot was not believed')
  }
  return (stored.length / (performance.now() - startedAt)) * 1_000
}
