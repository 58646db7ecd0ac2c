/**
 * How far a guild's receipt chain has come: the part of an actor's state that sealing reads and `receipt-issued` moves.
 *
 * Plain JSON, because it is snapshotted and hashed with the rest of the state. A sequence is given at sealing, never
 * before; the event repeats what was given, so that replaying the journal finds the same head without any key.
 */
import { assert } from '../../kernel/assert.ts'

/** `prev_hash` of a guild's first receipt. */
export const zeroHashHex = '0'.repeat(64)

export interface ChainState {
  /** Receipts issued so far; the next one gets `sequence + 1`. */
  readonly sequence: number
  /** Lower-case hex SHA-256 of the newest receipt's bytes. */
  readonly headHash: string
  /** Key of the newest receipt; null before the first. */
  readonly keyId: string | null
}

export interface ReceiptIssued {
  readonly kind: 'receipt-issued'
  readonly recordId: string
  readonly sequence: number
  /** Lower-case hex SHA-256 of the receipt's bytes. */
  readonly hash: string
  readonly keyId: string
}

/** The chain of a guild that never sealed anything. */
export function initialChain(): ChainState {
  return { sequence: 0, headHash: zeroHashHex, keyId: null }
}

/** Moves the head; a sequence that does not follow means a hole in the chain, and that is our bug. */
export function evolveChain(chain: ChainState, event: ReceiptIssued): ChainState {
  assert(event.sequence === chain.sequence + 1, 'receipt chain: a sequence was skipped or repeated')
  return { sequence: event.sequence, headHash: event.hash, keyId: event.keyId }
}
