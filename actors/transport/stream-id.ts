/**
 * Positions in an inbox: Redis stream ids, `milliseconds-counter`, compared as two numbers and never as text.
 */
import { assert } from '../../kernel/assert.ts'

/** Before every entry; also the last position of an inbox that never had one. */
export const firstStreamId = '0-0'

/** The largest counter within one millisecond. */
const counterMax = (1n << 64n) - 1n

function parseStreamId(id: string): { ms: bigint; counter: bigint } {
  const [, ms, counter] = /^(\d{1,20})-(\d{1,20})$/.exec(id) ?? []
  assert(ms !== undefined && counter !== undefined, `not a stream id: ${id.slice(0, 64)}`)
  return { ms: BigInt(ms), counter: BigInt(counter) }
}

/** Negative when `a` is before `b`, 0 when they are the same, positive when it is after. */
export function compareStreamIds(a: string, b: string): number {
  if (a === b) return 0
  const left = parseStreamId(a)
  const right = parseStreamId(b)
  if (left.ms !== right.ms) return left.ms < right.ms ? -1 : 1
  if (left.counter !== right.counter) return left.counter < right.counter ? -1 : 1
  return 0
}

/** The smallest id after this one. */
export function nextStreamId(id: string): string {
  const { ms, counter } = parseStreamId(id)
  return counter === counterMax ? `${ms + 1n}-0` : `${ms}-${counter + 1n}`
}
