/**
 * An owner that activates many guilds at once and tells how long it took. It is killed afterwards: a drained one would
 * write snapshots, and the next round would have no journal rows to replay.
 */
import type { Incarnation } from '../../kernel/ids.ts'
import { guildOf } from './activation-guilds.ts'
import { voiceRegistry } from './guild-history.ts'
import { allSlots, openOwner } from './open-owner.ts'

export interface ActivateOrder {
  readonly kind: 'activate'
  readonly count: number
  /** The one before, which was killed. */
  readonly dead: Incarnation | null
}

export type ActivationNews =
  | { readonly kind: 'started'; readonly incarnation: Incarnation }
  | { readonly kind: 'activated'; readonly tookMs: number }

/** An owner that takes a dead one's slots has run for a while: its threads stand. */
const threadsStandMs = 2_000

const tell = (news: ActivationNews): void => void process.send?.(news)
let left = 0
let onAllLoaded = (): void => undefined
const onLoaded = (): void => {
  left -= 1
  if (left === 0) onAllLoaded()
}
const owner = await openOwner(process.env, { registry: voiceRegistry, hooks: { onLoaded } })

async function activate({ count, dead }: ActivateOrder): Promise<void> {
  if (dead !== null) owner.runtime.keeper.reportDead(dead)
  await owner.runtime.keeper.own(allSlots)
  await new Promise((resolve) => setTimeout(resolve, threadsStandMs))
  left = count
  const loaded = new Promise<void>((resolve) => (onAllLoaded = resolve))
  const guilds = Array.from({ length: count }, (_, n) => guildOf(n))
  const startedAt = performance.now()
  for (const guildId of guilds) owner.runtime.catalog.activate(guildId)
  await loaded
  tell({ kind: 'activated', tookMs: performance.now() - startedAt })
}

process.on('message', (order: ActivateOrder) => void activate(order))
process.once('disconnect', () => process.exit(0))
tell({ kind: 'started', incarnation: owner.me })
