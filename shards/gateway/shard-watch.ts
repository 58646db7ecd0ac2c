/**
 * Since when, and until when, each shard of this process has been watched without a gap.
 *
 *   absent ──READY──▶ watched ──socket lost──▶ gap ──RESUMED──▶ watched
 *                        ▲                      │
 *                        └──────── READY ───────┘
 *
 * absent: nothing was heard yet in this process; the stored `watched_until` of an earlier one tells where the gap began. If
 * none is stored nobody is known to have watched, ever. watched: every change is heard as it happens. gap: from `gapSince` on
 * nobody watches; replayed changes carry it.
 *
 * Whoever comes after a crash must know what was seen (docs/architecture.md, time nobody watched): while a shard is watched
 * the instant is written to Postgres every 5 s and at each loss of its socket. But not between a READY and the moment its
 * reconcile is durable (`confirm`, which writes at once): a process killed in between would have hidden the gap before it.
 * And not while any slot of the shard is another's: in a rescale two generations hear it, and only its owner's word counts.
 */
import type { WatchStore } from '../../actors/runtime/ports.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { shardWatchedUntil } from './watched-slots.ts'

const writeIntervalMs = 5_000

export interface ShardWatchDeps {
  readonly store: WatchStore
  readonly clock: Clock
  readonly log: Log
  /** Unix ms by the database's clock. */
  now(): number
  /** True while every slot of the shard serves here: only then is it us who watch. */
  serves(shardId: number): boolean
}

interface WatchedShardState {
  state: 'absent' | 'watched' | 'gap'
  /** Unix ms; only meaningful in absent and gap. */
  gapSince: number
  /** READYs so far, and the one whose reconcile is durable; only while they are equal may anything be written. */
  readies: number
  confirmed: number
}

/** Stands for a READY until its reconcile is confirmed. */
export type ReadyNumber = number & { readonly readyNumber: never }

export class ShardWatch {
  readonly #deps: ShardWatchDeps
  readonly #shardCount: number
  readonly #shards = new Map<number, WatchedShardState>()
  #timer: Timer | null = null
  #isStopped = false

  constructor(deps: ShardWatchDeps, options: { readonly shardCount: number }) {
    this.#deps = deps
    this.#shardCount = options.shardCount
  }

  /** Reads where earlier processes stopped watching; must end before the gateway is opened. */
  async start(shardIds: readonly number[]): Promise<void> {
    const stored = await this.#deps.store.readWatched()
    const now = this.#deps.now()
    const shardCount = this.#shardCount
    for (const shardId of shardIds) {
      this.#shards.set(shardId, absentSince(Math.min(now, shardWatchedUntil(stored, { shardId, shardCount }))))
    }
    this.#writeLater()
  }

  /** Writes the last instant of what is still watched. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#write()
    for (const shard of this.#shards.values()) shard.state = 'absent'
  }

  /** From when on nobody watched this shard before now; null: it is watched. */
  gapSince(shardId: number): number | null {
    const shard = this.#of(shardId)
    return shard.state === 'watched' ? null : shard.gapSince
  }

  /** READY: the shard hears everything from now on, and its guilds are to be reconciled. */
  begin(shardId: number): void {
    const shard = this.#of(shardId)
    shard.state = 'watched'
    shard.readies += 1
  }

  /** RESUMED: the shard hears everything again, and nothing was missed but told late. */
  resume(shardId: number): void {
    this.#of(shardId).state = 'watched'
  }

  /** The last READY, to be confirmed when what it told is reconciled. */
  lastReady(shardId: number): ReadyNumber {
    return this.#of(shardId).readies as ReadyNumber
  }

  /** What this READY told is durable. A later READY is still to be confirmed itself. */
  async confirm(shardId: number, ready: ReadyNumber): Promise<void> {
    const shard = this.#of(shardId)
    shard.confirmed = Math.max(shard.confirmed, ready)
    if (shard.state === 'watched') await this.#writeShards([shardId], this.#deps.now())
  }

  /** The socket is gone; what is told twice changes nothing. */
  lose(shardId: number): void {
    const shard = this.#of(shardId)
    if (shard.state !== 'watched') return
    shard.gapSince = this.#deps.now()
    shard.state = 'gap'
    void this.#writeShards([shardId], shard.gapSince)
  }

  #of(shardId: number): WatchedShardState {
    let shard = this.#shards.get(shardId)
    if (shard === undefined) {
      shard = absentSince(0)
      this.#shards.set(shardId, shard)
    }
    return shard
  }

  #writeLater(): void {
    if (this.#isStopped) return
    this.#timer = this.#deps.clock.after(writeIntervalMs, () => {
      void this.#write().finally(() => this.#writeLater())
    })
  }

  async #write(): Promise<void> {
    const watched = [...this.#shards].filter(([, shard]) => shard.state === 'watched').map(([shardId]) => shardId)
    await this.#writeShards(watched, this.#deps.now())
  }

  async #writeShards(shardIds: readonly number[], watchedUntil: number): Promise<void> {
    const told = shardIds.filter((shardId) => isConfirmed(this.#of(shardId)) && this.#deps.serves(shardId))
    if (told.length === 0) return
    try {
      await this.#deps.store.writeWatched(told.map((shardId) => ({ shardCount: this.#shardCount, shardId, watchedUntil })))
    } catch (thrown) {
      // An older instant stays stored: the gap is then stated longer than it was, never shorter.
      this.#deps.log.warn('watched_until could not be written', { error: coerceError(thrown) })
    }
  }
}

const absentSince = (gapSince: number): WatchedShardState => ({ state: 'absent', gapSince, readies: 0, confirmed: 0 })
const isConfirmed = (shard: WatchedShardState): boolean => shard.readies === shard.confirmed
