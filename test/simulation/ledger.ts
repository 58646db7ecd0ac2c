/**
 * A feature made for the simulation: a list that only grows, one unique value a command, and alarms that ring once.
 *
 * It tells everything an oracle wants to know: an append answers its position, a read how many there are and the last
 * one. Some commands are bugs on purpose: one throws while deciding, one while its event is applied and has changed half
 * of the state by then, and one makes a row that Postgres refuses.
 */
import { assert } from '../../kernel/assert.ts'
import type { ErasedBehaviour } from '../../actors/behaviours/registry.ts'
import type { Alarm, Behaviour, DecideContext, Decision } from '../../actors/protocol/behaviour.ts'
import type { Command, Reply } from '../../actors/protocol/command.ts'

export type LedgerCommand =
  | { readonly feature: 'ledger'; readonly kind: 'append'; readonly value: string; readonly posts: boolean }
  | { readonly feature: 'ledger'; readonly kind: 'read' }
  | { readonly feature: 'ledger'; readonly kind: 'set-alarm'; readonly purpose: string; readonly inMs: number }
  | { readonly feature: 'ledger'; readonly kind: 'ring'; readonly purpose: string; readonly dueAt: number }
  | { readonly feature: 'ledger'; readonly kind: 'note-posted'; readonly value: string; readonly isDone: boolean }
  | { readonly feature: 'ledger'; readonly kind: 'throw-deciding'; readonly value: string }
  | { readonly feature: 'ledger'; readonly kind: 'throw-evolving'; readonly value: string }
  | { readonly feature: 'ledger'; readonly kind: 'poison-row'; readonly value: string }

export type LedgerEvent =
  | { readonly kind: 'ledger-appended'; readonly value: string; readonly position: number }
  | { readonly kind: 'ledger-alarm-set'; readonly purpose: string; readonly dueAt: number }
  | { readonly kind: 'ledger-rang'; readonly purpose: string; readonly dueAt: number }
  | { readonly kind: 'ledger-posted'; readonly value: string; readonly isDone: boolean }
  | { readonly kind: 'ledger-broke' }

export type LedgerReply =
  | { readonly kind: 'appended'; readonly position: number }
  | { readonly kind: 'ledger'; readonly count: number; readonly last: string | null }
  | { readonly kind: 'alarm-set'; readonly dueAt: number }
  | { readonly kind: 'rung' }

export interface LedgerState {
  count: number
  last: string | null
  alarms: Record<string, number>
  rung: number
  posted: number
}

/** Postgres has no U+0000 in text: a row that names this purpose is refused with SQLSTATE 22021. */
const refusedPurpose = '\u0000'

const ledger: Behaviour<LedgerState, LedgerCommand, LedgerEvent, LedgerReply> = {
  feature: 'ledger',
  stateVersion: 1,
  reads: new Set(['read']),
  initial: () => ({ count: 0, last: null, alarms: {}, rung: 0, posted: 0 }),
  upgrade: (state) => state as LedgerState,
  decide,
  evolve,
  alarms: (state): readonly Alarm[] => Object.entries(state.alarms).map(([purpose, dueAt]) => ({ purpose, dueAt })),
  onAlarm: (purpose, dueAt) => ({ feature: 'ledger', kind: 'ring', purpose, dueAt }),
  onEffectSettled: ({ payload }, result) => ({
    feature: 'ledger',
    kind: 'note-posted',
    value: String(payload['value']),
    isDone: result.kind === 'done',
  }),
  hasOpenWork: () => false,
  entryCount: () => 1,
}

/** As the registry erases the types of its own features. */
export const ledgerBehaviour = ledger as unknown as ErasedBehaviour
export const asCommand = (command: LedgerCommand): Command => command as unknown as Command
export const asLedgerReply = (reply: Reply): LedgerReply => reply as unknown as LedgerReply

function decide(
  state: Readonly<LedgerState>,
  command: LedgerCommand,
  context: DecideContext,
): Decision<LedgerEvent, LedgerReply> {
  switch (command.kind) {
    case 'append': {
      const position = state.count + 1
      const post = { delivery: 'outbox', kind: 'post-message', target: 'channel', payload: { value: command.value } } as const
      const board = { delivery: 'advisory', kind: 'edit-message', target: 'board', payload: { count: position } } as const
      return {
        events: [{ kind: 'ledger-appended', value: command.value, position }],
        reply: { kind: 'appended', position },
        effects: command.posts ? [post, board] : [board],
      }
    }
    case 'read':
      return { events: [], reply: { kind: 'ledger', count: state.count, last: state.last } }
    case 'set-alarm': {
      const dueAt = context.now + command.inMs
      return {
        events: [{ kind: 'ledger-alarm-set', purpose: command.purpose, dueAt }],
        reply: { kind: 'alarm-set', dueAt },
      }
    }
    case 'ring':
      return { events: [{ kind: 'ledger-rang', purpose: command.purpose, dueAt: command.dueAt }], reply: { kind: 'rung' } }
    case 'note-posted':
      return { events: [{ kind: 'ledger-posted', value: command.value, isDone: command.isDone }], reply: { kind: 'rung' } }
    case 'throw-deciding':
      assert(false, 'simulated bug: a command that cannot be decided')
      break
    case 'throw-evolving':
      return { events: [{ kind: 'ledger-broke' }], reply: { kind: 'rung' } }
    case 'poison-row':
      return {
        events: [{ kind: 'ledger-alarm-set', purpose: refusedPurpose, dueAt: context.now + 3_600_000 }],
        reply: { kind: 'rung' },
      }
  }
}

function evolve(state: LedgerState, event: LedgerEvent): LedgerState {
  switch (event.kind) {
    case 'ledger-appended':
      state.count += 1
      state.last = event.value
      assert(state.count === event.position, 'a ledger has no hole')
      break
    case 'ledger-alarm-set':
      state.alarms[event.purpose] = event.dueAt
      break
    case 'ledger-rang':
      assert(state.alarms[event.purpose] === event.dueAt, 'an alarm rings when it was set')
      delete state.alarms[event.purpose]
      state.rung += 1
      break
    case 'ledger-posted':
      state.posted += 1
      break
    case 'ledger-broke':
      state.count += 1_000_000
      state.last = 'half a change'
      assert(false, 'simulated bug: an event that cannot be applied')
  }
  return state
}
