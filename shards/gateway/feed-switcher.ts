/**
 * Where a gateway event goes: to its guild's actor while the slot applies what this process hears, and into the fold
 * while another process' feed is applied there (I8). Winning a slot brings the fold along, in the order of hearing.
 *
 *            ┌──────────────────────── lost ─────────────────────────┐
 *            ▼                                                       │
 *          held ──served──▶ switching ──told──▶ live ──asked for──▶ leaving
 *            ▲                  │                ▲ │                 │
 *            └───── lost ───────┴──── lost ──────┼─┘                 │
 *                                                └────── kept ───────┘
 *
 * held: changes are folded, guild by guild. switching: the slot serves here, and until when it was watched before is being
 * asked, where that was not known at once; changes are still folded. live: changes go to the actors. leaving: the slot is silent; they go to its queue, and
 * are folded as well, in case the slot goes. Only #set writes the state.
 *
 * Between the end of `switching` and `live` nothing is awaited: what comes after stands behind the switch in every mailbox.
 */
import { slotOf } from '../../actors/ownership/slots.ts'
import type { HeldChange } from '../../actors/protocol/feed-switch.ts'
import type { ActorRuntime, FeedEvent } from '../../actors/runtime/actor-runtime.ts'
import { feedOpId } from '../../actors/runtime/dispatch-marks.ts'
import type { WatchedShard } from '../../actors/runtime/ports.ts'
import { assert } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Generation, GuildId, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import { Milestone } from '../../kernel/milestone.ts'
import type { Reconciler } from '../reconciler.ts'
import { HeldFeed } from './held-feed.ts'
import type { VoiceTracker } from './voice-tracker.ts'
import { slotWatchedUntil } from './watched-slots.ts'

/** Pause before Postgres is asked again until when a slot was watched. */
const retryDelayMs = 250

type SlotFeed = 'held' | 'switching' | 'live' | 'leaving'

const transitions: Readonly<Record<SlotFeed, readonly SlotFeed[]>> = {
  held: ['switching'],
  switching: ['live', 'held'],
  live: ['leaving', 'held'],
  leaving: ['live', 'held'],
}

export interface FeedSwitcherDeps {
  readonly clock: Clock
  readonly generation: Generation
  readonly runtime: Pick<ActorRuntime, 'feed' | 'openFeed'>
  readonly tracker: VoiceTracker
  readonly reconciler: Pick<Reconciler, 'switchFeed' | 'reconcileGuild' | 'loseGuild' | 'tellOutages' | 'tellGaps' | 'forgetGaps' | 'forgetOutage' | 'settled'>
  readonly log: Log
  /** Unix ms by the database's clock. */
  now(): number
  /** What is known of who watched when, read anew. May reject. */
  readWatched(): Promise<readonly WatchedShard[]>
  /** From when on the socket of the slot's shard is gone; null: it is heard. */
  gapSince(slot: Slot): number | null
  /** All guilds of the slot were told what was held for them, and that is durable, or refused for now. */
  onSwitched?(slot: Slot): void
  /** Changes held for one slot; `limits.heldChangesPerSlotMax` unless told. */
  readonly heldChangesMax?: number
}

export class FeedSwitcher {
  readonly #deps: FeedSwitcherDeps
  readonly #held: HeldFeed
  readonly #states = new Map<Slot, SlotFeed>()
  /** Slots in switching, and who waits for them. */
  readonly #switching = new Map<Slot, Milestone>()
  /** Until when slots were watched before they were taken, Unix ms. */
  readonly #watchedUntil = new Map<Slot, number>()
  /** Slots that were served in this breath: one read tells until when they were watched. */
  #unknown: [Slot, Milestone][] = []

  constructor(deps: FeedSwitcherDeps) {
    this.#deps = deps
    this.#held = new HeldFeed(deps.heldChangesMax ?? limits.heldChangesPerSlotMax)
  }

  /** One gateway event of a guild. */
  hear(event: FeedEvent): 'taken' | 'repeated' | 'elsewhere' {
    const slot = slotOf(event.guildId)
    const state = this.#stateOf(slot)
    const isNew = this.#held.hear(slot, { session: event.session, seq: event.seq })
    if (state !== 'live' && isNew) this.#fold(event)
    return state === 'live' || state === 'leaving' ? this.#deps.runtime.feed(event) : 'elsewhere'
  }

  /** The whole truth about a guild was told and is in the tracker. Nobody watched it since `watchedUntil`. */
  knowGuild(guildId: GuildId, watchedUntil: number): void {
    const state = this.#stateOf(slotOf(guildId))
    if (state === 'live' || state === 'leaving') this.#deps.reconciler.reconcileGuild(guildId, watchedUntil)
    else this.#deps.reconciler.forgetOutage(guildId)
    if (state !== 'live') this.#hold(guildId, this.#deps.now())
  }

  /** Nobody hears the guild from now on: it is in an outage. */
  loseGuild(guildId: GuildId, since: number): void {
    this.#held.forget(guildId)
    this.#deps.reconciler.loseGuild(guildId, since)
  }

  /**
   * The slots are taken and do not serve yet: asked now until when they were watched, their switch comes before the first
   * command and the first alarm. A boundary that was missed must find out that nobody watched.
   */
  async onSlotsTaken(slots: readonly Slot[]): Promise<void> {
    for (const slot of slots) this.#watchedUntil.delete(slot)
    try {
      const rows = await this.#deps.readWatched()
      for (const slot of slots) this.#watchedUntil.set(slot, slotWatchedUntil(rows, slot))
    } catch (thrown) {
      this.#deps.log.warn('watched_until could not be read', { slots: slots.length, error: coerceError(thrown) })
    }
  }

  /** Null: it could not be read when the slot was taken. */
  watchedUntilOf(slot: Slot): number | null {
    return this.#watchedUntil.get(slot) ?? null
  }

  onSlotServed(slot: Slot, taken: { readonly silentSince: number | null }): void {
    const silentSince = taken.silentSince ?? this.watchedUntilOf(slot)
    this.#set(slot, 'switching')
    const begun = new Milestone()
    this.#switching.set(slot, begun)
    if (silentSince !== null) {
      this.#switch(slot, silentSince)
      return
    }
    this.#unknown.push([slot, begun])
    if (this.#unknown.length === 1) this.#deps.clock.after(0, () => void this.#switchUnknown(this.#unknown.splice(0)))
  }

  /**
   * The last word to its guilds: from when on nobody watched, where that is so. False: that, or what was told before, is not
   * durable yet; who asked asks again.
   */
  onSlotLeaving(slot: Slot): boolean {
    if (this.#stateOf(slot) !== 'live') return false
    const { reconciler, tracker } = this.#deps
    if (!reconciler.tellGaps(slot, this.#deps.gapSince(slot))) return false
    for (const guild of tracker.guildsOf(slot)) this.#holdHeard(guild)
    this.#set(slot, 'leaving')
    return true
  }

  /** What came meanwhile was in the slot's own queue. */
  onSlotKept(slot: Slot): void {
    if (this.#stateOf(slot) !== 'leaving') return
    this.#held.take(slot)
    this.#set(slot, 'live')
  }

  onSlotLost(slot: Slot, how: 'handed-over' | 'lost'): void {
    const state = this.#stateOf(slot)
    if (state === 'held') return
    if (state === 'live') for (const guild of this.#deps.tracker.guildsOf(slot)) this.#holdHeard(guild)
    if (how === 'handed-over') this.#deps.reconciler.forgetGaps(slot)
    this.#set(slot, 'held')
  }

  /** Resolves when every slot that serves here has been told what was held for it, and that is durable, or refused for now. */
  async settled(): Promise<void> {
    await Promise.all([...this.#switching.values()].map(({ reached }) => reached))
    await this.#deps.reconciler.settled()
  }

  #stateOf(slot: Slot): SlotFeed {
    return this.#states.get(slot) ?? 'held'
  }

  #set(slot: Slot, next: SlotFeed): void {
    const before = this.#stateOf(slot)
    assert(transitions[before].includes(next), `feed of slot ${slot}: ${before} → ${next}`)
    this.#states.set(slot, next)
    if (before !== 'switching') return
    this.#switching.get(slot)?.reach()
    this.#switching.delete(slot)
  }

  #hold(guildId: GuildId, heardSince: number): void {
    this.#held.hold(guildId, this.#deps.tracker.voicesOf(guildId), heardSince)
  }

  /**
   * What was heard until now is told by who is in voice; but a feed that is behind has stays still to tell that were over
   * by then for the other one. So this one counts as having heard for as long before as two feeds can be apart; and if it
   * heard the guild for longer, then since then: whoever has the slot meanwhile may be gone without a word.
   */
  #holdHeard(guildId: GuildId): void {
    this.#hold(guildId, Math.min(this.#deps.now() - 2 * limits.feedLagMs, this.#deps.tracker.heardSince(guildId)))
  }

  /** Whatever tells no state is another's to apply: it was heard there too. */
  #fold({ guildId, command, session, seq, receivedAt }: FeedEvent): void {
    if (command.kind !== 'observe-voice') return
    const { voice, unobservedSince } = command
    const late = unobservedSince === undefined ? {} : { unobservedSince }
    const change: HeldChange = { at: receivedAt, opId: feedOpId(session, seq), voice, ...late }
    if (this.#held.add(guildId, change) === 'overfull') {
      this.#deps.log.warn('too much was heard of a slot before it was ours', { guildId, slot: slotOf(guildId) })
    }
  }

  /** Read after the fence was taken: the owner before writes nothing any more. */
  async #switchUnknown(slots: readonly [Slot, Milestone][]): Promise<void> {
    try {
      const rows = await this.#deps.readWatched()
      for (const [slot, begun] of slots) if (this.#switching.get(slot) === begun) this.#switch(slot, slotWatchedUntil(rows, slot))
    } catch (thrown) {
      this.#deps.log.warn('watched_until could not be read', { slots: slots.length, error: coerceError(thrown) })
      this.#deps.clock.after(retryDelayMs, () => void this.#switchUnknown(slots.filter(([slot, begun]) => this.#switching.get(slot) === begun)))
    }
  }

  /** Nothing is awaited in here. */
  #switch(slot: Slot, watchedUntil: number): void {
    const { reconciler, runtime, tracker, generation } = this.#deps
    const { guilds, through } = this.#held.take(slot)
    this.#set(slot, 'live')
    const told = guilds.map(({ guildId, isOverfull, ...held }) => {
      const afkChannelId = tracker.afkChannelOf(guildId)
      // Of an overfull guild only the newest is known, and not since when.
      const heard = isOverfull ? { heardSince: this.#deps.now(), base: tracker.voicesOf(guildId), changes: [] } : held
      return reconciler.switchFeed(guildId, { ...heard, generation, watchedUntil, ...(afkChannelId === undefined ? {} : { afkChannelId }) })
    })
    const isTold = Promise.all(told)
    runtime.openFeed(slot, { through, isTold })
    void isTold.then(() => this.#deps.onSwitched?.(slot))
    reconciler.tellOutages(slot, watchedUntil)
  }
}
