/**
 * The smallest feature that writes and reads: a counter a guild. What the runtime itself costs is measured with it.
 */
import type { ErasedBehaviour } from '../../actors/behaviours/registry.ts'
import { createRegistry } from '../../actors/behaviours/registry.ts'
import type { Behaviour } from '../../actors/protocol/behaviour.ts'
import type { Command } from '../../actors/protocol/command.ts'

interface Tally {
  count: number
}

type TallyCommand = { readonly feature: 'tally'; readonly kind: 'add' | 'read' }
type TallyEvent = { readonly kind: 'added' }
type TallyReply = { readonly kind: 'tally'; readonly count: number }

const tally: Behaviour<Tally, TallyCommand, TallyEvent, TallyReply> = {
  feature: 'tally',
  stateVersion: 1,
  reads: new Set(['read']),
  initial: () => ({ count: 0 }),
  upgrade: (state) => state as Tally,
  decide: (state, { kind }) =>
    kind === 'add'
      ? { events: [{ kind: 'added' }], reply: { kind: 'tally', count: state.count + 1 } }
      : { events: [], reply: { kind: 'tally', count: state.count } },
  evolve(state) {
    state.count += 1
    return state
  },
  hasOpenWork: () => false,
  entryCount: () => 1,
}

/** The unions of commands name the real features only: the bench's own goes past them, as in the registry. */
const asCommand = (command: TallyCommand): Command => command as unknown as Command

export const tallyRegistry = createRegistry([tally as unknown as ErasedBehaviour])
export const addCommand = asCommand({ feature: 'tally', kind: 'add' })
export const readCommand = asCommand({ feature: 'tally', kind: 'read' })
