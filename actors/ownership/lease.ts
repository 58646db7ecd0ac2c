/**
 * How long a process may trust its memory. Pure.
 *
 * Redis starts the lease when the renewal arrives, which is after it was sent; counting from the moment before sending is
 * therefore always on the safe side, however long the answer took. The margin covers the difference in clock rates.
 */
import { limits } from '../../kernel/limits.ts'

/** Monotonic ms until which a renewal sent at `sentAtMs` covers answers from memory. */
export function leaseDeadline(sentAtMs: number): number {
  return sentAtMs + limits.leaseTtlMs - limits.leaseMarginMs
}

/** Strict: at the deadline itself the lease covers nothing any more. */
export function leaseCovers(deadlineMs: number, nowMs: number): boolean {
  return nowMs < deadlineMs
}
