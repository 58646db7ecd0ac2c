/**
 * Wakes guilds at the instants they asked for, in memory or not. Triggered at least once; effective exactly once,
 * because a guild's state says whether the alarm is still set.
 *
 * Timers are held only for what is due soon. What lies further ahead, or belongs to guilds that are not in memory, is
 * found by the sweep of the owned slots' rows, at once when a slot is won and then every few seconds. Where a feature
 * spreads its work, a guild's delay is derived from its id: always the same, and even over the guilds.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, Sequence, Slot } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { BehaviourRegistry } from '../behaviours/registry.ts'
import type { Activation } from './activation.ts'
import type { DatabaseTime } from './database-time.ts'
import { alarmOpId } from './guild-state.ts'
import type { GuildStore } from './ports.ts'
import { Request } from './request.ts'
import type { SlotTable } from './slot-table.ts'

const sweepIntervalMs = 5_000
/** Timers are set for what is due within this; above the sweep's interval, so that nothing falls between. */
const horizonMs = 15_000

assert(horizonMs > sweepIntervalMs * 2, 'an alarm must be seen by a sweep before it is due')

export interface AlarmClockDeps {
  readonly store: Pick<GuildStore, 'loadAlarms'>
  readonly registry: BehaviourRegistry
  readonly slots: SlotTable
  readonly clock: Clock
  readonly time: DatabaseTime
  readonly log: Log
  submit(request: Request): void
  /** For metrics: how long after its instant (and what it was spread by) an alarm fired. */
  observeLate?(lateMs: number): void
}

interface SetAlarm {
  readonly guildId: GuildId
  /** `feature/purpose`. */
  readonly key: string
  readonly dueAt: number
  readonly setSeq: Sequence
}

export class AlarmClock {
  readonly #deps: AlarmClockDeps
  readonly #timers = new Map<string, { readonly alarm: SetAlarm; readonly timer: Timer }>()
  #sweepTimer: Timer | null = null
  #sweeping: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(deps: AlarmClockDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#sweepLater()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#sweepTimer?.cancel()
    for (const { timer } of this.#timers.values()) timer.cancel()
    this.#timers.clear()
    await this.#sweeping
  }

  /** A guild in memory may have set, moved or cleared alarms. */
  onChange(activation: Activation): void {
    for (const [key, { dueAt, setSeq }] of Object.entries(activation.state.alarms)) {
      this.#set({ guildId: activation.guildId, key, dueAt, setSeq: setSeq as Sequence })
    }
  }

  /** Looks at these slots' rows now. */
  sweep(slots: readonly Slot[]): void {
    if (this.#stopped || slots.length === 0) return
    this.#sweeping = this.#sweeping.then(() => this.#sweepSlots(slots))
  }

  #sweepLater(): void {
    this.#sweepTimer = this.#deps.clock.after(sweepIntervalMs, () => {
      this.sweep(this.#deps.slots.inState('serving').map(({ slot }) => slot))
      void this.#sweeping.finally(() => {
        if (!this.#stopped) this.#sweepLater()
      })
    })
  }

  async #sweepSlots(slots: readonly Slot[]): Promise<void> {
    const dueBefore = this.#deps.time.now() + horizonMs
    try {
      const rows = await this.#deps.store.loadAlarms({ slots, dueBefore, limit: limits.alarmsPerSweepMax })
      for (const { guildId, purpose, dueAt, setSeq } of rows) this.#set({ guildId, key: purpose, dueAt, setSeq })
    } catch (thrown) {
      this.#deps.log.warn('alarms could not be read', { error: coerceError(thrown), slots: slots.length })
    }
  }

  #set(alarm: SetAlarm): void {
    if (this.#stopped) return
    const name = `${alarm.guildId} ${alarm.key}`
    const known = this.#timers.get(name)
    if (known !== undefined && known.alarm.setSeq >= alarm.setSeq) return
    known?.timer.cancel()
    this.#timers.delete(name)
    const waitMs = Math.max(0, alarm.dueAt + this.#spread(alarm) - this.#deps.time.now())
    if (waitMs > horizonMs + this.#spreadMs(alarm.key)) return
    const timer = this.#deps.clock.after(Math.max(1, waitMs), () => {
      this.#timers.delete(name)
      this.#fire(alarm)
    })
    this.#timers.set(name, { alarm, timer })
  }

  #fire(alarm: SetAlarm): void {
    const [feature = '', purpose = ''] = alarm.key.split('/')
    const behaviour = this.#deps.registry.get(feature)
    if (behaviour?.onAlarm === undefined) {
      this.#deps.log.error('alarm of a feature that has none', { guildId: alarm.guildId, alarm: alarm.key })
      return
    }
    const envelope = {
      guildId: alarm.guildId,
      opId: opId(alarmOpId(alarm.guildId, alarm.key, alarm.setSeq)),
      command: behaviour.onAlarm(purpose, alarm.dueAt),
      receivedAt: null,
      deadlineAt: null,
    }
    this.#deps.observeLate?.(Math.max(0, this.#deps.time.now() - alarm.dueAt - this.#spread(alarm)))
    // Lost slot, full mailbox, a process that ends: the row stays, and the next sweep or owner finds it.
    this.#deps.submit(new Request({ envelope, origin: 'alarm', lowWater: null, settle: () => undefined }))
  }

  #spreadMs(key: string): number {
    const [feature = '', purpose = ''] = key.split('/')
    return this.#deps.registry.get(feature)?.alarmSpreadMs?.(purpose) ?? 0
  }

  #spread(alarm: SetAlarm): number {
    const spreadMs = this.#spreadMs(alarm.key)
    return spreadMs === 0 ? 0 : Number((BigInt(alarm.guildId) >> 22n) % BigInt(spreadMs))
  }
}
