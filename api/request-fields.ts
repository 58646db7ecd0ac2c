/**
 * What a request may name: ids and ranges, in one form each. null: not in that form, answered 400 by the route.
 */
import { isSnowflake } from '../kernel/ids.ts'

/** Any version; capital letters are taken and made small, as RFC 9562 asks of readers. */
export function readUuid(text: unknown): string | null {
  if (typeof text !== 'string') return null
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : null
}

export function readGuildId(text: unknown): string | null {
  return typeof text === 'string' && isSnowflake(text) ? text : null
}

/** Receipts of one page of a chain. */
export const chainPageMax = 1_000

export interface SequenceRange {
  readonly from: number
  readonly to: number
}

/** `from` is 1 and `to` a full page unless given; an empty or longer range is refused. */
export function readSequenceRange(query: Readonly<Record<string, unknown>>): SequenceRange | null {
  const from = query['from'] === undefined ? 1 : readSequence(query['from'])
  if (from === null) return null
  const to = query['to'] === undefined ? from + chainPageMax - 1 : readSequence(query['to'])
  if (to === null || to < from || to - from >= chainPageMax) return null
  return { from, to }
}

/** A number that is counted from 1, in its one decimal form. */
export function readSequence(text: unknown): number | null {
  return typeof text === 'string' && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}
