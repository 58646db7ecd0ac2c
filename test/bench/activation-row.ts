/**
 * Row: bulk activation, as after a takeover: 10,000 guilds, each with a signed snapshot (five open sessions) and ten
 * journal rows after it, from Postgres into memory, every signature verified.
 *
 * Baselines of the same run: the same rows only read, and the signatures alone on one thread.
 */
import { createSnapshotCheck } from '../../actors/runtime/snapshot-check.ts'
import type { StoredGuild } from '../../actors/runtime/ports.ts'
import { trustOf } from '../../actors/records/cluster-key.ts'
import { silentLog } from '../../kernel/log.ts'
import { limits } from '../../kernel/limits.ts'
import { createPostgresGuildStore } from '../../prisma/guild-store.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import { parseShardConfig } from '../../shards/config.ts'
import { guildIn } from '../support/commit-batches.ts'
import { openBenchHouse } from './bench-house.ts'
import type { BenchRow } from './bench-row.ts'
import { makeGuildHistory, voiceRegistry } from './guild-history.ts'
import { allSlots, openOwner } from './open-owner.ts'
import { median } from './quantile.ts'
import { writeHistories } from './write-histories.ts'

const guildsPerRead = 250
const threadsStandMs = 2_000

export const activationRow: BenchRow = {
  name: 'activation',
  what: '10,000 guilds with snapshot and 10 journal rows each, from Postgres into memory, verified',
  async run({ quick }) {
    const count = quick ? 2_000 : 10_000
    const house = await openBenchHouse()
    const cluster = parseShardConfig(house.environment).clusterSigner
    const guilds = Array.from({ length: count }, (_, n) => guildIn(n % limits.slotCount, Math.floor(n / limits.slotCount)))
    await writeHistories(
      house.databaseUrl,
      guilds.map((guildId, index) => makeGuildHistory(guildId, { index, sessions: 5, later: 10, cluster })),
    )
    const activated: number[] = []
    const readOnly: number[] = []
    const verified: number[] = []
    for (let round = 0; round < (quick ? 2 : 6); round += 1) {
      activated.push(await timeActivation(house.environment, guilds))
      const { stored, perSecond } = await timeReads(house.databaseUrl, guilds)
      readOnly.push(perSecond)
      verified.push(timeChecks(createSnapshotCheck(trustOf(cluster)), stored))
    }
    await house.close()
    // The first round compiles and fills the server's cache.
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

type Guilds = readonly ReturnType<typeof guildIn>[]

async function timeActivation(environment: Readonly<Record<string, string>>, guilds: Guilds): Promise<number> {
  const whenLoaded = { left: guilds.length, resolve: () => undefined as void }
  const loaded = new Promise<void>((resolve) => (whenLoaded.resolve = resolve))
  const onLoaded = (): void => {
    whenLoaded.left -= 1
    if (whenLoaded.left === 0) whenLoaded.resolve()
  }
  const owner = await openOwner(environment, { registry: voiceRegistry, hooks: { onLoaded } })
  await owner.runtime.keeper.own(allSlots)
  // An owner that takes a dead one's slots has run for a while: its threads stand.
  await new Promise((resolve) => setTimeout(resolve, threadsStandMs))
  const startedAt = performance.now()
  for (const guildId of guilds) owner.runtime.catalog.activate(guildId)
  await loaded
  const tookMs = performance.now() - startedAt
  await owner.stop()
  return (guilds.length / tookMs) * 1_000
}

async function timeReads(connectionString: string, guilds: Guilds): Promise<{ stored: readonly StoredGuild[]; perSecond: number }> {
  const pool = createPostgresPool(
    { log: silentLog },
    { connectionString, connectionsMax: 5, statementTimeoutMs: 10_000, connectTimeoutMs: 2_000, applicationName: 'bench' },
  )
  const store = createPostgresGuildStore({ pool, prisma: { $executeRaw: () => Promise.resolve(0) } })
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
