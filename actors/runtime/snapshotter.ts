/**
 * Writes a guild's state now and then, so that a load need not replay its whole journal.
 *
 * A snapshot is due when the events since the last one reach max(256, entries in the state), and is written at idle
 * release and at handoff whatever their number. The state is taken at the end of a turn and written only when that turn
 * is durable: a snapshot never shows an event that could still be lost (I3, I11). One that could not be written is no
 * loss, the journal has it all; a fenced one is refused by the database like any stale write.
 */
import { coerceError } from '../../kernel/errors.ts'
import type { Fence, Sequence } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { BehaviourRegistry } from '../behaviours/registry.ts'
import { canonicalText } from '../records/canonical.ts'
import { sha256 } from '../records/hash.ts'
import type { SignedSnapshot, SnapshotFacts } from '../records/snapshot.ts'
import type { Activation } from './activation.ts'
import { entryCount } from './guild-state.ts'
import type { GuildStore } from './ports.ts'
import type { SlotTable } from './slot-table.ts'

export interface SnapshotterDeps {
  readonly store: Pick<GuildStore, 'appendSnapshot'>
  readonly registry: BehaviourRegistry
  readonly slots: SlotTable
  readonly log: Log
  /** Unix ms by the database's clock. */
  now(): number
  /** Signs with the cluster's key. */
  sign(facts: SnapshotFacts): SignedSnapshot
}

/** A state taken at a sequence, waiting for that sequence to be durable. */
interface Draft {
  readonly activation: Activation
  readonly epoch: number
  readonly seq: Sequence
  readonly head: Uint8Array
  readonly state: string
  readonly fence: Fence
}

/** A draft on its way to Postgres, or waiting for its turn. */
interface Write {
  readonly epoch: number
  readonly seq: Sequence
  readonly done: Promise<void>
}

/** The store writes what it is given in one breath as one statement; more would only wait in a queue nobody can clear. */
const writesAtOnceMax = 64

export class Snapshotter {
  readonly #deps: SnapshotterDeps
  /** At most one draft a guild. */
  readonly #drafts = new Map<Activation, Draft>()
  /** The newest write of each guild. */
  readonly #writes = new Map<Activation, Write>()
  readonly #writing = new Set<Promise<void>>()
  #underWay = 0
  readonly #waitingForTurn: (() => void)[] = []

  constructor(deps: SnapshotterDeps) {
    this.#deps = deps
  }

  /** After a turn that wrote: takes the state if a snapshot is due. */
  onTurn(activation: Activation): void {
    const events = activation.seq - activation.snapshot.seq
    if (events < limits.snapshotEventsMin || this.#drafts.has(activation)) return
    if (events < entryCount(activation.state, this.#deps.registry)) return
    this.#drafts.set(activation, this.#take(activation))
  }

  /** Something of this guild became durable: writes the draft that waited for it. */
  onDurable(activation: Activation): void {
    const draft = this.#drafts.get(activation)
    if (draft === undefined || draft.seq > activation.gate.durable) return
    this.#drafts.delete(activation)
    if (draft.epoch !== activation.epoch || this.#writing.size >= limits.snapshotWritesMax) return
    void this.#write(draft)
  }

  /** Writes a quiet guild's state now, if anything happened since its last snapshot. Never rejects. */
  async writeNow(activation: Activation): Promise<void> {
    this.#drafts.delete(activation)
    if (!activation.isQuiet || activation.seq === activation.snapshot.seq) return
    const known = this.#writes.get(activation)
    // Asked for again before it was done: a handoff that is asked for twice.
    if (known?.seq === activation.seq && known.epoch === activation.epoch) await known.done
    else await this.#write(this.#take(activation))
  }

  /** True while a snapshot of it is on its way: where the newest stands is not settled. */
  isWriting(activation: Activation): boolean {
    return this.#writes.has(activation)
  }

  forget(activation: Activation): void {
    this.#drafts.delete(activation)
  }

  /** Resolves when nothing is being written. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.#writing)
  }

  #take(activation: Activation): Draft {
    const { seq, head, epoch } = activation
    const { fence } = this.#deps.slots.at(activation.slot)
    return { activation, epoch, seq, head, fence, state: canonicalText(activation.state) }
  }

  #write(draft: Draft): Promise<void> {
    const { activation, epoch, seq } = draft
    const done = this.#writeInTurn(draft).finally(() => {
      this.#writing.delete(done)
      if (this.#writes.get(activation)?.done === done) this.#writes.delete(activation)
    })
    this.#writing.add(done)
    this.#writes.set(activation, { epoch, seq, done })
    return done
  }

  async #writeInTurn(draft: Draft): Promise<void> {
    if (this.#underWay < writesAtOnceMax) this.#underWay += 1
    else await new Promise<void>((resolve) => this.#waitingForTurn.push(resolve))
    try {
      // A slot that went meanwhile: its next owner has other work for Postgres than to refuse us.
      if (this.#isHeld(draft)) await this.#append(draft)
    } finally {
      const next = this.#waitingForTurn.shift()
      if (next === undefined) this.#underWay -= 1
      else next()
    }
  }

  #isHeld({ activation, fence }: Draft): boolean {
    const entry = this.#deps.slots.at(activation.slot)
    return entry.isOurs && entry.fence === fence
  }

  async #append({ activation, epoch, seq, head, state, fence }: Draft): Promise<void> {
    const { guildId, slot } = activation
    const signed = this.#deps.sign({
      guildId,
      slot,
      fence,
      sequence: seq,
      state,
      journalHead: head,
      previousSnapshot: activation.snapshot.hash,
      at: this.#deps.now(),
    })
    try {
      const written = await this.#deps.store.appendSnapshot({ slot, snapshot: { guildId, seq, fence, state, ...signed } })
      if (!written) this.#deps.log.info('snapshot fenced', { guildId, seq, fence })
      else if (epoch === activation.epoch) activation.snapshot = { seq, hash: sha256(signed.signed) }
    } catch (thrown) {
      this.#deps.log.warn('snapshot could not be written', { guildId, seq, error: coerceError(thrown) })
    }
  }
}
