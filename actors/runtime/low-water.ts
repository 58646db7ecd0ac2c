/**
 * How far a source (a slot's inbox, a gateway session) has been dealt with, as one position.
 *
 * Entries begin in order and end in any order. The position is the newest entry below which every entry is durable,
 * refused or expired, or sits in the commit that writes the position (I7). What lies above it is known by op id.
 */
import { assert } from '../../kernel/assert.ts'

/**
 * open: not decided, or decided and waiting for a commit. Next: committing, ended.
 * committing: in the statement in flight. Next: ended, or open again when nobody knows whether it was written.
 * ended: durable, refused or expired.
 */
type EntryState = 'open' | 'committing' | 'ended'

export interface LowWaterEntry {
  readonly position: string
  state: EntryState
}

export class LowWater {
  readonly #entries: LowWaterEntry[] = []
  #first = 0
  #ended: string | null

  constructor(position: string | null) {
    this.#ended = position
  }

  /** Postgres says that everything up to `position` is dealt with, by us or by an owner before us. */
  endThrough(position: string, isCovered: (position: string) => boolean): void {
    for (const entry of this.#entries) if (isCovered(entry.position)) entry.state = 'ended'
    // First, or a covered entry that is passed over later would take the position back below what was told.
    this.#compact()
    if (this.#ended === null || isCovered(this.#ended)) this.#ended = position
  }

  /** Positions must be given in their order. */
  begin(position: string): LowWaterEntry {
    const entry: LowWaterEntry = { position, state: 'open' }
    this.#entries.push(entry)
    return entry
  }

  /** The position to write into the commit that is being built; null: nothing has ended yet. */
  position(): string | null {
    this.#compact()
    let position = this.#ended
    for (let index = this.#first; index < this.#entries.length; index += 1) {
      const entry = this.#entries[index]
      assert(entry !== undefined, 'low water: index in range')
      if (entry.state === 'open') break
      position = entry.position
    }
    return position
  }

  /** Entries that have begun and not ended: the bound is the source's own. */
  get size(): number {
    this.#compact()
    return this.#entries.length - this.#first
  }

  #compact(): void {
    for (;;) {
      const entry = this.#entries[this.#first]
      if (entry?.state !== 'ended') break
      this.#ended = entry.position
      this.#first += 1
    }
    if (this.#first > 1024 && this.#first * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#first)
      this.#first = 0
    }
  }
}
