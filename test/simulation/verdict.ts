/**
 * What a run came to: the first thing that must not be, and how often everything worth counting was met.
 */
export interface Violation {
  /** `I1` … `I13`, or what else must hold (`bug`, `quiescence`). */
  readonly invariant: string
  readonly message: string
  readonly atMs: number
}

export class Verdict {
  readonly counts = new Map<string, number>()
  readonly trace: string[] = []
  readonly #now: () => number
  readonly #isTracing: boolean
  #violation: Violation | null = null

  constructor(options: { readonly now: () => number; readonly isTracing: boolean }) {
    this.#now = options.now
    this.#isTracing = options.isTracing
  }

  get violation(): Violation | null {
    return this.#violation
  }

  get isTracing(): boolean {
    return this.#isTracing
  }

  /** The first violation ends the run; what follows from it is of no interest. */
  fail(invariant: string, message: string): void {
    this.tell(() => `VIOLATION ${invariant}: ${message}`)
    this.#violation ??= { invariant, message, atMs: this.#now() }
  }

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by)
  }

  /** A line of the schedule; the text is only made when somebody reads it. */
  tell(line: () => string): void {
    if (this.#isTracing) this.trace.push(`${this.#now().toFixed(3).padStart(10)}  ${line()}`)
  }
}
