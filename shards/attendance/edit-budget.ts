/**
 * What a class that opens may take of the edits that Discord allows. Pure.
 *
 * A token has 50 requests a second over all processes, whatever they are for; code messages get 30 of them. A class whose
 * interval no longer fits is opened with the shortest one that does, and says so. Once nothing is left, classes change
 * every five minutes, and the more there are of those the slower: 10,000 of them together stay below ten a second.
 * Steps are counted from the opening. Where so many others change at that place of the interval already that a second
 * would have more than its share, they are counted from the next place that has room: the first code stands longer, never
 * shorter, than the interval.
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
  /** 0: the opening's own place of the interval is free; less than the interval. */
  readonly firstStepDelayMs: number
}

/** `openedAt`: Discord's clock, as the others' `rotatesFrom`. */
export function planOpening(open: readonly OpenRotation[], wanted: { readonly intervalMs: number; readonly openedAt: number }): OpeningPlan {
  const used = open.reduce((sum, { intervalMs }) => sum + 1000 / intervalMs, 0)
  const intervalMsMin = Math.max(wanted.intervalMs, fittingInterval(used, wanted.intervalMs))
  return { intervalMsMin, firstStepDelayMs: delayToRoom(open, { intervalMs: intervalMsMin, openedAt: wanted.openedAt }) }
}

function fittingInterval(used: number, wantedMs: number): number {
  const free = editsPerSecond - used
  // Sums of fractions: a budget that is used to the last edit is not overdrawn by the rounding of its sum.
  if (1000 / wantedMs <= free + 1e-9) return wantedMs
  if (free >= 1000 / slowestMs) return Math.ceil(1 / free) * 1000
  return Math.ceil((slowestMs * 2 ** (Math.max(0, -free) / doublingEdits)) / 1000) * 1000
}

function delayToRoom(open: readonly OpenRotation[], { intervalMs, openedAt }: { readonly intervalMs: number; readonly openedAt: number }): number {
  const taken = Array.from({ length: places }, () => 0)
  const placeMs = intervalMs / places
  const intoInterval = (instant: number): number => ((instant % intervalMs) + intervalMs) % intervalMs
  const placeOf = (instant: number): number => Math.floor(intoInterval(instant) / placeMs)
  for (const { intervalMs: other, rotatesFrom } of open) {
    const place = placeOf(rotatesFrom)
    if (other === intervalMs) taken[place] = (taken[place] ?? 0) + 1
  }
  const room = Math.max(1, Math.floor((editsPerSecond * placeMs) / 1000))
  // Where none has room all have about the same number: the emptiest, and of these the nearest.
  const bound = Math.max(room, Math.min(...taken) + 1)
  const own = placeOf(openedAt)
  let away = 0
  while ((taken[(own + away) % places] ?? 0) >= bound) away += 1
  if (away === 0) return 0
  const place = (own + away) % places
  // Within the place behind those that are there, so that they do not leave in one breath.
  const at = (place + (taken[place] ?? 0) / bound) * placeMs
  return Math.ceil(intoInterval(at - intoInterval(openedAt)))
}
