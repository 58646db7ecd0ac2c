/**
 * What the outside saw: who asked what when, and when which answer came. The judge's other half; the journal is the one.
 *
 * Times are simulated milliseconds of nobody's clock. An operation may be asked several times under its op id; each
 * time is an attempt, and an attempt whose process died never gets an answer.
 */
import type { GuildId, OpId } from '../../kernel/ids.ts'
import type { Command, Outcome } from '../../actors/protocol/command.ts'
import { questionOf } from './class-facts.ts'

/** `voice-change`: may change nothing, and is then answered without a trace in the journal. */
export type OperationKind = 'append' | 'read' | 'set-alarm' | 'break' | 'voice-setting' | 'voice-change' | 'voice-read'

export interface Attempt {
  readonly askedAt: number
  readonly via: string
  /** True while its asker lives and waits. */
  isOpen: boolean
  answeredAt: number | null
  outcome: Outcome | null
  /** The asker's process answers from its own memory and its lease was ended early: a read may be stale. */
  isExcused: boolean
}

export interface Operation {
  readonly number: number
  readonly guildId: GuildId
  readonly opId: OpId
  readonly kind: OperationKind
  /** Asked again with what rows say, where that was asked for. */
  command: Command
  readonly attempts: Attempt[]
  /** Whoever asked gave up, or reads anew under another op id. */
  isGivenUp: boolean
}

export const isFinal = (outcome: Outcome): boolean => (outcome.status === 'answered' ? questionOf(outcome) === null : outcome.reason === 'rejected')

export function finalOutcome(operation: Operation): Outcome | null {
  return operation.attempts.find(({ outcome }) => outcome !== null && isFinal(outcome))?.outcome ?? null
}

export const firstAskedAt = (operation: Operation): number =>
  Math.min(...operation.attempts.map(({ askedAt }) => askedAt))

/** When the first answer that settles it had come; Infinity while there is none. */
export function firstAnsweredAt(operation: Operation): number {
  let first = Infinity
  for (const { outcome, answeredAt } of operation.attempts) {
    if (outcome !== null && answeredAt !== null && isFinal(outcome)) first = Math.min(first, answeredAt)
  }
  return first
}

export class History {
  readonly operations: Operation[] = []
  readonly #byKey = new Map<string, Operation>()

  add(operation: Operation): void {
    this.operations.push(operation)
    this.#byKey.set(`${operation.guildId} ${operation.opId}`, operation)
  }

  find(guildId: GuildId, opId: OpId): Operation | undefined {
    return this.#byKey.get(`${guildId} ${opId}`)
  }
}

/** A change of settings that found everything as it wanted it is answered, and leaves no trace in the journal. */
export function leavesTrace({ kind }: Operation, outcome: Outcome): boolean {
  if (kind === 'read' || kind === 'voice-read') return false
  if (kind !== 'voice-change' || outcome.status === 'refused') return true
  const { reply } = outcome
  return reply.kind === 'period-reset' || (reply.kind === 'setting-set' && reply.changed)
}
