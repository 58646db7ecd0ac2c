/**
 * How long nobody was answered. Pure, but for the one pass over the records.
 *
 * Guilds of one owner's home are one group: what counts is the longest silence of a group while it was asked.
 */
export class GapWatch {
  readonly #lastAt: number[]
  #worst = 0

  constructor(groups: number, from: number) {
    this.#lastAt = Array.from({ length: groups }, () => from)
  }

  note(group: number, at: number): void {
    this.#worst = Math.max(this.#worst, at - (this.#lastAt[group] ?? at))
    this.#lastAt[group] = at
  }

  /** Ends the watch: silence up to `at` counts. */
  end(at: number): number {
    for (const lastAt of this.#lastAt) this.#worst = Math.max(this.#worst, at - lastAt)
    return this.#worst
  }
}
