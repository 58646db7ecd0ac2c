/**
 * What a fault did, as far as the measures need to know it.
 */
export interface Strike {
  /** When it happened, machine time. */
  readonly at: number
  /** The owner it fell on; null: all of them. */
  readonly victim: number | null
  /** For how long the part was away; 0 for what happens at once. */
  readonly awayMs: number
}
