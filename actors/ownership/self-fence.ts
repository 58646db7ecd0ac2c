/**
 * Raises the fence over one's own rows, whatever becomes of the answers.
 *
 * A statement whose answer was lost may have raised the fence, and then the next one finds it higher than it knew. As
 * long as the row names us nobody else was there, because only we write that name: it is tried again from what the row
 * says now. A slot whose row names somebody else is lost, and is not returned.
 */
import type { Fence, Incarnation, Slot } from '../../kernel/ids.ts'
import type { OwnershipStore, SlotFence } from '../runtime/ports.ts'

export interface SelfFenceDeps {
  readonly me: Incarnation
  readonly store: Pick<OwnershipStore, 'fenceSelf' | 'readSlots'>
  /** Repeats a question until Postgres answers; null when this process stops first. */
  untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer | null>
}

export async function fenceSelfSurely(
  { me, store, untilAnswered }: SelfFenceDeps,
  held: readonly SlotFence[],
): Promise<ReadonlyMap<Slot, Fence>> {
  const raised = new Map<Slot, Fence>()
  let seen = held
  while (seen.length > 0) {
    const trying = seen
    for (const { slot, fence } of (await untilAnswered(() => store.fenceSelf({ held: trying, owner: me }))) ?? []) {
      raised.set(slot, fence)
    }
    const missing = trying.filter(({ slot }) => !raised.has(slot))
    if (missing.length === 0) break
    const rows = await untilAnswered(() => store.readSlots(missing.map(({ slot }) => slot)))
    seen = rows?.filter(({ owner }) => owner === me) ?? []
  }
  return raised
}
