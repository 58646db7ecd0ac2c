/**
 * Begins things at a steady rate, as people do: whether the last one is done yet is nobody's concern, up to a bound.
 *
 * At the bound the next one is not begun: an outage is not answered by a flood when it is over.
 */

const tickMs = 20

export interface Pace {
  /** Begun so far; what the bound held back is not. */
  begun(): number
  /** Begins nothing new; resolves when everything that was begun has ended. */
  rest(): Promise<void>
}

/** `begin` must not reject. */
export function startPace(options: { readonly perSecond: number; readonly openMax: number; begin(): Promise<void> }): Pace {
  const { perSecond, openMax, begin } = options
  const startedAt = performance.now()
  const open = new Set<Promise<void>>()
  let due = 0
  let begun = 0
  const tick = (): void => {
    const wanted = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond)
    for (; due < wanted; due += 1) {
      if (open.size >= openMax) continue
      begun += 1
      const one = begin().finally(() => open.delete(one))
      open.add(one)
    }
  }
  const timer = setInterval(tick, tickMs)
  return {
    begun: () => begun,
    async rest() {
      clearInterval(timer)
      await Promise.all(open)
    },
  }
}
