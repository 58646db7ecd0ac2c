/**
 * One command on its way through this process, from where it came to where its answer goes.
 *
 * A request is settled exactly once. Until then it can be taken back from any stage and decided again under the same op
 * id: after a reload here, or by the next owner of the slot.
 */
import { assert } from '../../kernel/assert.ts'
import type { CommandEnvelope, Outcome } from '../protocol/command.ts'
import type { LowWaterEntry } from './low-water.ts'

/**
 * local: this process waits for the answer. inbox: another process does. feed: a gateway dispatch, known by (session,
 * s) and not by an op result. alarm: known by the state itself. step: a part of another request, decided before it.
 */
export type RequestOrigin = 'local' | 'inbox' | 'feed' | 'alarm' | 'step'

export class Request {
  readonly envelope: CommandEnvelope
  readonly origin: RequestOrigin
  /** Its place in the slot's inbox or feed; null for local requests and alarms. */
  readonly lowWater: LowWaterEntry | null
  /** False: it speaks of what this process alone knows; when the slot is lost it is refused and not carried on. */
  readonly portable: boolean
  /** True: before whatever waits in the mailbox. Only for what was true before any of it was asked. */
  readonly comesFirst: boolean
  /** Times deciding or committing it broke the activation. */
  attempts = 0
  /**
   * When this process took it in, Unix ms by the database's clock; null: not yet, or a step or an alarm, whose envelope has a
   * time. Decided late or again, it is decided as of then: what was in doubt for a second does not move what comes behind it.
   */
  takenAt: number | null = null
  /** True once Postgres was asked for a stored result after the slot's present fence was taken, or cannot have one. */
  lookedUp = false
  /** Told when it is settled; for metrics. One function for all requests: a closure of each would cost more than the count. */
  observer: ((request: Request, outcome: Outcome) => void) | null = null
  /** Why it last failed, for the journal when it is rejected. */
  lastFailure = ''
  readonly #settle: (outcome: Outcome) => void
  #settled = false

  constructor(options: {
    readonly envelope: CommandEnvelope
    readonly origin: RequestOrigin
    readonly lowWater: LowWaterEntry | null
    readonly settle: (outcome: Outcome) => void
    readonly portable?: boolean
    readonly comesFirst?: boolean
    /** True: nobody can have decided this op before, so no result is looked up; a reload looks it up all the same. */
    readonly isNew?: boolean
  }) {
    this.envelope = options.envelope
    this.origin = options.origin
    this.lowWater = options.lowWater
    this.portable = options.portable ?? true
    this.comesFirst = options.comesFirst ?? false
    this.lookedUp = options.isNew ?? false
    this.#settle = options.settle
  }

  get settled(): boolean {
    return this.#settled
  }

  /** Gives the answer. The entry of its source has ended with it. */
  settle(outcome: Outcome): void {
    assert(!this.#settled, 'a request is settled once')
    this.#settled = true
    if (this.lowWater !== null) this.lowWater.state = 'ended'
    this.observer?.(this, outcome)
    this.#settle(outcome)
  }
}
