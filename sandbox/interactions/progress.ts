/**
 * The clocks of interactions, and who waits for them: the only writer of a record's `state`.
 *
 * Entering `waiting` starts the 3 s window, entering `loading` the rest of the token's 15 minutes; entering any other
 * state stops the clock that ran. At most one timer a record, all cancelled by stop().
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { InteractionRecord, InteractionState } from './interaction.ts'
import { ackWindowMs, tokenLifetimeMs } from './interaction.ts'

export interface Progress {
  setState(record: InteractionRecord, state: InteractionState): void
  ageMs(record: InteractionRecord): number
  watch(record: InteractionRecord, listener: () => void): () => void
  forget(record: InteractionRecord): void
  stop(): void
}

export function createProgress(deps: { clock: Clock }): Progress {
  const { clock } = deps
  const timers = new Map<InteractionRecord, Timer>()
  const watchers = new Map<InteractionRecord, Set<() => void>>()

  const ageMs = (record: InteractionRecord): number => clock.monotonicMs() - record.createdAtMs
  const setState = (record: InteractionRecord, state: InteractionState): void => {
    record.state = state
    forget(record)
    if (state.kind === 'waiting') failAfter(record, ackWindowMs, 'no-answer-in-time')
    // The member sees "is thinking…" until the token expires, then that it failed.
    if (state.kind === 'loading') failAfter(record, tokenLifetimeMs - ageMs(record), 'token-expired')
    for (const listener of watchers.get(record) ?? []) listener()
  }
  const failAfter = (record: InteractionRecord, delayMs: number, reason: 'no-answer-in-time' | 'token-expired'): void => {
    const timer = clock.after(Math.max(0, delayMs), () => setState(record, { kind: 'failed', reason }))
    timers.set(record, timer)
  }
  const forget = (record: InteractionRecord): void => {
    timers.get(record)?.cancel()
    timers.delete(record)
  }

  return {
    setState,
    ageMs,
    forget,
    watch(record, listener) {
      const listeners = watchers.get(record) ?? new Set()
      watchers.set(record, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) watchers.delete(record)
      }
    },
    stop() {
      for (const timer of timers.values()) timer.cancel()
      timers.clear()
    },
  }
}
