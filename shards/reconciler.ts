/**
 * Tells actors who is in voice, whenever nobody can be sure that they know: when a slot is won, when a shard's guilds
 * are told again, when tracking is switched on. And tells them when nobody watches.
 *
 * A guild is only reconciled from here while its slot is ours; whoever owns it otherwise has its own truth, and what is
 * heard meanwhile is held by gateway/feed-switcher.ts. From when on nobody watched a guild of ours is remembered until its
 * actor has been told, whatever refuses or delays that: time that nobody watched must never be counted as seen.
 */
import type { Activation } from '../actors/runtime/activation.ts'
import type { VoiceTracker } from './gateway/voice-tracker.ts'
import { slotOf } from '../actors/ownership/slots.ts'
import type { ActorRuntime } from '../actors/runtime/actor-runtime.ts'
import type { Command, Outcome } from '../actors/protocol/command.ts'
import type { FeedSwitch } from '../actors/protocol/feed-switch.ts'
import type { ObservedVoice } from '../actors/protocol/voice-attendance.ts'
import type { Clock } from '../kernel/clock.ts'
import type { ChannelId, GuildId, Slot } from '../kernel/ids.ts'
import { opId } from '../kernel/ids.ts'
import { uuidV7 } from '../kernel/uuid.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'

/** What refuses for a moment is asked again after this, then after twice as long, up to the bound. */
const retryDelayMsMin = 500
const retryDelayMsMax = 30_000

export interface ReconcilerDeps {
  readonly clock: Clock
  readonly runtime: Pick<ActorRuntime, 'askHere' | 'slots'>
  readonly tracker: VoiceTracker
  readonly log: Log
  now(): number
  random(length: number): Uint8Array
  /** From when on nobody watched the slot's shard before this process did, Unix ms. Never rejects. */
  readWatchedUntil(slot: Slot): Promise<number>
  /** The same, as it was read when the slot was taken; null: it could not be read then. */
  watchedUntilOf(slot: Slot): number | null
  /** True when the guild has sessions open. */
  hasOpenWork(activation: Activation): boolean
  /** True when this process hears the slot's shard. */
  hears(slot: Slot): boolean
}

export class Reconciler {
  readonly #deps: ReconcilerDeps
  /** Unix ms: nobody watched this guild from then on, and its actor has not been told. */
  readonly #gaps = new Map<GuildId, number>()
  /** Guilds in an outage that began before their slot was ours. */
  readonly #lost = new Map<GuildId, number>()
  /** Guilds whose reconcile is due soon. */
  readonly #soon = new Set<GuildId>()
  /** Since when a guild's actor was told that nobody watches; until it is heard again. */
  readonly #toldLost = new Map<GuildId, number>()
  /** Asked and not answered: of which guild. */
  readonly #open = new Map<Promise<Outcome>, GuildId>()

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps
  }

  /**
   * The guild's slot was just won: what was held for it comes along. Resolves when that is durable, or refused for now;
   * then the guild is reconciled as after an outage as soon as that is possible.
   */
  switchFeed(guildId: GuildId, held: FeedSwitch): Promise<void> {
    const now = this.#deps.now()
    const watchedUntil = Math.min(held.watchedUntil, this.#gaps.get(guildId) ?? Infinity)
    this.#gaps.delete(guildId)
    this.#lost.delete(guildId)
    this.#toldLost.delete(guildId)
    const asked = this.#ask(guildId, now, { feature: 'voice-attendance', kind: 'switch-feed', ...held, watchedUntil })
    return this.#tryLater(guildId, asked, { now, watchedUntil, retryDelayMs: retryDelayMsMin })
  }

  /** Outages that began before the slot was ours. Whoever had it watched until `watchedUntil`, an outage of ours or not. */
  tellOutages(slot: Slot, watchedUntil: number): void {
    for (const [guild, since] of this.#lost) {
      if (slotOf(guild) !== slot) continue
      this.#lost.delete(guild)
      this.loseGuild(guild, Math.max(since, watchedUntil))
    }
  }

  /** Nobody watched the guild since then, and its slot is ours: its actor is told now. */
  reconcileGuild(guildId: GuildId, watchedUntil: number): void {
    this.#lost.delete(guildId)
    if (!this.#deps.runtime.slots.at(slotOf(guildId)).isOurs) return
    this.#noteGap(guildId, watchedUntil)
    this.#reconcile(guildId)
  }

  /**
   * An event of the guild was heard and could not be told: its actor had no room. However many there are, the newest state
   * of everybody is told once, when there may be room again; from the first of them on the time is unobserved.
   */
  reconcileSoon(guildId: GuildId, since: number): void {
    this.#noteGap(guildId, since)
    if (this.#soon.has(guildId)) return
    this.#soon.add(guildId)
    this.#deps.clock.after(retryDelayMsMin, () => {
      this.#soon.delete(guildId)
      if (this.#gaps.has(guildId) && this.#deps.runtime.slots.at(slotOf(guildId)).isOurs) this.#reconcile(guildId)
    })
  }

  gapOf(guildId: GuildId): number | null {
    return this.#gaps.get(guildId) ?? null
  }

  /** Whoever has the slot now knows of its gaps, or has its own truth. */
  forgetGaps(slot: Slot): void {
    for (const known of [this.#gaps, this.#toldLost]) {
      for (const guild of known.keys()) if (slotOf(guild) === slot) known.delete(guild)
    }
  }

  /** The guild is heard again. */
  forgetOutage(guildId: GuildId): void {
    this.#lost.delete(guildId)
  }

  #noteGap(guildId: GuildId, since: number): void {
    this.#gaps.set(guildId, Math.min(this.#gaps.get(guildId) ?? Infinity, since))
  }

  #reconcile(guildId: GuildId, retryDelayMs = retryDelayMsMin): void {
    const now = this.#deps.now()
    const watchedUntil = this.#gaps.get(guildId) ?? now
    // What comes from here on stands behind this command in the guild's mailbox.
    this.#gaps.delete(guildId)
    this.#toldLost.delete(guildId)
    const voices = this.#deps.tracker.voicesOf(guildId)
    if (watchedUntil < now) this.#tellLoss(guildId, watchedUntil, voices)
    const afkChannelId = this.#deps.tracker.afkChannelOf(guildId)
    const asked = this.#ask(guildId, now, {
      feature: 'voice-attendance',
      kind: 'reconcile-voice',
      voices,
      watchedUntil: Math.min(watchedUntil, now),
      ...(afkChannelId === undefined ? {} : { afkChannelId }),
    })
    void this.#tryLater(guildId, asked, { now, watchedUntil, retryDelayMs })
  }

  async #tryLater(
    guildId: GuildId,
    asked: Promise<Outcome>,
    { now, watchedUntil, retryDelayMs }: { readonly now: number; readonly watchedUntil: number; readonly retryDelayMs: number },
  ): Promise<void> {
    const outcome = await asked
    if (outcome.status === 'answered') {
      if (outcome.reply.kind !== 'observed') return
      // More had to happen than fits a turn: the rest, from here on.
      if (outcome.reply.isPartial === true) this.reconcileGuild(guildId, now)
      else if (outcome.reply.isAwaiting === true) this.#deps.clock.after(limits.feedLagMs, () => this.#settleFeed(guildId, watchedUntil))
      return
    }
    this.#noteGap(guildId, watchedUntil)
    // Without the slot there is nobody to ask; winning it begins again.
    if (outcome.reason === 'no-owner' || outcome.reason === 'stopping') return
    this.#deps.clock.after(retryDelayMs, () => {
      const isWanted = this.#gaps.has(guildId) && this.#deps.runtime.slots.at(slotOf(guildId)).isOurs
      if (isWanted) this.#reconcile(guildId, Math.min(retryDelayMs * 2, retryDelayMsMax))
    })
  }

  /** By now the feed has told what the former one knew. A slot that is gone was told anew by whoever has it. */
  #settleFeed(guildId: GuildId, watchedUntil: number): void {
    if (!this.#deps.runtime.slots.at(slotOf(guildId)).isOurs) return
    const now = this.#deps.now()
    const voices = this.#deps.tracker.voicesOf(guildId)
    const asked = this.#ask(guildId, now, { feature: 'voice-attendance', kind: 'settle-feed', voices, watchedUntil })
    void this.#tryLater(guildId, asked, { now, watchedUntil, retryDelayMs: retryDelayMsMin })
  }

  /**
   * Before the slot goes: true when everything that was told to its guilds is durable, and those that nobody watches (since
   * `shardGap`, or since a gap of their own) were told so.
   */
  tellGaps(slot: Slot, shardGap: number | null): boolean {
    if ([...this.#open.values()].some((guild) => slotOf(guild) === slot)) return false
    let isTold = true
    for (const guild of this.#deps.tracker.guildsOf(slot)) {
      const since = Math.min(shardGap ?? Infinity, this.#gaps.get(guild) ?? Infinity)
      if (since === Infinity || since >= (this.#toldLost.get(guild) ?? Infinity)) continue
      this.loseGuild(guild, since)
      isTold = false
    }
    return isTold
  }

  /**
   * Dated at the loss itself: a boundary that was missed since then is applied after it, and knows that nobody watched and
   * who is gone.
   */
  #tellLoss(guildId: GuildId, since: number, voices: readonly ObservedVoice[]): void {
    void this.#ask(guildId, since, { feature: 'voice-attendance', kind: 'lose-feed', since, voices })
  }

  #ask(guildId: GuildId, receivedAt: number, command: Command): Promise<Outcome> {
    const op = opId(uuidV7(this.#deps.now(), this.#deps.random(16)))
    const asked = this.#deps.runtime.askHere({ guildId, opId: op, command, receivedAt, deadlineAt: null })
    this.#track(guildId, asked)
    return asked
  }

  /**
   * An outage of the guild began: its actor learns it now, because a boundary may come before the outage is over. One that
   * is not ours is told by whoever has it, or when its slot is won.
   */
  loseGuild(guildId: GuildId, since: number): void {
    this.#noteGap(guildId, since)
    if (!this.#deps.runtime.slots.at(slotOf(guildId)).isOurs) {
      this.#lost.set(guildId, since)
      return
    }
    void this.#ask(guildId, since, { feature: 'voice-attendance', kind: 'lose-feed', since }).then(({ status }) => {
      if (status === 'answered') this.#toldLost.set(guildId, since)
    })
  }

  /** The guild's own settings changed: where the AFK channel is. */
  noteAfkChannel(guildId: GuildId, afkChannelId: ChannelId | null): void {
    if (!this.#deps.runtime.slots.at(slotOf(guildId)).isOurs) return
    void this.#ask(guildId, this.#deps.now(), { feature: 'voice-attendance', kind: 'observe-guild', afkChannelId })
  }

  /** A guild came into memory in a process that does not hear it: what happens there from now on nobody sees. */
  onLoaded(activation: Activation): void {
    if (this.#deps.hears(activation.slot) || !this.#deps.hasOpenWork(activation)) return
    const known = this.#deps.watchedUntilOf(activation.slot)
    if (known !== null) this.#tellUnheard(activation.guildId, known)
    else void this.#deps.readWatchedUntil(activation.slot).then((since) => this.#tellUnheard(activation.guildId, since))
  }

  /** Before what brought the guild into memory, and dated at the loss: that may be a boundary which lies after it. */
  #tellUnheard(guildId: GuildId, watchedUntil: number): void {
    const now = this.#deps.now()
    const since = Math.min(watchedUntil, now)
    const op = opId(uuidV7(now, this.#deps.random(16)))
    const command = { feature: 'voice-attendance', kind: 'lose-feed', since } as const
    this.#track(guildId, this.#deps.runtime.askHere({ guildId, opId: op, command, receivedAt: since, deadlineAt: null }, { comesFirst: true }))
  }

  /** Resolves when every reconcile that was asked for so far has been decided and is durable, or refused for now. */
  async settled(): Promise<void> {
    await Promise.all(this.#open.keys())
  }

  #track(guildId: GuildId, asked: Promise<Outcome>): void {
    this.#open.set(asked, guildId)
    void asked.then((outcome) => {
      this.#open.delete(asked)
      if (outcome.status === 'refused') this.#deps.log.warn('guild not reconciled', { guildId, reason: outcome.reason })
    })
  }
}
