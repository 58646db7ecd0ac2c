/**
 * A behaviour made for testing the runtime: it counts, it wishes, it wants to be woken, and it breaks when told to.
 *
 * Nothing of it is a feature of the house; it exists so that tests of the runtime need no voice channel.
 */
import type { ErasedBehaviour } from '../../actors/behaviours/registry.ts'
import { createRegistry } from '../../actors/behaviours/registry.ts'
import type { Behaviour } from '../../actors/protocol/behaviour.ts'
import type { Command, Outcome, Reply } from '../../actors/protocol/command.ts'
import type { Effect } from '../../actors/protocol/effect.ts'
import type { FinishedRecord } from '../../actors/protocol/record.ts'
import { assert } from '../../kernel/assert.ts'

export interface TallyState {
  count: number
  alarms: Record<string, number>
  rang: string[]
}

export type TallyCommand =
  | { readonly feature: 'tally'; readonly kind: 'add'; readonly by: number; readonly times?: number; readonly effects?: readonly Effect[]; readonly records?: readonly FinishedRecord[] }
  | { readonly feature: 'tally'; readonly kind: 'look' }
  | { readonly feature: 'tally'; readonly kind: 'refuse' }
  | { readonly feature: 'tally'; readonly kind: 'break'; readonly where: 'decide' | 'evolve'; readonly message: string }
  | { readonly feature: 'tally'; readonly kind: 'wake'; readonly purpose: string; readonly at: number | null; readonly breaks?: boolean }
  | { readonly feature: 'tally'; readonly kind: 'ring'; readonly purpose: string; readonly dueAt: number }
  | { readonly feature: 'tally'; readonly kind: 'say'; readonly length: number }

export type TallyEvent =
  | { readonly kind: 'added'; readonly by: number }
  | { readonly kind: 'broken' }
  | { readonly kind: 'alarm-wanted'; readonly purpose: string; readonly at: number | null }
  | { readonly kind: 'rang'; readonly purpose: string }

export interface TallyReply {
  readonly kind: 'tally'
  readonly count: number
  readonly text?: string
}

const fragile = 'breaks-'

const behaviour: Behaviour<TallyState, TallyCommand, TallyEvent, TallyReply> = {
  feature: 'tally',
  stateVersion: 2,
  reads: new Set(['look']),
  initial: () => ({ count: 0, alarms: {}, rang: [] }),
  upgrade: (state, fromVersion) => {
    assert(fromVersion === 1, 'there was one version before')
    return { ...(state as TallyState), rang: ['upgraded'] }
  },
  decide(state, command) {
    const reply = { kind: 'tally', count: state.count } as const
    switch (command.kind) {
      case 'add': {
        const events = Array.from({ length: command.times ?? 1 }, () => ({ kind: 'added', by: command.by }) as const)
        const count = state.count + command.by * events.length
        return { events, reply: { ...reply, count }, records: command.records ?? [], effects: command.effects ?? [] }
      }
      case 'look':
      case 'refuse':
        return { events: [], reply }
      case 'break':
        assert(command.where !== 'decide', command.message)
        return { events: [{ kind: 'added', by: 1_000 }, { kind: 'broken' }], reply }
      case 'wake': {
        const purpose = command.breaks === true ? fragile + command.purpose : command.purpose
        return { events: [{ kind: 'alarm-wanted', purpose, at: command.at }], reply }
      }
      case 'ring':
        assert(!command.purpose.startsWith(fragile), 'this alarm breaks its guild')
        return { events: [{ kind: 'rang', purpose: command.purpose }], reply }
      case 'say':
        return { events: [{ kind: 'added', by: 0 }], reply: { ...reply, text: 'x'.repeat(command.length) } }
    }
  },
  evolve(state, event) {
    switch (event.kind) {
      case 'added':
        state.count += event.by
        return state
      case 'broken':
        throw new Error('evolve met an event it cannot apply')
      case 'alarm-wanted':
        if (event.at === null) delete state.alarms[event.purpose]
        else state.alarms[event.purpose] = event.at
        return state
      case 'rang':
        delete state.alarms[event.purpose]
        state.rang.push(event.purpose)
        return state
    }
  },
  alarms: (state) => Object.entries(state.alarms).map(([purpose, dueAt]) => ({ purpose, dueAt })),
  onAlarm: (purpose, dueAt) => ({ feature: 'tally', kind: 'ring', purpose, dueAt }),
  hasOpenWork: (state) => Object.keys(state.alarms).length > 0,
  entryCount: (state) => state.rang.length,
}

export const tally = behaviour as unknown as ErasedBehaviour
export const tallyRegistry = createRegistry([tally])

/** As the runtime carries it: its own unions know nothing of this feature. */
export const tallyCommand = (command: Omit<TallyCommand, 'feature'> & Record<string, unknown>): Command =>
  ({ feature: 'tally', ...command }) as unknown as Command

export const add = (by: number, more: Record<string, unknown> = {}): Command => tallyCommand({ kind: 'add', by, ...more })
export const look = tallyCommand({ kind: 'look' })

/** What the answer says, or the reason of a refusal. */
export function told(outcome: Outcome | undefined): number | string | undefined {
  if (outcome === undefined) return undefined
  return outcome.status === 'refused' ? outcome.reason : (outcome.reply as Reply as unknown as TallyReply).count
}
