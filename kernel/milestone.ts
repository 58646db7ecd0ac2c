/**
 * Something that is reached once, and who waits for it.
 */
export class Milestone {
  #resolve: () => void = () => undefined
  /** Resolves when it is reached, or at once if it was. */
  readonly reached = new Promise<void>((resolve) => {
    this.#resolve = resolve
  })

  /** Told twice changes nothing. */
  reach(): void {
    this.#resolve()
  }
}
