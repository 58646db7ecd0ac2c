/**
 * How much a process carries at this moment, for status and metrics: looked at when somebody asks, counted nowhere.
 */
import type { LeaseKeeper } from '../ownership/lease-keeper.ts'
import type { Catalog } from './catalog.ts'
import type { Outbox } from './outbox.ts'
import type { SlotState, SlotTable } from './slot-table.ts'
import { slotStates } from './slot-table.ts'

export interface Workload {
  /** Guilds in memory that are awake, and those packed small. */
  readonly active: number
  readonly resting: number
  /** Commands waiting in mailboxes. */
  readonly mailboxDepth: number
  /** Events decided and not yet in Postgres. */
  readonly undurableEvents: number
  readonly slots: Readonly<Record<SlotState, number>>
  readonly outboxHeld: number
  /** Unix ms at which the oldest effect that is held was wished for; null: none is held. */
  readonly outboxOldestAt: number | null
  /** True while the lease covers answers from memory. */
  readonly leaseCovers: boolean
}

export interface WorkloadParts {
  readonly catalog: Pick<Catalog, 'activations' | 'activationCount' | 'undurableEvents'>
  readonly outbox: Pick<Outbox, 'held' | 'oldestAt'>
  readonly slots: SlotTable
  readonly lease: Pick<LeaseKeeper, 'covers'>
}

export function measureWorkload({ catalog, outbox, slots, lease }: WorkloadParts): Workload {
  let active = 0
  let mailboxDepth = 0
  for (const activation of catalog.activations()) {
    active += 1
    mailboxDepth += activation.mailboxDepth
  }
  const states = Object.fromEntries(slotStates.map((state) => [state, slots.inState(state).length]))
  return {
    active,
    resting: catalog.activationCount - active,
    mailboxDepth,
    undurableEvents: catalog.undurableEvents,
    slots: states as Record<SlotState, number>,
    outboxHeld: outbox.held,
    outboxOldestAt: outbox.oldestAt(),
    leaseCovers: lease.covers(),
  }
}
