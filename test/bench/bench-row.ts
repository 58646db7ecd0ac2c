/**
 * What one row of the benches gives back: what was measured, beside its baseline of the same run, and what was to be
 * reached. Each row has a process of its own (main.ts), so that no row measures another's garbage.
 */

export interface Latency {
  readonly p50Ms: number
  readonly p99Ms: number
}

/** One thing that was measured. */
export interface Line {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly latency?: Latency
}

/** One number of the design's table. */
export interface Target {
  readonly name: string
  readonly figure: number
  readonly unit: string
  readonly atLeast?: number
  readonly atMost?: number
  /** What it is compared with, where it is a comparison. */
  readonly baseline?: { readonly name: string; readonly figure: number }
}

export interface RowResult {
  readonly lines: readonly Line[]
  readonly targets: readonly Target[]
}

/** The servers a row works on; a database and a prefix of its own it makes itself. */
export interface BenchRow {
  readonly name: string
  /** How it is measured, in a sentence. */
  readonly what: string
  /** Flags of the node that runs it. */
  readonly nodeFlags?: readonly string[]
  run(options: RowOptions): Promise<RowResult>
}

export interface RowOptions {
  /** Shortens rounds and repetitions: to see that it runs, not to quote. */
  readonly quick: boolean
}

export const isMet = ({ figure, atLeast, atMost }: Target): boolean =>
  (atLeast === undefined || figure >= atLeast) && (atMost === undefined || figure <= atMost)
