/**
 * The manager of the baseline: discord-hybrid-sharding with its re-cluster extension, as its documentation has it. Begins at
 * SIGUSR2; tells its parent when it is done.
 */
import { fileURLToPath } from 'node:url'
import { ClusterManager, ReClusterManager } from 'discord-hybrid-sharding'

const [shards = 4, clusters = 1, nextShards = 8, nextClusters = 2] = process.argv.slice(2).map(Number)
const manager = new ClusterManager(fileURLToPath(new URL('./recluster-bot.ts', import.meta.url)), {
  token: process.env['SANDBOX_TOKEN'] ?? '',
  totalShards: shards,
  totalClusters: clusters,
  mode: 'process',
  execArgv: process.execArgv,
  spawnOptions: { delay: 1, timeout: 60_000, amount: shards },
})
const recluster = new ReClusterManager()
manager.extend(recluster)
manager.on('error', () => undefined)

process.once('SIGUSR2', () => {
  const shardList = Array.from({ length: nextShards }, (_, id) => id)
  const options = { restartMode: 'gracefulSwitch' as const, totalShards: nextShards, totalClusters: nextClusters, shardList, delay: 1, timeout: 60_000 }
  const told = (message: object): void => void process.send?.(message)
  recluster.start(options).then(
    () => told({ kind: 'done' }),
    (thrown: unknown) => told({ kind: 'failed', sentence: String(thrown) }),
  )
})
process.on('disconnect', () => {
  for (const cluster of manager.clusters.values()) cluster.kill({ force: true })
  process.exit(0)
})
await manager.spawn()
process.send?.({ kind: 'ready' })
