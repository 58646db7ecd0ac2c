/**
 * A clock that stands still until a test moves it: what the production code gets instead of the machine's.
 *
 * `advance` fires due timers in order of their time, each at its own instant, so a timer set by a timer fires within
 * the same advance when it is due. Timers run synchronously; after an advance a test awaits whatever they caused.
 */
import type { Clock } from '../../kernel/clock.ts'

export interface ManualClock extends Clock {
  /** Moves both times forward and fires what becomes due. */
  advance(ms: number): void
  /** Steps the wall clock alone, as an administrator or NTP would. */
  stepWall(ms: number): void
  /** Timers that have neither fired nor been cancelled. */
  pending(): number
}

/** 2026-01-01T00:00:00Z: a current date, since ids carry their time. */
const defaultWallMs = Date.UTC(2026, 0, 1)

export function createManualClock(options: { wallMs?: number } = {}): ManualClock {
  let elapsedMs = 0
  let wallBaseMs = options.wallMs ?? defaultWallMs
  let timersMade = 0
  const timers = new Map<number, { dueMs: number; fire: () => void }>()

  const nextDue = (untilMs: number): [number, { dueMs: number; fire: () => void }] | undefined => {
    let earliest: [number, { dueMs: number; fire: () => void }] | undefined
    for (const entry of timers) {
      if (entry[1].dueMs > untilMs) continue
      // Insertion order breaks ties: of two timers due at once, the one set first fires first.
      if (earliest === undefined || entry[1].dueMs < earliest[1].dueMs) earliest = entry
    }
    return earliest
  }
  return {
    monotonicMs: () => elapsedMs,
    wallMs: () => wallBaseMs + elapsedMs,
    after(delayMs, fire) {
      timersMade += 1
      const key = timersMade
      timers.set(key, { dueMs: elapsedMs + Math.max(0, delayMs), fire })
      return { cancel: () => void timers.delete(key) }
    },
    advance(ms) {
      const untilMs = elapsedMs + ms
      for (let due = nextDue(untilMs); due !== undefined; due = nextDue(untilMs)) {
        const [key, timer] = due
        timers.delete(key)
        elapsedMs = Math.max(elapsedMs, timer.dueMs)
        timer.fire()
      }
      elapsedMs = untilMs
    },
    stepWall(ms) {
      wallBaseMs += ms
    },
    pending: () => timers.size,
  }
}
