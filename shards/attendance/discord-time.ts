/**
 * How far the database's clock is ahead of Discord's: the median of receipt less id time over the newest interactions.
 *
 * Codes are accepted by the time in an interaction's id, so they are shown by Discord's clock too. The median holds what
 * an interaction usually takes to reach us; one that lay somewhere moves nothing.
 */
const samplesMax = 101
/** So many more interactions move the median of a hundred by little; a storm would sort them for each of its members. */
const samplesPerMedian = 10

export interface DiscordTime {
  /** An interaction of Discord's time `sentAt` reached us at `receivedAt` (database's clock), both Unix ms. */
  note(sentAt: number, receivedAt: number): void
  /** Ms to take from the database's time; `otherwise` where no interaction was seen yet. */
  offsetMs(otherwise: number): number
  /**
   * How much longer it was on its way than the quickest of the last minute or two, ms: at most as old as it is, whatever the
   * clocks say.
   */
  lagMs(sentAt: number, receivedAt: number): number
}

/** Our time is slewed by a millisecond a second at most: within two of these the quickest stays what it was. */
const quickestWindowMs = 60_000

export function createDiscordTime(): DiscordTime {
  const samples: number[] = []
  let median: number | null = null
  let sinceMedian = 0
  let quickest = { endsAt: -Infinity, ms: Infinity, beforeMs: Infinity }
  return {
    note(sentAt, receivedAt) {
      samples.push(receivedAt - sentAt)
      if (receivedAt > quickest.endsAt) quickest = { endsAt: receivedAt + quickestWindowMs, ms: Infinity, beforeMs: quickest.ms }
      quickest.ms = Math.min(quickest.ms, receivedAt - sentAt)
      if (samples.length > samplesMax) samples.shift()
      sinceMedian += 1
      if (sinceMedian < samplesPerMedian && samples.length === samplesMax) return
      sinceMedian = 0
      median = null
    },
    offsetMs(otherwise) {
      if (samples.length === 0) return otherwise
      median ??= samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? otherwise
      return median
    },
    lagMs: (sentAt, receivedAt) => Math.max(0, receivedAt - sentAt - Math.min(quickest.ms, quickest.beforeMs)),
  }
}
