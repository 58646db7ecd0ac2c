/**
 * The production catalog over stores that answer from functions, for measuring what its guilds weigh.
 */
import { randomBytes } from 'node:crypto'
import { createSigner } from '../../actors/records/ed25519.ts'
import type { ClusterSigner } from '../../actors/records/cluster-key.ts'
import { clusterKeyIdOf, createKeyEncryptionKey, trustOf } from '../../actors/records/cluster-key.ts'
import { createSealer } from '../../actors/records/sealer.ts'
import { Catalog } from '../../actors/runtime/catalog.ts'
import { createSnapshotCheck } from '../../actors/runtime/snapshot-check.ts'
import { SlotTable } from '../../actors/runtime/slot-table.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import type { Fence, GuildId } from '../../kernel/ids.ts'
import { incarnation } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { silentLog } from '../../kernel/log.ts'
import type { GuildHistory } from './guild-history.ts'
import { voiceRegistry } from './guild-history.ts'
import { allSlots } from './open-owner.ts'

const cluster = ((): ClusterSigner => {
  const signer = createSigner(randomBytes(32))
  return { clusterKeyId: clusterKeyIdOf(signer.publicKey), signer }
})()

/** Guilds come and go to rest in waves, as their servers wake. */
const guildsAtOnce = 1_000

export const createClusterSigner = (): ClusterSigner => cluster

/** Resolves when every guild is in memory. */
export async function openCatalog(options: {
  readonly guildsCount: number
  guildAt(index: number): GuildId
  /** As the idle collector leaves them after some quiet seconds. */
  readonly atRest: boolean
  historyOf(guild: GuildId, index: number): GuildHistory
}): Promise<Catalog> {
  const clock = createSystemClock()
  const slots = new SlotTable()
  for (const slot of allSlots) {
    slots.at(slot).setState('taking')
    slots.at(slot).setFence(1 as Fence, 1)
  }
  const indexOf = new Map<GuildId, number>()
  let left = 0
  let resolve = (): void => undefined
  const notCalled = (): never => {
    throw new Error('nothing is written here')
  }
  const check = createSnapshotCheck(trustOf(cluster))
  const catalog = new Catalog({
    me: incarnation('bench:1:1'),
    clock,
    time: { now: () => Date.now() },
    log: silentLog,
    slots,
    turn: {
      registry: voiceRegistry,
      sealer: createSealer({ cluster, trusted: trustOf(cluster), keks: [createKeyEncryptionKey(randomBytes(32))] }),
      random: (length) => randomBytes(length),
    },
    lanes: Array.from({ length: limits.commitLanes }, () => ({ commit: notCalled })),
    ownership: { readSlots: notCalled, fenceSelf: notCalled },
    guilds: {
      findOpResults: notCalled,
      loadGuilds: (requests) =>
        Promise.resolve(
          requests.map(({ guildId }) => {
            const { snapshot, journal, seq, head } = options.historyOf(guildId, indexOf.get(guildId) ?? 0)
            return { guildId, seq, head, snapshot, journal, keys: [], secrets: [] }
          }),
        ),
    },
    checkSnapshots: (snapshots) => Promise.resolve(snapshots.map((snapshot) => check(snapshot))),
    leaseCovers: () => true,
    leaseEpoch: () => 1,
    onSlotLost: () => undefined,
    onLoaded: () => {
      left -= 1
      if (left === 0) resolve()
    },
    onChange: () => undefined,
    onDropped: () => undefined,
    onDurable: () => undefined,
    onDoubtSettled: () => undefined,
    onKept: () => undefined,
  })
  for (const slot of allSlots) catalog.serve(slots.at(slot))
  for (let from = 0; from < options.guildsCount; from += guildsAtOnce) {
    const count = Math.min(guildsAtOnce, options.guildsCount - from)
    left = count
    const loaded = new Promise<void>((done) => (resolve = done))
    for (let index = from; index < from + count; index += 1) {
      const guild = options.guildAt(index)
      indexOf.set(guild, index)
      catalog.activate(guild)
    }
    await loaded
    indexOf.clear()
    if (options.atRest) for (const activation of catalog.restable(Infinity)) catalog.rest(activation)
  }
  return catalog
}
