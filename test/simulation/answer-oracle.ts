/**
 * Judges every answer twice: when it leaves the process that made it, against what is durable at that instant (I3), and
 * when it reaches who asked, against what others had been answered before the question came (I5, I6).
 *
 * A ledger makes both cheap. An append answers its position, a read the number of entries: whatever was answered before
 * the question is a floor below which neither may be.
 */
import type { GuildId, OpId } from '../../kernel/ids.ts'
import type { Outcome } from '../../actors/protocol/command.ts'
import type { Attempt, History, Operation } from './history.ts'
import { firstAskedAt, isFinal, leavesTrace } from './history.ts'
import type { GuildAccount, JournalOracle } from './journal-oracle.ts'
import { asLedgerReply } from './ledger.ts'
import type { LedgerCommand, LedgerReply } from './ledger.ts'
import type { Verdict } from './verdict.ts'

export interface AnswerOracleDeps {
  readonly history: History
  readonly journal: JournalOracle
  readonly verdict: Verdict
  now(): number
}

/** How many entries somebody was told of, from when on. */
interface Floor {
  readonly since: number
  readonly count: number
}

export class AnswerOracle {
  readonly #deps: AnswerOracleDeps
  readonly #floors = new Map<GuildId, Floor[]>()
  /** Ops whose entries in an inbox were refused, hence end without a trace in the journal. */
  readonly #refused = new Set<string>()

  constructor(deps: AnswerOracleDeps) {
    this.#deps = deps
  }

  wasRefused(guildId: GuildId, opId: OpId): boolean {
    return this.#refused.has(`${guildId} ${opId}`)
  }

  /** An answer leaves the process that owns the guild, or believes so. */
  onLeaves(answer: { guildId: GuildId; opId: OpId; outcome: Outcome; from: string; isExcused: boolean }): void {
    const { guildId, opId, outcome, from } = answer
    this.#deps.verdict.tell(() => `${from} answers ${opId}: ${JSON.stringify(outcome)}`)
    const operation = this.#deps.history.find(guildId, opId)
    if (operation === undefined) return
    if (answer.isExcused) for (const attempt of operation.attempts) attempt.isExcused ||= attempt.isOpen
    if (outcome.status === 'refused') this.#refused.add(`${guildId} ${opId}`)
    const shown = this.#whatIsNotDurable(operation, outcome)
    if (shown !== null) this.#deps.verdict.fail('I3', `${from} answered ${opId} with ${shown}`)
  }

  /** The asker has the answer. */
  onAnswered(operation: Operation, attempt: Attempt): void {
    const { verdict } = this.#deps
    const { outcome } = attempt
    if (outcome === null) return
    verdict.count(outcome.status === 'answered' ? 'answered' : `refused: ${outcome.reason}`)
    verdict.tell(() => `${attempt.via} has the answer to ${operation.opId}: ${JSON.stringify(outcome)}`)
    if (!isFinal(outcome)) {
      this.#checkRefusal(operation)
      return
    }
    this.#checkSameAnswer(operation, outcome)
    if (outcome.status !== 'answered') return
    const reply = asLedgerReply(outcome.reply)
    if (reply.kind === 'appended') {
      const floor = this.#floorAt(operation.guildId, firstAskedAt(operation))
      if (reply.position <= floor) {
        verdict.fail('I5', `${operation.opId} got position ${reply.position}, ${floor} were answered before it was asked`)
      }
      this.#raiseFloor(operation.guildId, reply.position)
    } else if (reply.kind === 'ledger') {
      this.#checkRead(operation, attempt, reply.count)
    }
  }

  #checkRead(operation: Operation, attempt: Attempt, count: number): void {
    const floor = this.#floorAt(operation.guildId, firstAskedAt(operation))
    if (count >= floor) {
      this.#raiseFloor(operation.guildId, count)
      return
    }
    if (attempt.isExcused) this.#deps.verdict.count('read excused by an early expiry')
    else this.#deps.verdict.fail('I6', `${operation.opId} read ${count} entries, ${floor} were answered before it was asked`)
  }

  /** A refusal says that nothing was changed; only `unanswered` leaves it open. */
  #checkRefusal(operation: Operation): void {
    const saysNothingChanged = operation.attempts.every(
      ({ outcome }) => outcome?.status === 'refused' && outcome.reason !== 'unanswered',
    )
    const account = this.#deps.journal.account(operation.guildId)
    // A rejection is an effect of its own, and final.
    if (!saysNothingChanged || !account.spans.has(operation.opId) || account.rejected.has(operation.opId)) return
    this.#deps.verdict.fail('I4', `${operation.opId} was refused every time it was asked, and took effect`)
  }

  /** However often an op is asked, and whoever answers, a command has one answer. */
  #checkSameAnswer(operation: Operation, outcome: Outcome): void {
    if (operation.kind === 'read' || operation.kind === 'voice-read') return
    for (const other of operation.attempts) {
      if (other.outcome === null || !isFinal(other.outcome)) continue
      // What changed nothing is not remembered: asked later, it may find something to change.
      if (!leavesTrace(operation, other.outcome) || !leavesTrace(operation, outcome)) continue
      if (JSON.stringify(other.outcome) === JSON.stringify(outcome)) continue
      this.#deps.verdict.fail(
        'I4',
        `${operation.opId} was answered ${JSON.stringify(other.outcome)} and ${JSON.stringify(outcome)}`,
      )
    }
  }

  #whatIsNotDurable(operation: Operation, outcome: Outcome): string | null {
    const account = this.#deps.journal.account(operation.guildId)
    if (outcome.status === 'refused') {
      const isWrong = outcome.reason === 'rejected' && !account.rejected.has(operation.opId)
      return isWrong ? 'a rejection that is not in the journal' : null
    }
    if (operation.kind.startsWith('voice')) return null
    return undurablePart(asLedgerReply(outcome.reply), operation, account)
  }

  #floorAt(guildId: GuildId, instant: number): number {
    return this.#floors.get(guildId)?.findLast(({ since }) => since < instant)?.count ?? 0
  }

  #raiseFloor(guildId: GuildId, count: number): void {
    const floors = this.#floors.get(guildId) ?? []
    this.#floors.set(guildId, floors)
    if (count > (floors.at(-1)?.count ?? 0)) floors.push({ since: this.#deps.now(), count })
  }
}

function undurablePart(reply: LedgerReply, operation: Operation, account: GuildAccount): string | null {
  switch (reply.kind) {
    case 'appended': {
      const command = operation.command as unknown as Extract<LedgerCommand, { kind: 'append' }>
      return account.values[reply.position - 1] === command.value ? null : `position ${reply.position}, not durable`
    }
    case 'ledger': {
      const last = reply.count === 0 ? null : account.values[reply.count - 1]
      return reply.last === last ? null : `${reply.count} entries up to ${reply.last}, not durable`
    }
    case 'alarm-set':
    case 'rung':
      return account.spans.has(operation.opId) ? null : 'an alarm that is not durable'
  }
}
