/**
 * Since when, and until when, each shard of this process has been watched without a gap.
 *
 *   absent ──READY──▶ watched ──socket lost──▶ gap ──RESUMED──▶ watched
 *                        ▲                      │
 *                        └──────── READY ───────┘
 *
 * absent: nothing was heard yet in this process; the stored `watched_until` of an earlier one tells where the gap began.
 * watched: every change is heard as it happens. gap: from `gapSince` on nobody watches; replayed changes carry it.
 * While a shard is watched, the instant is written to Postgres every 5 s and at each loss of its socket, so that
 * whoever comes after a crash knows what was seen (docs/architecture.md, time nobody watched).
 */
import type { WatchStore } from '../../actors/runtime/ports.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'

const writeIntervalMs = 5_000

export interface ShardWatchDeps {
  readonly store: WatchStore
  readonly clock: Clock
  readonly log: Log
  /** Unix ms by the database's clock. */
  now(): number
}

interface WatchedShardState {
  state: 'absent' | 'watched' | 'gap'
  /** Unix ms; only meaningful in absent and gap. */
  gapSince: number
}

export class ShardWatch {
  readonly #deps: ShardWatchDeps
  readonly #shardCount: number
  readonly #shards = new Map<number, WatchedShardState>()
  #timer: Timer | null = null

  constructor(deps: ShardWatchDeps, options: { readonly shardCount: number }) {
    this.#deps = deps
    this.#shardCount = options.shardCount
  }

  /** Reads where earlier processes stopped watching; must end before the gateway is opened. */
  async start(shardIds: readonly number[]): Promise<void> {
    const stored = await this.#deps.store.readWatched({ shardCount: this.#shardCount })
    const storedOf = new Map(stored.map(({ shardId, watchedUntil }) => [shardId, watchedUntil]))
    const now = this.#deps.now()
    for (const shardId of shardIds) {
      this.#shards.set(shardId, { state: 'absent', gapSince: Math.min(now, storedOf.get(shardId) ?? now) })
    }
    this.#writeLater()
  }

  /** Writes the last instant of what is still watched. */
  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.#write()
    for (const shard of this.#shards.values()) shard.state = 'absent'
  }

  /** From when on nobody watched this shard before now; null: it is watched. */
  gapSince(shardId: number): number | null {
    const shard = this.#of(shardId)
    return shard.state === 'watched' ? null : shard.gapSince
  }

  /** The shard hears everything again. */
  begin(shardId: number): void {
    this.#of(shardId).state = 'watched'
  }

  /** The socket is gone; what is told twice changes nothing. */
  lose(shardId: number): void {
    const shard = this.#of(shardId)
    if (shard.state !== 'watched') return
    shard.gapSince = this.#deps.now()
    shard.state = 'gap'
    void this.#writeRows([{ shardId, watchedUntil: shard.gapSince }])
  }

  #of(shardId: number): WatchedShardState {
    let shard = this.#shards.get(shardId)
    if (shard === undefined) {
      shard = { state: 'absent', gapSince: this.#deps.now() }
      this.#shards.set(shardId, shard)
    }
    return shard
  }

  #writeLater(): void {
    this.#timer = this.#deps.clock.after(writeIntervalMs, () => {
      void this.#write().finally(() => this.#writeLater())
    })
  }

  async #write(): Promise<void> {
    const now = this.#deps.now()
    const watched = [...this.#shards].filter(([, shard]) => shard.state === 'watched')
    await this.#writeRows(watched.map(([shardId]) => ({ shardId, watchedUntil: now })))
  }

  async #writeRows(shards: readonly { readonly shardId: number; readonly watchedUntil: number }[]): Promise<void> {
    try {
      await this.#deps.store.writeWatched({ shardCount: this.#shardCount, shards })
    } catch (thrown) {
      // An older instant stays stored: the gap is then stated longer than it was, never shorter.
      this.#deps.log.warn('watched_until could not be written', { error: coerceError(thrown) })
    }
  }
}
