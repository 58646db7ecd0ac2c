/**
 * A shard process as it is in production, for shard 0 of 2, without a manager.
 */
import { startWatchdog } from '../../actors/ownership/watchdog.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { generation } from '../../kernel/ids.ts'
import { createLog } from '../../kernel/log.ts'
import { newIncarnation } from '../../kernel/new-incarnation.ts'
import { version } from '../../kernel/version.ts'
import { parseShardConfig } from '../../shards/config.ts'
import { createShardMetrics } from '../../shards/metrics/shard-metrics.ts'
import { ShardProcess } from '../../shards/shard-process.ts'
import { openStores } from '../../shards/stores.ts'

const config = parseShardConfig(process.env)
const clock = createSystemClock()
const log = createLog({ level: config.logLevel, process: 'bot' })
const me = newIncarnation()
const stores = await openStores({ clock, log }, config)
const { redisUrl, redisPrefix } = config
const watchdog = startWatchdog({ clock, log }, { redisUrl, redisPrefix, incarnation: me })
const metrics = createShardMetrics({ process: 'bot', version, generation: generation(1) })
const shard = new ShardProcess(
  { config, stores, clock, log, watchdog, metrics },
  { incarnation: me, generation: generation(1), startsHolding: false, shardIds: [0], shardCount: 2, processCount: 2, version },
)
process.once('disconnect', () => {
  void shard.stop().then(async () => {
    await watchdog.stop()
    await stores.close()
    process.exit(0)
  })
})
await shard.start()
await shard.whenReady()
process.send?.({ kind: 'started' })
