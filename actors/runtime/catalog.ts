/**
 * The catalog: which guilds are in memory, and what becomes of them when their slot is won, doubted or lost.
 *
 * Commands come in at `submit` and find their activation, or wait while their slot changes hands, or are told that the
 * slot is somebody else's. What the lanes report comes in at the handler: durable, fenced, missing, poisoned, unknown.
 * Nothing undurable is ever dropped: what a lost slot leaves unanswered is handed to `forward`, in order.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, Incarnation, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import { fenceSelfSurely } from '../ownership/self-fence.ts'
import { slotOf } from '../ownership/slots.ts'
import type { AdvisoryEffect } from '../protocol/effect.ts'
import type { ActivationDeps } from './activation.ts'
import { Activation } from './activation.ts'
import type { PendingTurn } from './batch.ts'
import type { CommitHandler, ObservedStatement } from './committer.ts'
import { Committer } from './committer.ts'
import type { DatabaseTime } from './database-time.ts'
import { FenceCheck } from './fence-check.ts'
import { entryCount, hasOpenWork } from './guild-state.ts'
import type { BulkSnapshotCheck } from './loader.ts'
import { Loader } from './loader.ts'
import { NewOps } from './new-ops.ts'
import { OpLookUp } from './op-lookup.ts'
import type { CommitLane, GuildStore, OwnershipStore, SlotFence } from './ports.ts'
import type { Request } from './request.ts'
import type { GuildPacker, RestingGuild } from './resting-guild.ts'
import { createGuildPacker } from './resting-guild.ts'
import type { SlotEntry, SlotTable } from './slot-table.ts'
import type { TurnDeps } from './turn.ts'

/** Pause before doubt is settled by another try while Postgres does not answer. */
const postgresRetryDelayMs = 100

/** How often a drain looks whether all guilds are quiet. */
const drainLookMs = 10

export interface CatalogDeps {
  readonly me: Incarnation
  readonly clock: Clock
  readonly time: DatabaseTime
  readonly log: Log
  readonly slots: SlotTable
  readonly turn: TurnDeps
  readonly lanes: readonly CommitLane[]
  readonly ownership: Pick<OwnershipStore, 'readSlots' | 'fenceSelf'>
  readonly guilds: Pick<GuildStore, 'findOpResults' | 'loadGuilds'>
  readonly checkSnapshots: BulkSnapshotCheck
  /** True while this process' lease covers answers from memory of slots fenced under `leaseEpoch`. */
  leaseCovers(leaseEpoch: number | null): boolean
  /** Names the lease as it stands. */
  leaseEpoch(): number | null
  /** The slot is no longer ours; `requests` were not answered, in order. `how`: as in `loseSlot`. */
  onSlotLost(slot: Slot, requests: readonly Request[], how: SlotLoss): void
  /** In memory again, before its first turn. */
  onLoaded(activation: Activation): void
  /** A turn wrote. */
  onChange(activation: Activation, advisory: readonly AdvisoryEffect[]): void
  /** The guild left memory. */
  onDropped(activation: Activation): void
  /** A commit of unknown outcome was settled: rows may be in Postgres of which nobody here was told. */
  onDoubtSettled(slot: Slot): void
  /** The slot serves again without having been lost: after doubt, or a handoff that nobody finished. */
  onKept(slot: Slot): void
  /** These turns are in Postgres: their outbox rows may run. */
  onDurable(turns: readonly PendingTurn[]): void
  observeCommit?(statement: ObservedStatement): void
  observeTurn?(durationMs: number): void
}

/** handed-over: to a process that asked for it. lost: found out. */
export type SlotLoss = 'handed-over' | 'lost'

export class Catalog {
  readonly #deps: CatalogDeps
  readonly #activations = new Map<GuildId, Activation>()
  /** In memory too, and owned like the others; none of these is in #activations. */
  readonly #resting = new Map<GuildId, RestingGuild>()
  readonly #packer: GuildPacker
  readonly #depsOfSlots = new Map<Slot, ActivationDeps>()
  readonly #committers: readonly Committer[]
  readonly #loader: Loader
  readonly #lookUp: OpLookUp
  readonly #newOps: NewOps
  readonly #fenceCheck: FenceCheck
  #stopping = false

  constructor(deps: CatalogDeps) {
    this.#deps = deps
    const { clock, log } = deps
    this.#loader = new Loader({
      store: deps.guilds,
      registry: deps.turn.registry,
      sealer: deps.turn.sealer,
      checkSnapshots: deps.checkSnapshots,
      clock,
      log,
      onUnloadable: (activation) => this.#refuseAll(activation),
    })
    this.#lookUp = new OpLookUp({ store: deps.guilds, clock, log })
    this.#newOps = new NewOps(deps.time)
    this.#packer = createGuildPacker(deps.turn.registry)
    this.#fenceCheck = new FenceCheck({
      store: deps.ownership,
      slots: deps.slots,
      me: deps.me,
      clock,
      log,
      onLost: (slot) => this.loseSlot(slot),
    })
    this.#committers = deps.lanes.map((lane) => this.#createCommitter(lane))
  }

  get activationCount(): number {
    return this.#activations.size + this.#resting.size
  }

  /** Events decided and not yet durable, over all lanes. */
  get undurableEvents(): number {
    return this.#committers.reduce((sum, committer) => sum + committer.undurableEvents, 0)
  }

  /** Those that are not at rest. */
  activations(): IterableIterator<Activation> {
    return this.#activations.values()
  }

  /** A guild in memory; one at rest wakes. */
  find(guild: GuildId): Activation | undefined {
    return this.#activations.get(guild) ?? this.#wake(guild)
  }

  /** Guilds in memory with events since their newest snapshot; those at rest among them wake. */
  unsnapshotted(): Activation[] {
    for (const [guild, { isSnapshotted }] of this.#resting) if (!isSnapshotted) this.#wake(guild)
    return [...this.#activations.values()].filter(({ seq, snapshot }) => seq !== snapshot.seq)
  }

  /** Takes a command. `elsewhere`: the slot is not ours and the caller must carry it to the owner; it was not touched. */
  submit(request: Request): 'taken' | 'elsewhere' {
    const { guildId } = request.envelope
    const entry = this.#deps.slots.at(slotOf(guildId))
    if (entry.state === 'foreign') return 'elsewhere'
    request.takenAt ??= this.#deps.time.now()
    if (this.#stopping && request.origin === 'local') {
      request.settle({ status: 'refused', reason: 'stopping' })
    } else if (entry.state === 'serving') {
      this.#activate(entry, guildId).accept(request)
    } else if (!entry.hold(request)) {
      request.settle({ status: 'refused', reason: 'no-owner' })
    }
    return 'taken'
  }

  /** Brings a guild into memory without a command. */
  activate(guildId: GuildId): void {
    const entry = this.#deps.slots.at(slotOf(guildId))
    if (entry.state === 'serving') this.#activate(entry, guildId)
  }

  committerOf(slot: Slot): Committer {
    const committer = this.#committers[slot % this.#committers.length]
    assert(committer !== undefined, 'every slot has a lane')
    return committer
  }

  /** True while this process may act for the slot by its memory alone (I6). */
  covers(entry: SlotEntry): boolean {
    return entry.state === 'serving' && this.#deps.leaseCovers(entry.leaseEpoch)
  }

  /** The slot serves: what was held for it runs, and mailboxes that paused go on. `first` comes before all of it. */
  serve(entry: SlotEntry, first: () => void = () => undefined): void {
    entry.setState('serving')
    entry.servedSince = this.#deps.time.now()
    first()
    for (const guild of entry.guilds) this.#activations.get(guild)?.drain()
    for (const request of entry.takeHeld()) {
      const taken = this.submit(request)
      assert(taken === 'taken', 'a serving slot takes commands')
    }
  }

  /** Gives a slot up: its guilds leave memory and what was not answered is handed on, in order. */
  loseSlot(slot: Slot, how: SlotLoss = 'lost'): void {
    const entry = this.#deps.slots.at(slot)
    if (!entry.isOurs && entry.state !== 'taking') return
    const requests: Request[] = []
    for (const guild of entry.guilds) requests.push(...this.#drop(guild))
    requests.push(...entry.takeHeld())
    entry.setState('foreign')
    // A planned handoff leaves nothing behind; what was cut off is worth a look.
    this.#deps.log[requests.length > 0 ? 'warn' : 'debug']('slot lost', { slot, unanswered: requests.length })
    this.#deps.onSlotLost(slot, requests, how)
  }

  /** Releases one quiet guild from memory; what is durable brings it back. */
  release(activation: Activation): void {
    assert(activation.isQuiet, 'only a quiet activation is released')
    const left = this.#drop(activation.guildId)
    assert(left.length === 0, 'a quiet activation had nothing waiting')
  }

  /** Quiet, without open work, and unused since `before` (monotonic ms), least recently used first. */
  releasable(before: number): { readonly guildId: GuildId; readonly usedAt: number }[] {
    const awake = [...this.#activations.values()]
      .filter((activation) => activation.usedAt <= before && activation.isQuiet)
      .filter((activation) => !hasOpenWork(activation.state, this.#deps.turn.registry))
    const resting = [...this.#resting]
      .filter(([, guild]) => guild.usedAt <= before && !guild.hasOpenWork)
      .map(([guildId, { usedAt }]) => ({ guildId, usedAt }))
    return [...awake, ...resting].sort((a, b) => a.usedAt - b.usedAt)
  }

  /** Unused since `before` and small enough to be packed. */
  restable(before: number): Activation[] {
    const { registry } = this.#deps.turn
    return [...this.#activations.values()].filter(
      (activation) =>
        activation.usedAt <= before && activation.canRest && entryCount(activation.state, registry) <= limits.restEntriesMax,
    )
  }

  /** Packs a quiet guild: it stays ours and in memory, at a fraction of its size. */
  rest(activation: Activation): void {
    assert(activation.canRest, 'only a quiet activation is put to rest')
    const { guildId } = activation
    const isOpen = hasOpenWork(activation.state, this.#deps.turn.registry)
    this.#resting.set(guildId, this.#packer.pack(activation, { hasOpenWork: isOpen }))
    this.#activations.delete(guildId)
    this.#deps.onDropped(activation)
    const left = activation.drop()
    assert(left.length === 0, 'a quiet activation had nothing waiting')
  }

  /** Releases a guild at rest whose snapshot says it all; false: it is awake, or has events since. */
  releaseResting(guild: GuildId): boolean {
    if (this.#resting.get(guild)?.isSnapshotted !== true) return false
    this.#drop(guild)
    return true
  }

  /** Refuses new commands of this process, and resolves when everything taken in has landed, or its time is up. */
  async drain(): Promise<void> {
    this.#stopping = true
    const { clock } = this.#deps
    const giveUpAt = clock.monotonicMs() + limits.drainMsMax
    const isBusy = (): boolean => [...this.#activations.values()].some((activation) => !activation.isQuiet)
    while (isBusy() && clock.monotonicMs() < giveUpAt) await waitFor(clock, drainLookMs)
    await Promise.all(this.#committers.map((committer) => committer.whenIdle()))
  }

  /** Stops look-ups and loads; after it nothing of this catalog runs. */
  stop(): void {
    this.#stopping = true
    this.#loader.stop()
    this.#lookUp.stop()
  }

  #activate(entry: SlotEntry, guildId: GuildId): Activation {
    const known = this.find(guildId)
    if (known !== undefined) return known
    const activation = new Activation(this.#activationDeps(entry), guildId)
    this.#activations.set(guildId, activation)
    entry.guilds.add(guildId)
    return activation
  }

  #wake(guildId: GuildId): Activation | undefined {
    const resting = this.#resting.get(guildId)
    if (resting === undefined) return undefined
    this.#resting.delete(guildId)
    const entry = this.#deps.slots.at(slotOf(guildId))
    const activation = new Activation(this.#activationDeps(entry), guildId, { ...this.#packer.unpack(resting), usedAt: resting.usedAt })
    this.#activations.set(guildId, activation)
    return activation
  }

  /** The same for all guilds of a slot: a set of its own for each would weigh as much as its state. */
  #activationDeps(entry: SlotEntry): ActivationDeps {
    const { slot } = entry
    const known = this.#depsOfSlots.get(slot)
    if (known !== undefined) return known
    const deps: ActivationDeps = {
      clock: this.#deps.clock,
      time: this.#deps.time,
      turn: this.#deps.turn,
      committer: this.committerOf(slot),
      entry,
      log: this.#deps.log,
      gate: {
        leaseCovers: () => this.covers(entry),
        proveOwnership: () => this.#fenceCheck.prove(slot),
      },
      isNewOp: (op, servedSince) => this.#newOps.takeIn(op, servedSince),
      lookUp: (asking, requests) => this.#lookUp.ask(asking, requests),
      load: (asking) => this.#loader.load(asking),
      onLoaded: (loaded) => this.#deps.onLoaded(loaded),
      onChange: (changed, advisory) => this.#deps.onChange(changed, advisory),
      ...(this.#deps.observeTurn === undefined ? {} : { observeTurn: this.#deps.observeTurn }),
    }
    this.#depsOfSlots.set(slot, deps)
    return deps
  }

  #drop(guild: GuildId): Request[] {
    if (this.#resting.delete(guild)) {
      this.#deps.slots.at(slotOf(guild)).guilds.delete(guild)
      return []
    }
    const activation = this.#activations.get(guild)
    assert(activation !== undefined, 'a guild that is dropped was in memory')
    this.#activations.delete(guild)
    this.#deps.slots.at(activation.slot).guilds.delete(guild)
    this.#deps.onDropped(activation)
    return activation.drop()
  }

  /** What cannot be loaded answers `busy` and leaves memory: the next command tries again. */
  #refuseAll(activation: Activation): void {
    for (const request of this.#drop(activation.guildId)) request.settle({ status: 'refused', reason: 'busy' })
  }

  #createCommitter(lane: CommitLane): Committer {
    const handler: CommitHandler = {
      onDurable: (turns) => this.#onDurable(turns),
      onFenced: (slots) => {
        for (const slot of slots) this.loseSlot(slot)
      },
      onHeadMissing: (guild) => {
        this.#deps.log.error('I2: the head of a guild did not move under our own fence', { guildId: guild })
        this.#reload(guild)
      },
      onPoison: (guild, turns, reason) => this.#onPoison(guild, turns, reason),
      onUnknown: (held, cause) => this.#onUnknown(held, cause),
    }
    return new Committer({
      lane,
      clock: this.#deps.clock,
      handler,
      entryOf: (slot) => this.#deps.slots.at(slot),
      mustGoAlone: (guild) => this.#activations.get(guild)?.goesAlone ?? false,
      observe: (statement) => this.#deps.observeCommit?.(statement),
    })
  }

  #onDurable(turns: readonly PendingTurn[]): void {
    for (const turn of turns) {
      if (turn.epoch === turn.activation.epoch) turn.activation.markDurable(turn.to)
    }
    this.#deps.onDurable(turns)
  }

  #reload(guild: GuildId): void {
    const activation = this.#activations.get(guild)
    if (activation !== undefined) void activation.reload()
  }

  /** One turn alone is at fault and is tried up to its bound; of several, each must be tried alone first. */
  #onPoison(guild: GuildId, turns: readonly PendingTurn[], reason: string): void {
    const [only, ...others] = turns
    if (only !== undefined && others.length === 0) {
      only.request.attempts += 1
      only.request.lastFailure = reason
    }
    this.#deps.log.error('rows of a guild were refused', { guildId: guild, turns: turns.length, reason })
    const activation = this.#activations.get(guild)
    if (activation === undefined) return
    activation.goesAlone = true
    void activation.reload()
  }

  /**
   * Fences these slots over our own rows. That statement waits for whatever of the lost one still runs in Postgres, so
   * after it the outcome is settled, and what is loaded then is the truth. A slot that does not come back is lost.
   */
  async #onUnknown(sent: readonly SlotFence[], cause: Error): Promise<void> {
    const held = sent.filter(({ slot }) => this.#deps.slots.at(slot).isOurs)
    for (const { slot } of held) this.#doubt(this.#deps.slots.at(slot))
    this.#deps.log.warn('outcome of a commit is unknown', { slots: held.length, error: cause })
    await this.#settleDoubt(held, { mayHaveWritten: true })
  }

  /**
   * Raises the fences of slots of ours of which nothing is unknown: nobody took them, but somebody may be about to, who
   * believes what was true under the fence before (a lease that had ended, a handoff).
   */
  async fenceAnew(entries: readonly SlotEntry[]): Promise<void> {
    for (const entry of entries) this.#doubt(entry)
    await Promise.all(entries.map(({ slot }) => this.committerOf(slot).whenSlotIdle(slot)))
    // What was in flight may have been unknown: then that was settled, and the slot has its new fence.
    const held = entries.filter(({ state }) => state === 'doubt').map(({ slot, fence }) => ({ slot, fence }))
    await this.#settleDoubt(held, { mayHaveWritten: false })
  }

  #doubt(entry: SlotEntry): void {
    if (entry.state !== 'doubt') entry.setState('doubt')
  }

  async #settleDoubt(held: readonly SlotFence[], { mayHaveWritten }: { readonly mayHaveWritten: boolean }): Promise<void> {
    const leaseEpoch = this.#deps.leaseEpoch()
    const { me, ownership } = this.#deps
    const untilAnswered = <Answer>(ask: () => Promise<Answer>): Promise<Answer | null> =>
      this.#untilAnswered('slots could not be fenced anew', ask)
    const fenced = await fenceSelfSurely({ me, store: ownership, untilAnswered }, held)
    for (const { slot, fence: before } of held) {
      const entry = this.#deps.slots.at(slot)
      if (entry.state !== 'doubt' || entry.fence !== before) continue
      const fence = fenced.get(slot)
      if (fence === undefined) {
        this.loseSlot(slot)
        continue
      }
      entry.setFence(fence, leaseEpoch)
      // A quiet guild had nothing in the statement: its memory is what Postgres holds.
      const doubted = mayHaveWritten ? [...entry.guilds].filter((guild) => this.#activations.get(guild)?.isQuiet !== true) : []
      for (const guild of doubted) this.#reload(guild)
      this.serve(entry)
      if (mayHaveWritten) this.#deps.onDoubtSettled(slot)
      this.#deps.onKept(slot)
    }
  }

  /** Asks Postgres until it answers; null when this process stops first. */
  async #untilAnswered<Answer>(phrase: string, ask: () => Promise<Answer>): Promise<Answer | null> {
    for (;;) {
      try {
        return await ask()
      } catch (thrown) {
        if (this.#stopping) return null
        this.#deps.log.warn(phrase, { error: coerceError(thrown) })
        await new Promise<void>((resolve) => this.#deps.clock.after(postgresRetryDelayMs, resolve))
      }
    }
  }
}

assert(limits.commitLanes >= 1, 'a process commits through at least one lane')
