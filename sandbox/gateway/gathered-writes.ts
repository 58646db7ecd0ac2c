/**
 * What is said in one go leaves in one write: a system call a frame is most of the cost of a busy second, when a thousand
 * members join at once.
 */

/** The stream beneath a socket: what is written while it is corked leaves in one piece. */
export interface Wire {
  cork(): void
  uncork(): void
}

export interface GatheredWrites {
  /** Before a write: it waits for the others of this turn of the event loop's. */
  gather(): void
  /** What was written leaves now. */
  flush(): void
}

export function gatherWrites(wire: Wire): GatheredWrites {
  let isGathering = false
  const flush = (): void => {
    if (!isGathering) return
    isGathering = false
    wire.uncork()
  }
  return {
    gather() {
      if (isGathering) return
      isGathering = true
      wire.cork()
      process.nextTick(flush)
    },
    flush,
  }
}
