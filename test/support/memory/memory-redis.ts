/**
 * Redis in memory: keys that end by the given clock, streams, channels. What the clients of it are is in the files
 * beside this one; each client brings its own step (step.ts), hence its own faults.
 *
 * Times to live follow the monotonic time of `clock`, stream ids its wall time, as far as they may: ids never go back.
 * `flushAll` is what a restart without persistence does: everything is gone, subscriptions of live connections are not.
 */
import type { Clock } from '../../../kernel/clock.ts'
import type { GuildId, Incarnation, Slot } from '../../../kernel/ids.ts'
import type { DirectoryEntry, StoredInboxEntry } from '../../../actors/runtime/ports.ts'
import { firstStreamId } from '../../../actors/transport/stream-id.ts'

export interface MemoryStream {
  lastId: string
  entries: StoredInboxEntry[]
}

export class MemoryRedis {
  readonly clock: Clock
  /** Monotonic deadline by process, and the renewal that began the lease. */
  readonly leases = new Map<Incarnation, { readonly deadline: number; readonly begunBy: number }>()
  /** Since when leases were renewed without a gap, when last, and how long a gap may be. */
  leaseMemory: { since: number; renewed: number; ttlMs: number } | null = null
  readonly directory = new Map<Slot, DirectoryEntry>()
  /** Copies of unlocked keys, with their monotonic deadline. */
  readonly unlockedKeys = new Map<GuildId, { readonly copy: Uint8Array; readonly until: number }>()
  readonly locks = new Map<string, { readonly holder: symbol; readonly until: number }>()
  readonly streams = new Map<Slot, MemoryStream>()
  readonly listeners = new Map<string, Set<(message: string) => void>>()
  /** Entries ever added: a reader that looked at n waits only while it is n. */
  appendCount = 0
  /** Blocked readers, told when anything was added; each looks for itself. */
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  flushAll(): void {
    this.leases.clear()
    this.leaseMemory = null
    this.directory.clear()
    this.unlockedKeys.clear()
    this.locks.clear()
    this.streams.clear()
  }

  /** For faults: a lease that ends before its time, as when Redis' clock is stepped. */
  expireLease(incarnation: Incarnation): void {
    this.leases.delete(incarnation)
  }

  append(slot: Slot, entry: Omit<StoredInboxEntry, 'slot' | 'position'>): void {
    const stream = this.streams.get(slot) ?? { lastId: firstStreamId, entries: [] }
    this.streams.set(slot, stream)
    stream.lastId = idAfter(stream.lastId, Math.floor(this.clock.wallMs()))
    stream.entries.push({ ...entry, slot, position: stream.lastId })
    this.appendCount += 1
    for (const wake of this.#waiting) wake()
  }

  /** Resolves at the next append, after `waitMs`, or when the signal aborts. */
  untilAppended(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      const wake = (): void => {
        this.#waiting.delete(wake)
        timer.cancel()
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = this.clock.after(waitMs, wake)
      this.#waiting.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }
}

/** As XADD with `*`: the time, or one more within the last entry's millisecond. */
function idAfter(lastId: string, nowMs: number): string {
  const [lastMs = 0, counter = 0] = lastId.split('-').map(Number)
  return nowMs > lastMs ? `${nowMs}-0` : `${lastMs}-${counter + 1}`
}
