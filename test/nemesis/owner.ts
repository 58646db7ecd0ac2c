/**
 * An owner process: the actor runtime on the stores of a shard process, without Discord.
 *
 *   node --import tsx owner.ts <index> <owners> <folder>      configured by the environment of a shard process
 *
 * Its home are the slots that shard <index> of <owners> would hear. It ends at SIGTERM, drained, and when whoever
 * started it is gone. Features and the ledger of the simulation run side by side.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createRegistry, features } from '../../actors/behaviours/registry.ts'
import { slotsOfShards } from '../../actors/ownership/slots.ts'
import { startWatchdog } from '../../actors/ownership/watchdog.ts'
import { createSealer } from '../../actors/records/sealer.ts'
import { signSnapshot } from '../../actors/records/snapshot.ts'
import { ActorRuntime } from '../../actors/runtime/actor-runtime.ts'
import { CalibratedTime } from '../../actors/runtime/database-time.ts'
import { createSnapshotCheck } from '../../actors/runtime/snapshot-check.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import type { Incarnation } from '../../kernel/ids.ts'
import { generation } from '../../kernel/ids.ts'
import { createLog } from '../../kernel/log.ts'
import { newIncarnation } from '../../kernel/new-incarnation.ts'
import { parseShardConfig } from '../../shards/config.ts'
import type { ShardConfig } from '../../shards/config.ts'
import type { ShardStores } from '../../shards/stores.ts'
import { openStores } from '../../shards/stores.ts'
import { ledgerBehaviour } from '../simulation/ledger.ts'
import { calibrateLater } from './calibration.ts'
import { countLane, countOwnership } from './counted-stores.ts'
import type { LocalReads } from './local-reads.ts'
import { startLocalReads } from './local-reads.ts'
import type { FromOwner, ToOwner } from './messages.ts'
import { recordFile } from './record-file.ts'
import { guildsOfSeries } from './series-guilds.ts'

const [index, owners] = process.argv.slice(2, 4).map(Number) as [number, number]
const folder = process.argv[4] ?? ''
const clock = createSystemClock()
const tell = (message: FromOwner): void => void process.send?.(message)

function createRuntime(config: ShardConfig, stores: ShardStores, me: Incarnation) {
  const log = createLog({ level: config.logLevel, process: `owner-${index}` })
  const { redisUrl, redisPrefix, clusterSigner, trustedClusterKeys, keks } = config
  const time = new CalibratedTime(clock)
  const watchdog = startWatchdog({ clock, log }, { redisUrl, redisPrefix, incarnation: me })
  const runtime = new ActorRuntime({
    ...stores,
    lanes: stores.lanes.map((lane) => countLane(lane, tell)),
    ownership: countOwnership(stores.ownership, tell),
    me,
    generation: generation(1),
    clock,
    time,
    log,
    watchdog,
    registry: createRegistry([...features, ledgerBehaviour]),
    sealer: createSealer({ cluster: clusterSigner, trusted: trustedClusterKeys, keks }),
    checkSnapshot: createSnapshotCheck(trustedClusterKeys),
    random: (length) => randomBytes(length),
    signSnapshot: (facts) => signSnapshot(clusterSigner, facts),
    effects: { run: () => Promise.resolve({ kind: 'done', answer: {} }) },
    advisory: { show: () => Promise.resolve() },
    hooks: { onSlotServed: () => undefined, onSlotLost: () => undefined },
  })
  return { runtime, time, watchdog, log }
}

function readHome(runtime: ActorRuntime, time: CalibratedTime, series: number): LocalReads {
  const guilds = guildsOfSeries(series).filter(({ slot }) => slot % owners === index).map(({ guildId }) => guildId)
  const file = join(folder, recordFile(series, index))
  return startLocalReads({ runtime, clock, now: () => time.now() }, { guilds, file })
}

async function main(): Promise<void> {
  const config = parseShardConfig(process.env)
  const me = newIncarnation()
  const stores = await openStores({ clock, log: createLog({ level: config.logLevel, process: `owner-${index}` }) }, config)
  const { runtime, time, watchdog, log } = createRuntime(config, stores, me)
  let isEnding = false
  const end = (): void => {
    if (isEnding) return
    isEnding = true
    void (async () => {
      await runtime.stop()
      await watchdog.stop()
      await stores.close()
      process.exit(0)
    })()
  }
  let reads: LocalReads | null = null
  process.on('message', (message: ToOwner) => {
    if (message.kind === 'process-dead') {
      runtime.keeper.reportDead(message.incarnation)
      return
    }
    reads?.stop()
    reads = message.kind === 'read' ? readHome(runtime, time, message.series) : null
  })
  process.once('SIGTERM', end)
  process.once('disconnect', () => process.exit(0))
  await calibrateLater({ clock, time, log, readDatabaseTime: () => stores.guilds.databaseTime() })
  await runtime.start()
  tell({ kind: 'started', incarnation: me })
  await runtime.keeper.own(slotsOfShards([index], owners))
}

// Ctrl-c reaches the whole terminal group: the nemesis decides when its processes end.
process.on('SIGINT', () => undefined)
main().catch((thrown: unknown) => {
  const error = coerceError(thrown)
  // A server is away at the start: whoever started us tries again, as the manager does. Anything else is a bug.
  const isAway = ['postgres-unavailable', 'redis-unavailable'].includes(codeOf(error) ?? '')
  process.stderr.write(isAway ? `not started: ${error.message}\n` : `owner: ${error.stack ?? ''}\n`)
  process.exit(1)
})
