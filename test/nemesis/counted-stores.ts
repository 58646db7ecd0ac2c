/**
 * Stores that tell when Postgres refused a stale write, so that a run can prove that its faults were met.
 *
 * Nothing is changed on the way: what goes in and what comes out is what the stores of a shard process say.
 */
import type { CommitLane, OwnershipStore } from '../../actors/runtime/ports.ts'
import type { FromOwner } from './messages.ts'

type Tell = (message: FromOwner) => void

export function countLane(lane: CommitLane, tell: Tell): CommitLane {
  return {
    async commit(batch) {
      const outcome = await lane.commit(batch)
      if (outcome.kind === 'unknown') tell({ kind: 'unknown' })
      if (outcome.kind !== 'committed' || outcome.owned.size === batch.slots.length) return outcome
      const guilds = new Set(batch.heads.filter(({ slot }) => !outcome.owned.has(slot)).map(({ guildId }) => guildId))
      const rows = batch.journal.filter(({ guildId }) => guilds.has(guildId)).length
      if (rows > 0) tell({ kind: 'fenced', rows })
      return outcome
    },
  }
}

export function countOwnership(store: OwnershipStore, tell: Tell): OwnershipStore {
  return {
    ...store,
    async fenceSelf(options) {
      const fenced = await store.fenceSelf(options)
      const slots = options.held.length - fenced.length
      if (slots > 0) tell({ kind: 'lost-in-doubt', slots })
      return fenced
    },
  }
}
