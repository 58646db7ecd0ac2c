/**
 * What people are told of a guild's signing: that it was locked or unlocked. A feature that has places to tell it in wishes
 * for the posts; they leave with the event that they are about.
 */
import type { BehaviourRegistry } from '../behaviours/registry.ts'
import type { SigningChange } from '../protocol/behaviour.ts'
import type { OutboxEffect } from '../protocol/effect.ts'
import { featureState } from './guild-state.ts'
import type { GuildState, RuntimeEvent } from './guild-state.ts'
import { waitingCount } from './signing-state.ts'

/** A wish, and the feature that wishes for it. */
export interface Announcement {
  readonly feature: string
  readonly effect: OutboxEffect
}

/** `state` is as the event left it. */
export function announceSigning(registry: BehaviourRegistry, state: GuildState, event: RuntimeEvent): readonly Announcement[] {
  const change = changeOf(state, event)
  if (change === null) return []
  return [...registry.values()].flatMap((behaviour) =>
    (behaviour.announceSigning?.(featureState(state, behaviour), change) ?? []).map((effect) => ({ feature: behaviour.feature, effect })),
  )
}

function changeOf({ at, signing }: GuildState, event: RuntimeEvent): SigningChange | null {
  if (event.kind === 'signing-locked') return { kind: 'locked', byUserId: event.byUserId, policy: signing?.policy ?? 'queue', at }
  if (event.kind === 'signing-unlocked') return { kind: 'unlocked', byUserId: event.byUserId, waiting: waitingCount(signing), at }
  return null
}
