/**
 * What a shard process does on its manager's word, and what it tells it: heard, ready, alive.
 *
 * Orders may come in any phase and more than once; each is answered under its own number, so that an answer to an older
 * one is not taken for the newest. Without a manager nobody gives orders: orphan.ts.
 */
import type { ManagerMessage } from '../cluster/protocol.ts'
import { heartbeatIntervalMs } from '../cluster/protocol.ts'
import type { Clock, Timer } from '../kernel/clock.ts'
import type { Incarnation, Slot } from '../kernel/ids.ts'
import { incarnation } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { ManagerLink } from './ipc.ts'

/** How often a process that retires looks whether its slots are gone. */
const retireLookMs = 50
/** While slots move their number is told more often: somebody watches. */
const movingHeartbeatMs = 100

/** The part of ShardProcess that is moved from phase to phase. */
export interface MovableProcess {
  whenHeard(): Promise<{ readonly guilds: number }>
  whenReady(): Promise<{ readonly guilds: number }>
  switchTo(slots: readonly Slot[] | 'all'): Promise<void>
  handBack(): void
  retire(): void
}

export interface ManagerOrdersDeps {
  readonly clock: Clock
  readonly log: Log
  readonly link: ManagerLink
  readonly shard: MovableProcess
  readonly shards: readonly number[]
  ownedCount(): number
  reportDead(dead: Incarnation): void
  drain(reason: string): void
}

export class ManagerOrders {
  readonly #deps: ManagerOrdersDeps
  #timer: Timer | null = null
  #retireTimer: Timer | null = null
  #isMoving = false
  #isStopped = false

  constructor(deps: ManagerOrdersDeps) {
    this.#deps = deps
    deps.link.onMessage((message) => this.#onMessage(message))
  }

  /** From here on the manager hears of us every second. */
  startHeartbeats(): void {
    if (this.#isStopped) return
    void this.#deps.link.tell({ kind: 'heartbeat', owned: this.#deps.ownedCount() })
    this.#timer?.cancel()
    this.#timer = this.#deps.clock.after(this.#isMoving ? movingHeartbeatMs : heartbeatIntervalMs, () => this.startHeartbeats())
  }

  /** Tells `heard` and, once it serves by itself, `ready`. */
  tellStart({ startsHolding }: { readonly startsHolding: boolean }): void {
    const { link, log, shard } = this.#deps
    void shard.whenHeard().then(({ guilds }) => {
      log.info('heard', { shards: this.#deps.shards, guilds })
      void link.tell({ kind: 'heard', guilds })
    })
    if (!startsHolding) void shard.whenReady().then(({ guilds }) => this.#tellReady(guilds, 0))
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#retireTimer?.cancel()
  }

  #onMessage(message: ManagerMessage): void {
    const { shard } = this.#deps
    switch (message.kind) {
      case 'process-dead':
        this.#deps.reportDead(incarnation(message.incarnation))
        return
      case 'switch':
        void this.#switch(message.order)
        return
      case 'hand-back':
        this.#deps.log.info('handing back')
        shard.handBack()
        return
      case 'retire':
        this.#deps.log.info('retiring')
        shard.retire()
        this.#endWhenEmpty()
        return
      case 'drain':
        this.#deps.drain('manager')
    }
  }

  async #switch(order: number): Promise<void> {
    this.#deps.log.info('switching', { order })
    this.#isMoving = true
    this.startHeartbeats()
    await this.#deps.shard.switchTo('all')
    this.#isMoving = false
    const { guilds } = await this.#deps.shard.whenHeard()
    this.#tellReady(guilds, order)
  }

  #tellReady(guilds: number, order: number): void {
    const { link, log, shards } = this.#deps
    log.info('ready', { shards, guilds, owned: this.#deps.ownedCount() })
    void link.tell({ kind: 'heartbeat', owned: this.#deps.ownedCount() })
    void link.tell({ kind: 'ready', shards: [...shards], guilds, order })
  }

  #endWhenEmpty(): void {
    if (this.#isStopped) return
    if (this.#deps.ownedCount() === 0) this.#deps.drain('retired')
    else this.#retireTimer = this.#deps.clock.after(retireLookMs, () => this.#endWhenEmpty())
  }
}
