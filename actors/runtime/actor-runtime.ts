/**
 * The actor runtime of one process: every part of this folder and of ownership/, put together.
 *
 * Three doors lead in: `ask` for commands whose answer this process wants, `feed` for gateway events, and the inboxes of
 * the slots it owns. Two lead out: the answer of each command, and `hooks`, which tell when slots are won and lost and
 * when turns became durable. Everything it needs from the world comes in as a port; importing it does nothing.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Generation, GuildId, Incarnation, Slot } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { BehaviourRegistry } from '../behaviours/registry.ts'
import { ActorClient, inboxEntry } from '../client/actor-client.ts'
import type { Asker } from '../ownership/handoff.ts'
import { Handoff } from '../ownership/handoff.ts'
import { LeaseKeeper } from '../ownership/lease-keeper.ts'
import { SlotKeeper } from '../ownership/slot-keeper.ts'
import { slotOf } from '../ownership/slots.ts'
import { Takeover } from '../ownership/takeover.ts'
import type { Watchdog } from '../ownership/watchdog.ts'
import type { Command, CommandEnvelope, Outcome } from '../protocol/command.ts'
import type { AdvisoryEffect } from '../protocol/effect.ts'
import type { Tier } from '../protocol/voice-settings.ts'
import type { Sealer } from '../records/sealer.ts'
import type { SignedSnapshot, SnapshotFacts } from '../records/snapshot.ts'
import type { Activation } from './activation.ts'
import type { PendingTurn } from './batch.ts'
import type { SlotLoss } from './catalog.ts'
import { Catalog } from './catalog.ts'
import type { ObservedStatement } from './committer.ts'
import type { DatabaseTime } from './database-time.ts'
import { feedOpId, parseFeedOpId } from './dispatch-marks.ts'
import { InboxReader } from './inbox-reader.ts'
import { AlarmClock } from './alarm-clock.ts'
import type { AdvisoryRunner } from './advisory-board.ts'
import { AdvisoryBoard } from './advisory-board.ts'
import { IdleCollector } from './idle-collector.ts'
import type { BulkSnapshotCheck, SnapshotCheck } from './loader.ts'
import type { EffectRunner } from './outbox.ts'
import { Outbox } from './outbox.ts'
import { KeyKeeper } from './key-keeper.ts'
import { Snapshotter } from './snapshotter.ts'
import { WaitingSealer } from './waiting-sealer.ts'
import type { AdvisoryLock, CommitLane, GuildStore, Inbox, LeaseStore, MessageBus, OwnershipStore, UnlockedKeyStore } from './ports.ts'
import { Request } from './request.ts'
import type { SlotEntry } from './slot-table.ts'
import { SlotTable } from './slot-table.ts'
import type { Workload } from './workload.ts'
import { measureWorkload } from './workload.ts'

/** Cursors that moved without a commit of their own are written this often. */
const cursorFlushIntervalMs = 1_000

export interface ActorRuntimeDeps {
  readonly me: Incarnation
  readonly generation: Generation
  readonly clock: Clock
  readonly time: DatabaseTime
  readonly log: Log
  readonly registry: BehaviourRegistry
  readonly sealer: Sealer
  /** The tier of guilds that were given none. */
  readonly defaultTier?: Tier
  readonly checkSnapshot: SnapshotCheck
  /** For many at once; without it each is checked here. */
  readonly checkSnapshots?: BulkSnapshotCheck
  random(length: number): Uint8Array
  readonly lanes: readonly CommitLane[]
  readonly ownership: OwnershipStore
  readonly guilds: GuildStore
  readonly leases: LeaseStore
  readonly lock: AdvisoryLock
  readonly inbox: Inbox
  readonly bus: MessageBus
  readonly unlockedKeys: UnlockedKeyStore
  /** Watches the event loop; without one a stalled process keeps its lease to its end. */
  readonly watchdog?: Watchdog
  /** Signs snapshots with the cluster's key. */
  signSnapshot(facts: SnapshotFacts): SignedSnapshot
  /** What acts on the world outside. */
  readonly effects: EffectRunner
  readonly advisory: AdvisoryRunner
  readonly hooks: ActorRuntimeHooks
}

export interface ActorRuntimeHooks {
  /** The slots' fences are ours, and nothing serves yet: `onSlotServed` follows when this has resolved. Never rejects. */
  onSlotsTaken?(slots: readonly Slot[]): Promise<void>
  /**
   * The slot serves here from now on; its guilds should be told what is known of them, and its feed be opened.
   * `silentSince`, Unix ms: the owner before it watched until then and handed over; null: nobody said.
   */
  onSlotServed(slot: Slot, taken: { readonly silentSince: number | null }): void
  /** Another process asked for the slot: the last instant at which its guilds can be told anything. False: not yet. */
  onSlotLeaving?(slot: Slot): boolean
  /** It serves again: doubt is settled, or nobody finished a handoff. */
  onSlotKept?(slot: Slot): void
  onSlotLost(slot: Slot, how: SlotLoss): void
  /** A gateway event of a guild of ours, heard then (Unix ms), came to a bound or broke its turn: only a reconcile mends that. */
  onFeedRefused?(guild: GuildId, receivedAt: number): void
  /** True when this process has a feed of the slot's shard; where it has none its end says nothing of what was watched. */
  hearsSlot?(slot: Slot): boolean
  /** True when this process has its own feed of the guild: what others forward of theirs is passed over (I8). */
  hears?(guild: GuildId): boolean
  /** A guild is in memory again, before its first turn. */
  onLoaded?(activation: Activation): void
  /** These turns are in Postgres. */
  onDurable?(turns: readonly PendingTurn[]): void
  /** For metrics: each statement, what each command became here, how long a turn that wrote took to decide, how late an alarm fired. */
  observeCommit?(statement: ObservedStatement): void
  observeCommand?(request: Request, outcome: Outcome): void
  observeTurn?(durationMs: number): void
  observeAlarm?(lateMs: number): void
}

/** A gateway dispatch turned into a command: known by its session and sequence. */
export interface FeedEvent {
  readonly guildId: GuildId
  readonly command: Command
  readonly session: string
  readonly seq: number
  readonly receivedAt: number
}

export class ActorRuntime {
  readonly slots = new SlotTable()
  readonly catalog: Catalog
  readonly lease: LeaseKeeper
  readonly keeper: SlotKeeper
  readonly client: ActorClient
  /** Slots won in this breath, or out of doubt. */
  readonly #served: Slot[] = []
  /** Slots in handing-over that were wanted until they were asked for, and by whom. */
  readonly #wantedBefore = new Map<Slot, Incarnation>()
  readonly #deps: ActorRuntimeDeps
  readonly #observer: Request['observer']
  readonly #takeover: Takeover
  readonly #handoff: Handoff
  readonly #reader: InboxReader
  readonly #snapshotter: Snapshotter
  readonly #idle: IdleCollector
  readonly #alarms: AlarmClock
  readonly #outbox: Outbox
  readonly #advisory: AdvisoryBoard
  readonly #keys: KeyKeeper
  readonly #waiting: WaitingSealer
  /** Gateway events on their way to another owner's inbox. */
  readonly #forwarding = new Set<Promise<void>>()
  #flushTimer: { cancel(): void } | null = null
  #epochSeen: number | null = null
  #isStopping = false
  #isGivingUp = false

  constructor(deps: ActorRuntimeDeps) {
    this.#deps = deps
    this.#observer = deps.hooks.observeCommand ?? null
    const { me, clock, log, time } = deps
    this.lease = new LeaseKeeper({ store: deps.leases, clock, me, log, onRenewed: () => this.#onLeaseRenewed(), watchdog: deps.watchdog ?? null })
    this.client = new ActorClient({ me, clock, inbox: deps.inbox, bus: deps.bus, log, now: () => time.now() })
    this.catalog = this.#createCatalog()
    this.#takeover = new Takeover({
      ...deps,
      slots: this.slots,
      leaseEpoch: () => this.lease.epoch,
      prepareServing: (slots) => deps.hooks.onSlotsTaken?.(slots) ?? Promise.resolve(),
      serve: (entry, taken) => this.#serve(entry, taken),
      giveUp: (slot) => this.catalog.loseSlot(slot),
    })
    this.#handoff = new Handoff({
      ...deps,
      slots: this.slots,
      snapshotSlots: (slots) => this.#snapshotSlots(slots),
      finishSlot: (slot) => this.catalog.committerOf(slot).whenSlotIdle(slot),
      takeBack: (slots) => this.#takeBack(slots),
      now: () => time.now(),
      hears: (slot) => deps.hooks.hearsSlot?.(slot) ?? true,
      prepareToLeave: (slot, asker) => this.#prepareToLeave(slot, asker),
      lose: (slot, generation) => {
        this.catalog.loseSlot(slot, 'handed-over')
        this.slots.at(slot).ownerGeneration = generation
      },
    })
    this.keeper = new SlotKeeper({ ...deps, slots: this.slots, takeover: this.#takeover, handoff: this.#handoff })
    this.#reader = new InboxReader({
      ...deps,
      slots: this.slots,
      submit: (request) => this.#submitFromInbox(request),
      noteCursor: (slot) => this.#noteCursor(slot),
    })
    const now = (): number => time.now()
    const leaseCovers = (slot: Slot): boolean => this.catalog.covers(this.slots.at(slot))
    this.#snapshotter = new Snapshotter({ ...deps, store: deps.guilds, slots: this.slots, now, sign: (facts) => deps.signSnapshot(facts) })
    this.#idle = new IdleCollector({ catalog: this.catalog, snapshotter: this.#snapshotter, clock, log })
    this.#alarms = new AlarmClock({ ...deps, store: deps.guilds, slots: this.slots, submit: (request) => void this.catalog.submit(request), observeLate: (lateMs) => deps.hooks.observeAlarm?.(lateMs) })
    this.#outbox = new Outbox({
      ...deps,
      store: deps.guilds,
      runner: deps.effects,
      slots: this.slots,
      now,
      leaseCovers,
      settle: (envelope, how) => this.askHere(envelope, how),
    })
    this.#waiting = new WaitingSealer({ ...deps, store: deps.guilds, ask: (guild, command) => this.#askOwn(guild, command) })
    this.#keys = new KeyKeeper({
      ...deps,
      store: deps.unlockedKeys,
      forget: async (guild, unlockId) => {
        const outcome = await this.#askOwn(guild, { feature: 'signing', kind: 'forget-unlocking', unlockId })
        return outcome.status === 'answered' || outcome.reason === 'no-owner'
      },
      onKey: (activation) => this.#waiting.look(activation),
    })
    this.#advisory = new AdvisoryBoard({ runner: deps.advisory, log, leaseCovers })
  }

  /** Resolves when leases are kept and messages heard; slots come when `keeper.own` is called or others die. */
  async start(): Promise<void> {
    await this.client.start()
    await this.#handoff.start()
    await this.lease.start()
    this.#reader.start()
    this.#alarms.start()
    this.#outbox.start()
    this.#idle.start()
    this.#keys.start()
    this.keeper.start()
    this.#flushLater()
  }

  /** What it carries now: walks over the guilds in memory, so not for every command. */
  workload(): Workload {
    return measureWorkload({ catalog: this.catalog, outbox: this.#outbox, slots: this.slots, lease: this.lease })
  }

  /** Takes no more work, lets everything decided become durable, gives up slots and lease, and ends. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.keeper.stop()
    this.#flushTimer?.cancel()
    await this.#alarms.stop()
    this.#outbox.stop()
    await this.#reader.stop()
    await this.#idle.stop()
    await this.#waiting.stop()
    await this.#keys.stop()
    await this.catalog.drain()
    await this.#snapshotQuietGuilds(this.catalog.unsnapshotted())
    this.catalog.stop()
    await this.#giveUpSlots()
    await this.client.stop()
    await this.#handoff.stop()
    await this.lease.stop()
  }

  /** Slots that are ours, whatever is under way with them. */
  ownedCount(): number {
    return this.slots.inState('serving', 'doubt', 'handing-over').length
  }

  /** A command whose answer this process wants; carried to the owner when that is another one. Never rejects. */
  ask(envelope: CommandEnvelope): Promise<Outcome> {
    return new Promise((resolve) => {
      const request = new Request({ envelope, origin: 'local', lowWater: null, settle: resolve })
      request.observer = this.#observer
      if (this.#isStopping) request.settle({ status: 'refused', reason: 'stopping' })
      else if (this.catalog.submit(request) === 'elsewhere') {
        // Counted where it is decided.
        request.observer = null
        this.#carry(request)
      }
    })
  }

  /** A command about what this process alone has seen: refused `no-owner` when the slot is not, or no longer, ours. */
  askHere(envelope: CommandEnvelope, { comesFirst = false, isNew = false } = {}): Promise<Outcome> {
    return new Promise((resolve) => {
      const request = new Request({ envelope, origin: 'local', lowWater: null, settle: resolve, portable: false, comesFirst, isNew })
      if (this.catalog.submit(request) === 'elsewhere') request.settle({ status: 'refused', reason: 'no-owner' })
    })
  }

  /**
   * What was heard of the slot's guilds up to `through` is with them: from here on `feed` takes what this process hears
   * (I8). The cursor of the gateway session stands below `through` until `isTold` resolves.
   */
  openFeed(slot: Slot, heard: { readonly through: { readonly session: string; readonly seq: number } | null; readonly isTold: Promise<unknown> }): void {
    const entry = this.slots.at(slot)
    entry.openFeed(this.#deps.generation)
    const lowWater = heard.through === null ? null : entry.beginFeedEntry(heard.through.session, heard.through.seq)
    if (lowWater === null) return
    void heard.isTold.then(() => {
      lowWater.state = 'ended'
      this.#noteCursor(slot)
    })
  }

  /** A gateway event. `elsewhere`: this process does not own the guild, and its owner has a feed or none does. */
  feed(event: FeedEvent): 'taken' | 'repeated' | 'elsewhere' {
    const entry = this.slots.at(slotOf(event.guildId))
    if (entry.feedGeneration === null) return 'elsewhere'
    assert(entry.feedGeneration === this.#deps.generation, 'I8: a slot applies gateway events of one generation at a time')
    const lowWater = entry.beginFeedEntry(event.session, event.seq)
    if (lowWater === null) return 'repeated'
    const effect = entry.beginFeedEffect(event.receivedAt)
    const request = new Request({
      envelope: {
        guildId: event.guildId,
        opId: feedOpId(event.session, event.seq),
        command: event.command,
        receivedAt: event.receivedAt,
        deadlineAt: null,
      },
      origin: 'feed',
      lowWater,
      settle: (outcome) => {
        effect.end()
        this.#noteCursor(entry.slot)
        const isHere = outcome.status === 'refused' && outcome.reason !== 'no-owner' && outcome.reason !== 'stopping'
        if (isHere) this.#deps.hooks.onFeedRefused?.(event.guildId, event.receivedAt)
      },
    })
    request.observer = this.#observer
    return this.catalog.submit(request)
  }

  #createCatalog(): Catalog {
    const deps = this.#deps
    return new Catalog({
      me: deps.me,
      clock: deps.clock,
      time: deps.time,
      log: deps.log,
      slots: this.slots,
      turn: { registry: deps.registry, sealer: deps.sealer, defaultTier: deps.defaultTier, random: (length) => deps.random(length) },
      lanes: deps.lanes,
      ownership: deps.ownership,
      guilds: deps.guilds,
      checkSnapshots: deps.checkSnapshots ?? ((snapshots) => Promise.resolve(snapshots.map((one) => deps.checkSnapshot(one)))),
      leaseCovers: (epoch) => this.lease.covers() && this.lease.epoch === epoch,
      leaseEpoch: () => this.lease.epoch,
      onSlotLost: (slot, requests, how) => this.#onSlotLost(slot, requests, how),
      onLoaded: (activation) => {
        this.#alarms.onChange(activation)
        this.#keys.onLoaded(activation)
        this.#waiting.onLoaded(activation)
        deps.hooks.onLoaded?.(activation)
      },
      onChange: (activation, advisory) => this.#onChange(activation, advisory),
      onDropped: (activation) => this.#onDropped(activation),
      onDoubtSettled: (slot) => this.#lookAfterSoon(slot),
      onKept: (slot) => this.#onKept(slot),
      onDurable: (turns) => this.#onDurable(turns),
      observeCommit: (statement) => deps.hooks.observeCommit?.(statement),
      ...(deps.hooks.observeTurn === undefined ? {} : { observeTurn: deps.hooks.observeTurn }),
    })
  }

  /** A command of our own to a guild of ours: what it means is in the state, so its name is drawn. */
  #askOwn(guildId: GuildId, command: Command): Promise<Outcome> {
    const name = Buffer.from(this.#deps.random(12)).toString('hex')
    return this.askHere({ guildId, opId: opId(`own:${name}`), command, receivedAt: null, deadlineAt: null })
  }

  #serve(entry: SlotEntry, { inboxPosition, silentSince }: { readonly inboxPosition: string; readonly silentSince: number | null }): void {
    entry.ownerGeneration = this.#deps.generation
    this.#outbox.expectLoad(entry.slot)
    // What was heard happened before anything that is held was asked.
    this.catalog.serve(entry, () => this.#deps.hooks.onSlotServed(entry.slot, { silentSince }))
    this.#reader.add(entry.slot, inboxPosition)
    this.#lookAfterSoon(entry.slot)
  }

  #lookAfterSoon(slot: Slot): void {
    this.#served.push(slot)
    if (this.#served.length === 1) this.#deps.clock.after(0, () => this.#lookAfterServed())
  }

  /** Slots just won, or out of doubt: one query for all of a takeover tells what their alarms and outboxes want. */
  #lookAfterServed(): void {
    const slots = this.#served.splice(0)
    this.#alarms.sweep(slots)
    void this.#outbox.loadSlots(slots)
  }

  #onChange(activation: Activation, advisory: readonly AdvisoryEffect[]): void {
    this.#alarms.onChange(activation)
    this.#snapshotter.onTurn(activation)
    this.#advisory.put(activation, advisory)
  }

  #onDurable(turns: readonly PendingTurn[]): void {
    const changed = new Set<Activation>()
    for (const turn of turns) {
      if (turn.epoch === turn.activation.epoch) changed.add(turn.activation)
      if (turn.rows.outbox.length > 0) this.#outbox.add(turn.rows.outbox)
    }
    for (const activation of changed) {
      this.#snapshotter.onDurable(activation)
      this.#advisory.onDurable(activation)
      this.#keys.onDurable(activation)
      this.#waiting.look(activation)
    }
    this.#deps.hooks.onDurable?.(turns)
  }

  #onDropped(activation: Activation): void {
    this.#snapshotter.forget(activation)
    this.#advisory.forget(activation)
  }

  /** Those that are not written in time are not waited for: a guild without one is replayed from its journal. */
  async #snapshotSlots(slots: readonly Slot[]): Promise<void> {
    const guilds = slots.flatMap((slot) => [...this.slots.at(slot).guilds].map((guild) => this.catalog.find(guild)))
    const inTime = new Promise<void>((resolve) => this.#deps.clock.after(limits.handoffSnapshotMs, resolve))
    await Promise.race([this.#snapshotQuietGuilds(guilds.filter((activation) => activation !== undefined)), inTime])
  }

  async #snapshotQuietGuilds(activations: Iterable<Activation>): Promise<void> {
    const quiet = [...activations].filter((activation) => activation.isQuiet)
    await Promise.all(quiet.map((activation) => this.#snapshotter.writeNow(activation)))
    await this.#snapshotter.whenIdle()
  }

  #submitFromInbox(request: Request): void {
    const { guildId, opId: op, command } = request.envelope
    if (parseFeedOpId(op) !== null && this.#isFeedState(command) && this.#deps.hooks.hears?.(guildId) === true) {
      request.settle({ status: 'answered', reply: { kind: 'observed' } })
      return
    }
    request.observer = this.#observer
    const taken = this.catalog.submit(request)
    assert(taken === 'taken', 'an inbox is read only while its slot is ours')
  }

  /** Slots won under a lease that ended since: the present one covers them when their fence is raised under it. */
  #onLeaseRenewed(): void {
    if (this.lease.epoch !== this.#epochSeen) this.#reader.compareSoon()
    this.#epochSeen = this.lease.epoch
    const uncovered = this.slots.inState('serving').filter(({ leaseEpoch }) => leaseEpoch !== this.lease.epoch)
    if (uncovered.length > 0) void this.#fenceAnew(uncovered)
  }

  async #fenceAnew(entries: readonly SlotEntry[]): Promise<void> {
    this.#deps.log.info('fencing slots anew', { slots: entries.length })
    await this.catalog.fenceAnew(entries)
    const ours = entries.filter(({ isOurs }) => isOurs)
    await this.#takeover.announce(ours.map(({ slot, fence }) => ({ slot, fence })))
  }

  /** A handoff that nobody finished. Whoever took the slot after all has it, and it is that one's home. */
  async #takeBack(slots: readonly Slot[]): Promise<void> {
    const entries = slots.map((slot) => this.slots.at(slot))
    await this.#fenceAnew(entries)
  }

  /** From here on it is the asker's home, unless we are told to want it again; kept after all it is what it was. */
  #prepareToLeave(slot: Slot, { incarnation, generation }: Asker): boolean {
    if (this.#deps.hooks.onSlotLeaving?.(slot) === false) return false
    if (this.keeper.wants(slot)) this.#wantedBefore.set(slot, incarnation)
    this.keeper.disown(slot, generation)
    return true
  }

  #onKept(slot: Slot): void {
    if (this.#wantedBefore.delete(slot)) this.keeper.want(slot)
    this.#deps.hooks.onSlotKept?.(slot)
  }

  #noteCursor(slot: Slot): void {
    if (this.slots.at(slot).isOurs) this.catalog.committerOf(slot).noteCursor(slot)
  }

  /** What was not answered goes on under its op id; what came by the inbox still lies there for the next owner. */
  #onSlotLost(slot: Slot, requests: readonly Request[], how: SlotLoss): void {
    const asker = this.#wantedBefore.get(slot)
    if (asker !== undefined && how === 'lost') this.keeper.wantBack(slot, asker)
    this.#wantedBefore.delete(slot)
    this.#reader.remove(slot)
    this.#outbox.dropSlot(slot)
    this.#keys.dropSlot(slot)
    for (const request of requests) {
      if (!request.portable) request.settle({ status: 'refused', reason: 'no-owner' })
      else if (request.origin === 'feed') this.#passOn(request)
      else if (request.origin !== 'local') continue
      else if (this.#isGivingUp) request.settle({ status: 'refused', reason: 'unanswered' })
      else this.#carry(request)
    }
    this.#deps.hooks.onSlotLost(slot, how)
  }

  /** The end of a stop: what could not be answered in time is told so, what only we heard is left in the inboxes. */
  async #giveUpSlots(): Promise<void> {
    this.#isGivingUp = true
    for (const { slot } of this.slots.inState('taking', 'serving', 'doubt', 'handing-over')) this.catalog.loseSlot(slot)
    await Promise.all(this.#forwarding)
  }

  /**
   * Whoever has the slot now hears its states as well, or knows that it hears none; carried along, those of two generations
   * would meet in one slot (I8). All else that only we heard is left in its inbox.
   */
  #passOn(request: Request): void {
    if (this.#isFeedState(request.envelope.command)) request.settle({ status: 'answered', reply: { kind: 'observed' } })
    else this.#track(this.#forward(request))
  }

  #isFeedState({ feature, kind }: Command): boolean {
    return this.#deps.registry.get(feature)?.feedStates?.has(kind) ?? false
  }

  #track(forwarding: Promise<void>): void {
    this.#forwarding.add(forwarding)
    void forwarding.finally(() => this.#forwarding.delete(forwarding))
  }

  #carry(request: Request): void {
    void this.client.carry(request.envelope).then((outcome) => request.settle(outcome))
  }

  /** A gateway event that only we heard: nobody waits for its answer, and a lost one is found by the next reconcile. */
  async #forward({ envelope }: Request): Promise<void> {
    const slot = slotOf(envelope.guildId)
    try {
      const added = await this.#deps.inbox.add(slot, inboxEntry(envelope, null))
      if (added === 'full') this.#deps.log.warn('gateway event not forwarded, inbox full', { slot })
    } catch (thrown) {
      this.#deps.log.warn('gateway event not forwarded', { slot, error: thrown })
    }
  }

  #flushLater(): void {
    this.#flushTimer = this.#deps.clock.after(cursorFlushIntervalMs, () => {
      for (let lane = 0; lane < limits.commitLanes; lane += 1) this.catalog.committerOf(lane as Slot).flushCursors()
      this.#flushLater()
    })
  }
}
