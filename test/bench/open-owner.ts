/**
 * An owner as a shard process has one: the production runtime on the real stores, without a gateway.
 */
import { randomBytes } from 'node:crypto'
import type { BehaviourRegistry } from '../../actors/behaviours/registry.ts'
import { startWatchdog } from '../../actors/ownership/watchdog.ts'
import { createSealer } from '../../actors/records/sealer.ts'
import { signSnapshot } from '../../actors/records/snapshot.ts'
import type { ActorRuntimeHooks } from '../../actors/runtime/actor-runtime.ts'
import { ActorRuntime } from '../../actors/runtime/actor-runtime.ts'
import { CalibratedTime } from '../../actors/runtime/database-time.ts'
import { createSnapshotCheck } from '../../actors/runtime/snapshot-check.ts'
import { createBulkSnapshotCheck } from '../../actors/runtime/snapshot-threads.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import type { Incarnation, Slot } from '../../kernel/ids.ts'
import { generation } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { createLog } from '../../kernel/log.ts'
import { newIncarnation } from '../../kernel/new-incarnation.ts'
import { parseShardConfig } from '../../shards/config.ts'
import { openStores } from '../../shards/stores.ts'

export interface Owner {
  readonly me: Incarnation
  readonly runtime: ActorRuntime
  readonly time: CalibratedTime
  stop(): Promise<void>
}

export const allSlots: readonly Slot[] = Array.from({ length: limits.slotCount }, (_, slot) => slot as Slot)

/** Started and calibrated; it owns nothing yet. */
export async function openOwner(
  environment: Readonly<Record<string, string | undefined>>,
  options: { readonly registry: BehaviourRegistry; readonly hooks?: Partial<ActorRuntimeHooks> },
): Promise<Owner> {
  const config = parseShardConfig(environment)
  const clock = createSystemClock()
  const log = createLog({ level: config.logLevel, process: 'owner' })
  const me = newIncarnation()
  const stores = await openStores({ clock, log }, config)
  const { redisUrl, redisPrefix, clusterSigner, trustedClusterKeys, keks } = config
  const watchdog = startWatchdog({ clock, log }, { redisUrl, redisPrefix, incarnation: me })
  const time = new CalibratedTime(clock)
  const runtime = new ActorRuntime({
    ...stores,
    me,
    generation: generation(1),
    clock,
    time,
    log,
    registry: options.registry,
    sealer: createSealer({ cluster: clusterSigner, trusted: trustedClusterKeys, keks }),
    checkSnapshot: createSnapshotCheck(trustedClusterKeys),
    checkSnapshots: createBulkSnapshotCheck({ log }, trustedClusterKeys),
    random: (length) => randomBytes(length),
    watchdog,
    signSnapshot: (facts) => signSnapshot(clusterSigner, facts),
    effects: { run: () => Promise.resolve({ kind: 'impossible', reason: 'no Discord here' }) },
    advisory: { show: () => Promise.resolve() },
    hooks: { onSlotServed: () => undefined, onSlotLost: () => undefined, ...options.hooks },
  })
  await time.calibrate(() => stores.guilds.databaseTime())
  await runtime.start()
  return {
    me,
    runtime,
    time,
    async stop() {
      await runtime.stop()
      await watchdog.stop()
      await stores.close()
    },
  }
}
