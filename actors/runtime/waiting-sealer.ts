/**
 * Seals what waited while signing was locked: run by run, oldest first, until nothing waits.
 *
 * Rows are read from Postgres and given to the guild as a command; the turn holds them against the hashes that the state
 * vouches for, and one commit writes the receipts, takes the rows away and says that the run is done. So a crash, a
 * change of owner or a lost answer at any moment leaves either the whole run or none of it (I4), and whoever owns the
 * guild next goes on from there.
 */
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Outcome } from '../protocol/command.ts'
import type { SigningCommand, SigningEvent, SigningReply, WaitingEntry } from '../protocol/signing.ts'
import type { Activation } from './activation.ts'
import { parseJournalText } from './journal-entry.ts'
import type { GuildStore, StoredWaitingRecord } from './ports.ts'
import type { WaitingRun } from './signing-state.ts'

/** Pause after a refusal or an outage; doubles up to the second number. */
const retryDelayMsMin = 100
const retryDelayMsMax = 1_000

export interface WaitingSealerDeps {
  readonly store: Pick<GuildStore, 'loadWaiting'>
  readonly clock: Clock
  readonly log: Log
  /** Asks a guild of ours; refused `no-owner` when it is not. */
  ask(guildId: GuildId, command: SigningCommand): Promise<Outcome>
}

export class WaitingSealer {
  readonly #deps: WaitingSealerDeps
  readonly #running = new Map<GuildId, Promise<void>>()
  /** Runs that cannot be proven, by guild: somebody must look; they are tried again when the guild is loaded anew. */
  readonly #unproven = new Map<GuildId, number>()
  #stopped = false

  constructor(deps: WaitingSealerDeps) {
    this.#deps = deps
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running.values())
  }

  onLoaded(activation: Activation): void {
    this.#unproven.delete(activation.guildId)
    this.look(activation)
  }

  /** Begins to seal if there is something and it can be signed. Cheap: called after every commit. */
  look(activation: Activation): void {
    const { guildId } = activation
    if (this.#stopped || this.#running.has(guildId) || this.#nextRun(activation) === null) return
    const running = this.#run(activation).finally(() => this.#running.delete(guildId))
    this.#running.set(guildId, running)
  }

  /** The oldest run if it may be sealed now; its rows are durable. */
  #nextRun({ guildId, phase, key, state, gate }: Activation): WaitingRun | null {
    const run = state.signing?.runs[0]
    if (run === undefined || phase !== 'active' || key === null || run.lastSeq > gate.durable) return null
    return this.#unproven.get(guildId) === run.firstSeq ? null : run
  }

  async #run(activation: Activation): Promise<void> {
    let delayMs = retryDelayMsMin
    for (let run = this.#nextRun(activation); run !== null && !this.#stopped; run = this.#nextRun(activation)) {
      if (await this.#trySeal(activation, run)) {
        delayMs = retryDelayMsMin
        continue
      }
      await waitFor(this.#deps.clock, delayMs)
      delayMs = Math.min(delayMs * 2, retryDelayMsMax)
    }
  }

  async #trySeal(activation: Activation, run: WaitingRun): Promise<boolean> {
    try {
      return await this.#seal(activation, run)
    } catch (thrown) {
      this.#deps.log.warn('waiting records could not be read', { guildId: activation.guildId, error: coerceError(thrown) })
      return false
    }
  }

  /** False: not now. */
  async #seal({ guildId }: Activation, { firstSeq, lastSeq }: WaitingRun): Promise<boolean> {
    const stored = await this.#deps.store.loadWaiting({ guildId, fromSeq: firstSeq, toSeq: lastSeq })
    const entries = stored.map(toEntry)
    const outcome = await this.#deps.ask(guildId, { feature: 'signing', kind: 'seal-waiting', firstSeq, entries })
    if (outcome.status === 'refused') return false
    this.#tell(guildId, firstSeq, outcome.reply as SigningReply)
    return true
  }

  #tell(guildId: GuildId, firstSeq: number, reply: SigningReply): void {
    const { log } = this.#deps
    if (reply.kind === 'waiting-sealed') {
      log.info('waiting records sealed', { guildId, sealed: reply.sealed, waiting: reply.waiting })
      for (const seq of reply.refused) log.error('waiting record refused: its row is not what was journaled', { guildId, seq })
    } else if (reply.kind === 'waiting-not-sealed' && reply.reason === 'unproven') {
      this.#unproven.set(guildId, firstSeq)
      log.error('waiting records not sealed: journal rows are not those the state vouches for', { guildId, firstSeq })
    }
  }
}

function toEntry({ seq, journaled, row }: StoredWaitingRecord): WaitingEntry {
  return { seq, hash: journaledHash(journaled), row }
}

/** Empty for a journal row that somebody changed beyond recognition: no run is proven by it. */
function journaledHash(text: string): string {
  try {
    const event = parseJournalText(text).event as SigningEvent
    return event.kind === 'record-waiting' ? event.hash : ''
  } catch (thrown) {
    coerceError(thrown)
    return ''
  }
}
