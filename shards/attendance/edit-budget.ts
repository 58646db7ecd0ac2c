/**
 * What a class that opens may take of the edits that Discord allows. Pure.
 *
 * A token has 50 requests a second over all processes, whatever they are for; code messages get 30 of them. A class whose
 * interval no longer fits is opened with the shortest one that does, and says so. Once nothing is left, classes change
 * every five minutes, and the more there are of those the slower: 10,000 of them together stay below ten a second.
 * Each also gets a place within its interval where fewest others change, so that no second has more than its share.
 */
import type { OpenRotation } from '../../actors/protocol/attendance-reads.ts'

export const editsPerSecond = 30
const slowestMs = 300_000
/** Each so many edits a second beyond the budget double the interval of those to come. */
const doublingEdits = 3
/** Places within an interval: at 15 s one every 234 ms. */
const places = 64

/** What one process may send a second: its part, and a quarter more, because classes are not spread evenly over processes. */
export const editsOfProcess = (processCount: number): number => Math.ceil((editsPerSecond / processCount) * 1.25)

export interface OpeningPlan {
  readonly intervalMsMin: number
  /** 0 ≤ … < 1. */
  readonly phase: number
}

export function planOpening(open: readonly OpenRotation[], wantedMs: number): OpeningPlan {
  const used = open.reduce((sum, { intervalMs }) => sum + 1000 / intervalMs, 0)
  const intervalMsMin = Math.max(wantedMs, fittingInterval(used, wantedMs))
  return { intervalMsMin, phase: emptiestPlace(open, intervalMsMin) / places }
}

function fittingInterval(used: number, wantedMs: number): number {
  const free = editsPerSecond - used
  // Sums of fractions: a budget that is used to the last edit is not overdrawn by the rounding of its sum.
  if (1000 / wantedMs <= free + 1e-9) return wantedMs
  if (free >= 1000 / slowestMs) return Math.ceil(1 / free) * 1000
  return Math.ceil((slowestMs * 2 ** (Math.max(0, -free) / doublingEdits)) / 1000) * 1000
}

function emptiestPlace(open: readonly OpenRotation[], intervalMs: number): number {
  const taken = Array.from({ length: places }, () => 0)
  for (const { intervalMs: other, rotatesFrom } of open) {
    if (other !== intervalMs) continue
    // Rounded: its instant is a whole millisecond at or before its place.
    const place = Math.round(((((rotatesFrom % intervalMs) + intervalMs) % intervalMs) / intervalMs) * places) % places
    taken[place] = (taken[place] ?? 0) + 1
  }
  // In this order the first ones to open already lie far apart.
  const order = taken.map((_, place) => reverseBits(place))
  const fewest = Math.min(...taken)
  return order.find((place) => taken[place] === fewest) ?? 0
}

function reverseBits(place: number): number {
  let reversed = 0
  for (let bit = 1, from = places / 2; bit < places; bit *= 2, from /= 2) if ((place & bit) !== 0) reversed += from
  return reversed
}
