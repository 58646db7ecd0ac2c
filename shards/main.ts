/**
 * Entry of a shard process, spawned by the manager. Wires, starts, tells the manager, drains at the end.
 *
 * Exit codes: 0 drained, 1 configuration, 2 Postgres or Redis, 3 Discord. An orphan (its manager is gone without a goodbye)
 * serves on until the next manager's processes have taken its slots.
 */
import { ClusterClient, getInfo } from 'discord-hybrid-sharding'
import { exitCodes, wrapMessage } from '../cluster/protocol.ts'
import { startWatchdog } from '../actors/ownership/watchdog.ts'
import { createSystemClock } from '../kernel/clock.ts'
import { codeOf, coerceError } from '../kernel/errors.ts'
import type { Incarnation } from '../kernel/ids.ts'
import { createLog } from '../kernel/log.ts'
import type { Log } from '../kernel/log.ts'
import { newIncarnation } from '../kernel/new-incarnation.ts'
import { version } from '../kernel/version.ts'
import { parseShardConfig } from './config.ts'
import { explainDiscord } from './explain-discord.ts'
import { createManagerLink } from './ipc.ts'
import { ManagerOrders } from './manager-orders.ts'
import { createShardMetrics } from './metrics/shard-metrics.ts'
import type { TopologyFacts } from './orphan.ts'
import { liveAsOrphan } from './orphan.ts'
import { parsePlace } from './place.ts'
import { ShardProcess } from './shard-process.ts'
import { openStores } from './stores.ts'
import { VitalSigns } from './vital-signs.ts'

/** Past this a drain is given up: pm2 and containers kill at 30 s. */
const drainTimeoutMs = 25_000

async function main(): Promise<void> {
  const info = getInfo()
  const place = parsePlace(process.env)
  const config = parseShardConfig(process.env)
  const clock = createSystemClock()
  const processName = `shard-${info.CLUSTER}`
  const log = createLog({ level: config.logLevel, process: processName }).scope({ generation: place.generation })
  const me = newIncarnation()
  const stores = await openStores({ clock, log }, config)
  const { redisUrl, redisPrefix } = config
  const watchdog = startWatchdog({ clock, log }, { redisUrl, redisPrefix, incarnation: me })
  const metrics = createShardMetrics({ process: processName, version, generation: place.generation })
  const shard = new ShardProcess(
    { config, stores, clock, log, watchdog, metrics },
    {
      incarnation: me,
      ...place,
      shardIds: info.SHARD_LIST,
      shardCount: info.TOTAL_SHARDS,
      processCount: info.CLUSTER_COUNT,
      version,
    },
  )
  const vitals = new VitalSigns(
    { shard, stores, metrics, clock, log },
    { process: processName, incarnation: me, generation: place.generation, version, shardIds: info.SHARD_LIST, shardCount: info.TOTAL_SHARDS },
  )
  const drain = drainOnce(log, async () => {
    vitals.noteDraining()
    orders.stop()
    orphan?.stop()
    await shard.stop()
    await vitals.stop()
    await watchdog.stop()
    await stores.close()
  })
  const ownedCount = (): number => shard.runtime.ownedCount()
  const link = createManagerLink({ log, isOpen: () => process.connected }, new ClusterClient(shard.client))
  const reportDead = (dead: Incarnation): void => shard.runtime.keeper.reportDead(dead)
  const orders = new ManagerOrders({ clock, log, link, shard, shards: info.SHARD_LIST, ownedCount, reportDead, drain })
  let orphan: { stop(): void } | null = null
  const becomeOrphan = (): void => {
    const switchToAll = (): Promise<void> => shard.switchTo('all')
    const readTopologies = (limit: number): Promise<readonly TopologyFacts[]> => stores.topologies.listTopologies(limit)
    const ways = { switchToAll, handBack: () => shard.handBack(), retire: () => shard.retire() }
    orphan ??= liveAsOrphan({ clock, log, generation: place.generation, readTopologies, ownedCount, drain, ...ways })
  }
  shard.onRefused((error) => drain('refused by Discord', explainDiscord(error)))
  process.once('SIGTERM', () => drain('SIGTERM'))
  // Ctrl-c reaches the whole terminal group: the manager decides when its children end.
  process.on('SIGINT', () => undefined)
  process.once('disconnect', becomeOrphan)
  if (!process.connected) becomeOrphan()
  try {
    await link.tell({ kind: 'listening', process: processName, port: await vitals.start() })
    await link.tell({ kind: 'started', incarnation: me })
    orders.startHeartbeats()
    await shard.start()
  } catch (thrown) {
    await stores.close()
    throw thrown
  }
  orders.tellStart(place)
  void shard.whenReady().then(() => vitals.noteReady())
  log.info('started', { shards: info.SHARD_LIST, incarnation: me, ...place })
}

/** With an error the process ends as failed once everything is durable. */
function drainOnce(log: Log, stop: () => Promise<void>): (reason: string, error?: Error) => void {
  let isDraining = false
  return (reason, error) => {
    if (isDraining) return
    isDraining = true
    log.info('draining', { reason })
    const timer = setTimeout(() => {
      log.error('drain took too long, ending', { drainTimeoutMs })
      process.exit(exitCodes.store)
    }, drainTimeoutMs)
    stop()
      .then(() => {
        clearTimeout(timer)
        log.info('drained')
        if (error === undefined) process.exit(exitCodes.normal)
        else fail(error)
      })
      .catch((thrown: unknown) => fail(coerceError(thrown)))
  }
}

function exitCodeOf(error: Error): number {
  switch (codeOf(error)) {
    case 'configuration-invalid':
      return exitCodes.configuration
    case 'postgres-unavailable':
    case 'postgres-refused':
    case 'redis-unavailable':
      return exitCodes.store
    default:
      return exitCodes.gateway
  }
}

/** A manager that hears it says the sentence, once for all its processes; without one it is said here. */
function fail(thrown: Error): void {
  const error = explainDiscord(thrown)
  const exitCode = exitCodeOf(error)
  if (error.name !== 'AppError') process.stderr.write(`muster shard process: ${error.stack ?? error.message}\n`)
  const message = wrapMessage({ kind: 'failed', exitCode, sentence: error.message.slice(0, 2000) })
  const end = (isTold: boolean): void => {
    if (!isTold) process.stderr.write(`muster shard process: ${error.message}\n`)
    process.exit(exitCode)
  }
  if (process.send === undefined) end(false)
  else process.send(message, (failure: Error | null) => end(failure === null))
}

process.on('unhandledRejection', (reason) => fail(coerceError(reason)))
process.on('uncaughtException', (error) => fail(error))
main().catch((thrown: unknown) => fail(coerceError(thrown)))
