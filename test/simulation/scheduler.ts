/**
 * Simulated time: one queue of instants, and between two of them everything that was promised runs to its end.
 *
 * An event runs in a turn of its own of Node's check phase, because Node empties its microtask queue between two of
 * them. So production code may await as it likes: what it does next is always done before simulated time goes on, and
 * the same events give the same run. Turns are ordered many at a time; that costs a fifth of a microsecond each.
 */
import { assert } from '../../kernel/assert.ts'

interface ScheduledEvent {
  readonly at: number
  /** Of two events at one instant the one scheduled first runs first. */
  readonly order: number
  readonly run: () => void
}

/** Turns asked for at once. */
const turnsPerBatch = 128

export class Scheduler {
  #now = 0
  #scheduled = 0
  #ran = 0
  readonly #heap: ScheduledEvent[] = []

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#now
  }

  get eventsRun(): number {
    return this.#ran
  }

  at(time: number, run: () => void): void {
    this.#scheduled += 1
    this.#push({ at: Math.max(time, this.#now), order: this.#scheduled, run })
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#now + delayMs, run)
  }

  /** Runs events until `isOver` says so between two of them. Rejects with what an event threw. */
  run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let ended = false
      const turn = (): void => {
        if (ended) return
        try {
          ended = isOver() || !this.#runNext()
          if (ended) resolve()
        } catch (thrown) {
          ended = true
          reject(thrown as Error)
        }
      }
      const batch = (): void => {
        if (ended) return
        for (let count = 0; count < turnsPerBatch; count += 1) setImmediate(turn)
        setImmediate(batch)
      }
      batch()
    })
  }

  #runNext(): boolean {
    const event = this.#pop()
    if (event === undefined) return false
    assert(event.at >= this.#now, 'simulated time went back')
    this.#now = event.at
    this.#ran += 1
    event.run()
    return true
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as ScheduledEvent
      if (isBefore(above, event)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  #pop(): ScheduledEvent | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      const right = child + 1
      if (right < heap.length && isBefore(heap[right] as ScheduledEvent, heap[child] as ScheduledEvent)) child = right
      if (isBefore(last, heap[child] as ScheduledEvent)) break
      heap[at] = heap[child] as ScheduledEvent
      at = child
    }
    heap[at] = last
    return first
  }
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
