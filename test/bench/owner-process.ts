/**
 * An owner in a process of its own: takes the slots it is told to, learns of deaths as from a manager, ends with its
 * parent.
 */
import type { Incarnation, Slot } from '../../kernel/ids.ts'
import { openOwner } from './open-owner.ts'
import { tallyRegistry } from './tally-feature.ts'

export type OwnerOrder =
  | { readonly kind: 'own'; readonly slots: readonly Slot[] }
  | { readonly kind: 'process-dead'; readonly incarnation: Incarnation }

export type OwnerNews = { readonly kind: 'started'; readonly incarnation: Incarnation } | { readonly kind: 'owned' }

const tell = (news: OwnerNews): void => void process.send?.(news)

const owner = await openOwner(process.env, { registry: tallyRegistry })
process.on('message', (order: OwnerOrder) => {
  if (order.kind === 'own') void owner.runtime.keeper.own(order.slots).then(() => tell({ kind: 'owned' }))
  else owner.runtime.keeper.reportDead(order.incarnation)
})
process.once('disconnect', () => {
  void owner.stop().then(() => process.exit(0))
})
tell({ kind: 'started', incarnation: owner.me })
