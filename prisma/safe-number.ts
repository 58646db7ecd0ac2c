/**
 * bigint columns that we count in numbers: sequences and Unix milliseconds stay below 2^53 unless somebody edited them.
 */

/** A value beyond 2^53 becomes −1, which no signed form contains: it then fails to agree instead of failing to load. */
export function safeNumber(value: bigint): number {
  return value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : -1
}
