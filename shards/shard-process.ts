/**
 * A shard process, put together: gateway, runtime, front door. main.ts starts and ends it.
 *
 * Order of a start: stores, clock, lease, gateway; then, shard by shard as its guilds have been told, its slots are
 * taken and its guilds told. Only when that is durable for every shard is the manager told `ready`.
 *
 * In a rescale it begins *holding* (README.md of this folder): it hears everything and takes no slot of a living owner
 * until `switchTo`. `handBack` and `retire` are the ways back and out.
 */
import { randomBytes } from 'node:crypto'
import type { Client, REST } from 'discord.js'
import { Events, RESTEvents } from 'discord.js'
import type { GatewayDispatchPayload } from 'discord-api-types/v10'
import { createRegistry, features } from '../actors/behaviours/registry.ts'
import { shardOfSlot, slotsOfShards } from '../actors/ownership/slots.ts'
import type { Watchdog } from '../actors/ownership/watchdog.ts'
import { createSealer } from '../actors/records/sealer.ts'
import { signSnapshot } from '../actors/records/snapshot.ts'
import { openWebhookSecret } from '../actors/records/webhook-secret.ts'
import type { ActorRuntimeHooks } from '../actors/runtime/actor-runtime.ts'
import { ActorRuntime } from '../actors/runtime/actor-runtime.ts'
import { CalibratedTime } from '../actors/runtime/database-time.ts'
import { hasOpenWork } from '../actors/runtime/guild-state.ts'
import { createSnapshotCheck } from '../actors/runtime/snapshot-check.ts'
import { createBulkSnapshotCheck } from '../actors/runtime/snapshot-threads.ts'
import type { Clock, Timer } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Generation, GuildId, Incarnation, Slot } from '../kernel/ids.ts'
import { isSnowflake, snowflakeTimeMs } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { Milestone } from '../kernel/milestone.ts'
import { createAttendanceDesk } from './attendance/attendance-desk.ts'
import { OpenClasses } from './attendance/open-classes.ts'
import { createShardClient } from './client.ts'
import { componentHandlers } from './components/registry.ts'
import { registerCommands } from './commands/register.ts'
import { slashCommands } from './commands/registry.ts'
import type { ShardConfig } from './config.ts'
import { createAdvisoryRunner, createEffectRunner } from './effects/effect-runner.ts'
import type { ShardMetrics } from './metrics/shard-metrics.ts'
import { FeedSwitcher } from './gateway/feed-switcher.ts'
import { GatewayFeed } from './gateway/feed.ts'
import { ShardWatch } from './gateway/shard-watch.ts'
import { StallMeter } from './gateway/stall-meter.ts'
import { VoiceTracker } from './gateway/voice-tracker.ts'
import { slotWatchedUntil } from './gateway/watched-slots.ts'
import { FrontDoor } from './interactions/front-door.ts'
import { InteractionHold } from './interactions/interaction-hold.ts'
import { createInteractionRest, createRestResponder } from './interactions/rest-responder.ts'
import type { PanelParts } from './panels/panel-parts.ts'
import { createPanelParts } from './panels/panel-parts.ts'
import { RoleConfirmer } from './panels/role-confirmer.ts'
import { createProcessFacts } from './process-facts.ts'
import { restShare } from './rest-share.ts'
import { RetentionKeeper } from './retention-keeper.ts'
import { Reconciler } from './reconciler.ts'
import { createRecordsDesk } from './records/records-desk.ts'
import { createPassphraseDeriver } from './signing/derive-passphrase.ts'
import { KeyRewrapper } from './signing/key-rewrapper.ts'
import { createSigningDesk } from './signing/signing-desk.ts'
import type { ShardStores } from './stores.ts'
import { textsFor } from './texts/choose-texts.ts'
import { createPicturePool } from './render/picture-pool.ts'
import { readChainHead } from './voice/chain-head.ts'
import type { Trace } from './trace.ts'
import { createTrace } from './trace.ts'
import { createVoiceDesk } from './voice/voice-desk.ts'

/** How often the offset to the database's clock is estimated anew. */
const calibrateIntervalMs = 10_000

export interface ShardProcessOptions {
  readonly incarnation: Incarnation
  /** The topology this process belongs to; grows by one with each rescale. */
  readonly generation: Generation
  /** True: hears and holds until `switchTo` is called, while the processes of the generation before serve. */
  readonly startsHolding: boolean
  readonly shardIds: readonly number[]
  readonly shardCount: number
  /** Shard processes of this generation, for the share of REST requests. */
  readonly processCount: number
  readonly version: string
}

export interface ShardProcessDeps {
  readonly config: ShardConfig
  readonly stores: ShardStores
  readonly clock: Clock
  readonly log: Log
  readonly watchdog: Watchdog
  readonly metrics: ShardMetrics
}

export class ShardProcess {
  readonly runtime: ActorRuntime
  readonly client: Client
  readonly time: CalibratedTime
  readonly #deps: ShardProcessDeps
  readonly #options: ShardProcessOptions
  readonly #tracker = new VoiceTracker()
  readonly #watch: ShardWatch
  readonly #trace: Trace
  readonly #feed: GatewayFeed
  readonly #reconciler: Reconciler
  readonly #switcher: FeedSwitcher
  readonly #stalls: StallMeter
  readonly #frontDoor: FrontDoor
  readonly #interactions: InteractionHold
  readonly #panels: PanelParts
  readonly #confirmer: RoleConfirmer
  readonly #interactionRest: REST
  readonly #pictures = createPicturePool()
  readonly #classes: OpenClasses
  readonly #retention: RetentionKeeper
  readonly #rewrapper: KeyRewrapper
  /** Shards whose guilds have not all been told. */
  readonly #unheard: Set<number>
  /** Shards whose slots have not all been served here. */
  readonly #incomplete: Set<number>
  readonly #whenHeard = new Milestone()
  readonly #whenReady = new Milestone()
  #isHolding: boolean
  #onRefused: ((error: Error) => void) | null = null
  #calibrateTimer: Timer | null = null
  /** Until the login succeeded a refusal is thrown by it. */
  #isStarted = false

  constructor(deps: ShardProcessDeps, options: ShardProcessOptions) {
    this.#deps = deps
    this.#options = options
    this.#unheard = new Set(options.shardIds)
    this.#incomplete = new Set(options.shardIds)
    this.#isHolding = options.startsHolding
    const { clock, log, stores, config } = deps
    this.time = new CalibratedTime(clock)
    this.client = this.#createClient()
    this.#interactionRest = createInteractionRest(config.discordApi, (status) => deps.metrics.noteRestAnswer(status))
    this.#panels = this.#createPanels()
    this.#confirmer = this.#createConfirmer()
    this.#classes = this.#createClasses()
    this.#trace = createTrace(log, config.logLevel)
    this.runtime = this.#createRuntime()
    const now = (): number => this.time.now()
    this.#watch = new ShardWatch(
      { store: stores.watch, clock, log, now, serves: (shardId) => this.#servesShard(shardId) },
      { shardCount: options.shardCount },
    )
    this.#reconciler = new Reconciler({
      clock,
      runtime: this.runtime,
      tracker: this.#tracker,
      log,
      now,
      random: (length) => randomBytes(length),
      readWatchedUntil: (slot) => this.#readWatchedUntil(slot),
      watchedUntilOf: (slot) => this.#switcher.watchedUntilOf(slot),
      hasOpenWork: (activation) => hasOpenWork(activation.state, registry),
      hears: (slot) => options.shardIds.includes(this.#shardOf(slot)),
    })
    const { runtime } = this
    this.#stalls = new StallMeter({ log, now })
    this.#switcher = new FeedSwitcher({
      clock,
      generation: options.generation,
      runtime,
      tracker: this.#tracker,
      reconciler: this.#reconciler,
      log,
      now,
      readWatched: () => stores.watch.readWatched(),
      gapSince: (slot) => this.#watch.gapSince(this.#shardOf(slot)),
      onSwitched: (slot) => this.#stalls.end(slot),
    })
    this.#feed = this.#createFeed(now)
    this.#frontDoor = this.#createFrontDoor(now)
    this.#interactions = new InteractionHold({
      clock,
      generation: options.generation,
      slots: runtime.slots,
      log,
      now,
      letIn: (interaction) => this.#frontDoor.onInteraction(interaction),
    })
    this.#rewrapper = new KeyRewrapper({ store: stores.keyWraps, keks: config.keks, random: (length) => randomBytes(length), clock, log })
    this.#retention = new RetentionKeeper({ step: () => stores.retention.step(), clock, log })
  }

  /** Resolves when the lease stands; `whenReady` tells when every slot is served. Throws when Discord refuses. */
  async start(): Promise<void> {
    const { stores, config } = this.#deps
    await this.time.calibrate(() => stores.guilds.databaseTime())
    this.#calibrateLater()
    await this.runtime.start()
    await this.#watch.start(this.#options.shardIds)
    this.#listen()
    await this.client.login(config.discordToken)
    this.#isStarted = true
    if (this.#options.shardIds.includes(0)) {
      this.#retention.start()
      this.#rewrapper.start()
      const applicationId = this.client.application?.id ?? this.client.user?.id ?? ''
      await registerCommands({ rest: this.client.rest, lock: stores.lock }, { applicationId, commands: slashCommands })
    }
  }

  /** Shards whose slots or guilds are not complete yet. */
  get incompleteShards(): ReadonlySet<number> {
    return this.#incomplete
  }

  get picturesWaiting(): number {
    return this.#pictures.waiting
  }

  /** Resolves when all guilds of all shards have been told, a moment ago at least: for this process a rescale is prepared. */
  async whenHeard(): Promise<{ readonly guilds: number }> {
    await this.#whenHeard.reached
    return { guilds: this.#tracker.guildCount }
  }

  /** Resolves when every shard's slots are taken and its guilds told. */
  async whenReady(): Promise<{ readonly guilds: number }> {
    await this.#whenReady.reached
    return { guilds: this.#tracker.guildCount }
  }

  /**
   * Wants these slots of its shards from now on and ends holding; resolves when all of them serve here and what was held
   * for them is durable, or when they are no longer wanted (`handBack`, `retire`, another owner asked for them). Slots of
   * shards that others hear are passed over. Also the way back after an abort, on the processes that go on.
   */
  async switchTo(slots: readonly Slot[] | 'all'): Promise<void> {
    this.#isHolding = false
    await this.whenHeard()
    const ours = slotsOfShards(this.#options.shardIds, this.#options.shardCount)
    const wanted = slots === 'all' ? ours : ours.filter((slot) => slots.includes(slot))
    await this.#takeSlots(wanted, { evenFromNewer: true })
  }

  /** Wants no slot any more; serves what it has until others ask for it, and holds what it hears. */
  handBack(): void {
    this.#isHolding = true
    this.runtime.keeper.disownAll()
  }

  /** The same for good, on the processes of the generation that ends: `runtime.ownedCount()` tells when none is left. */
  retire(): void {
    this.handBack()
  }

  /**
   * Told when Discord ends a shard for good after the start (the token was reset, an intent was switched off): discord.js
   * does not connect again then, and a process that hears nothing must not look alive.
   */
  onRefused(listener: (error: Error) => void): void {
    this.#onRefused = listener
  }

  /** Answers what came in, makes everything durable, lets go of slots and lease. Idempotent through main.ts. */
  async stop(): Promise<void> {
    this.#calibrateTimer?.cancel()
    this.#feed.stop()
    this.#interactions.stop()
    await this.#retention.stop()
    await this.#rewrapper.stop()
    // Who waits for Discord's word on a role is told by the next owner: that may take minutes.
    this.#panels.waiters.leaveAll()
    await this.#confirmer.stop()
    this.#classes.stop()
    await this.#frontDoor.whenIdle()
    await this.#pictures.stop()
    await this.#watch.stop()
    await this.runtime.stop()
    this.#panels.pace.stop()
    await this.client.destroy()
  }

  #listen(): void {
    const { client } = this
    const { log } = this.#deps
    client.on(Events.Raw, (packet: GatewayDispatchPayload, shardId: number) => this.#feed.onDispatch(packet, shardId))
    client.on(Events.ShardReconnecting, (shardId) => this.#watch.lose(shardId))
    client.on(Events.ShardDisconnect, (event, shardId) => {
      this.#watch.lose(shardId)
      log.warn('shard disconnected', { shardId, code: event.code })
      if (this.#isStarted) this.#onRefused?.(new Error(`the gateway closed shard ${shardId} with ${event.code}`))
    })
    client.on(Events.ShardError, (error, shardId) => log.warn('shard error', { shardId, error }))
    client.on(Events.Error, (error) => log.error('discord client error', { error }))
    client.on(Events.Warn, (sentence) => log.warn('discord client warning', { sentence }))
  }

  #createClient(): Client {
    const { config, metrics, stores } = this.#deps
    const { shardIds, shardCount, processCount } = this.#options
    const client = createShardClient({
      discordApi: config.discordApi,
      shards: { SHARD_LIST: [...shardIds], TOTAL_SHARDS: shardCount },
      hasMembersIntent: config.hasMembersIntent,
      restRequestsPerSecond: restShare(processCount),
      createIdentifyThrottle: (limits) => stores.createIdentifyThrottle(limits),
      leaseCovers: () => this.runtime.lease.covers(),
    })
    client.rest.on(RESTEvents.Response, (_request, { status }) => metrics.noteRestAnswer(status))
    return client
  }

  #createRuntime(): ActorRuntime {
    const { config, stores, clock, log, metrics } = this.#deps
    const observed = this.#trace.turns(metrics.hooks)
    return new ActorRuntime({
      ...stores,
      ownership: metrics.countOwnership(stores.ownership),
      me: this.#options.incarnation,
      generation: this.#options.generation,
      clock,
      time: this.time,
      log,
      registry,
      sealer: createSealer({ cluster: config.clusterSigner, trusted: config.trustedClusterKeys, keks: config.keks }),
      defaultTier: config.defaultTier,
      checkSnapshot: createSnapshotCheck(config.trustedClusterKeys),
      checkSnapshots: createBulkSnapshotCheck({ log }, config.trustedClusterKeys),
      random: (length) => randomBytes(length),
      signSnapshot: (facts) => {
        metrics.noteSnapshotSigned()
        return signSnapshot(config.clusterSigner, facts)
      },
      watchdog: this.#deps.watchdog,
      effects: this.#trace.effects(createEffectRunner({
        rest: this.client.rest,
        now: () => this.time.now(),
        applicationId: () => this.client.user?.id ?? '',
        publicUrl: config.publicUrl,
        textsOf: (guild) => textsFor(this.client.guilds.cache.get(guild)?.preferredLocale),
        readChainHead: (guild) => readChainHead(stores.records, guild),
        ...this.#panels.effects,
        codeBoard: this.#classes.board,
        readAttendance: (guild) => this.#classes.read(guild),
        webhooks: {
          allowed: config.webhookAllowList,
          now: () => this.time.now(),
          openSecret: (guild, sealed) => openWebhookSecret(guild, sealed, config.keks),
        },
      })),
      advisory: createAdvisoryRunner({ rest: this.client.rest }),
      hooks: this.#createHooks(observed),
    })
  }

  #createHooks(observed: Partial<ActorRuntimeHooks>): ActorRuntimeHooks {
    const { metrics } = this.#deps
    return {
      ...observed,
      onSlotsTaken: (slots) => this.#switcher.onSlotsTaken(slots),
      onSlotServed: (slot, taken) => {
        if (taken.silentSince !== null) this.#stalls.begin(slot, taken.silentSince)
        // First what was heard, then what is asked.
        this.#switcher.onSlotServed(slot, taken)
        this.#interactions.onSlotServed(slot, { wasHandedOver: taken.silentSince !== null })
        this.#confirmer.onSlotServed(slot)
        this.#classes.onSlotServed(slot)
      },
      onSlotLeaving: (slot) => this.#switcher.onSlotLeaving(slot),
      onSlotKept: (slot) => this.#switcher.onSlotKept(slot),
      onSlotLost: (slot, how) => {
        this.#classes.board.dropSlot(slot)
        this.#stalls.forget(slot)
        this.#switcher.onSlotLost(slot, how)
      },
      onFeedRefused: (guild, receivedAt) => this.#reconciler.reconcileSoon(guild, receivedAt),
      hearsSlot: (slot) => this.#watch.gapSince(this.#shardOf(slot)) === null,
      hears: (guild) => this.#tracker.knows(guild),
      onLoaded: (activation) => {
        metrics.noteLoad()
        this.#classes.board.follow(activation)
        this.#stalls.noteLoaded(activation.slot)
        this.#reconciler.onLoaded(activation)
      },
      onDurable: (turns) => {
        observed.onDurable?.(turns)
        this.#classes.onDurable(turns)
      },
    }
  }

  #createPanels(): PanelParts {
    return createPanelParts(
      {
        clock: this.#deps.clock,
        client: this.client,
        interactionRest: this.#interactionRest,
        runtime: () => this.runtime,
        now: () => this.time.now(),
        random: (length) => randomBytes(length),
      },
      { requestsPerSecond: restShare(this.#options.processCount) },
    )
  }

  #createConfirmer(): RoleConfirmer {
    const { clock, log, stores } = this.#deps
    return new RoleConfirmer({
      clock,
      log,
      findRecent: stores.findRecentRoleChanges,
      askHere: (envelope) => this.runtime.askHere(envelope),
      now: () => this.time.now(),
      random: (length) => randomBytes(length),
    })
  }

  #createClasses(): OpenClasses {
    const { clock, log, stores } = this.#deps
    return new OpenClasses(
      {
        clock,
        log,
        now: () => this.time.now(),
        rest: this.client.rest,
        random: (length) => randomBytes(length),
        textsOf: (guild) => textsFor(this.client.guilds.cache.get(guild)?.preferredLocale),
        openSessions: stores.attendance.openSessions,
        leaseCovers: (slot) => this.runtime.catalog.covers(this.runtime.slots.at(slot)),
        askHere: (envelope) => this.runtime.askHere(envelope),
        pace: this.#panels.pace,
      },
      { processCount: this.#options.processCount },
    )
  }

  #createFeed(now: () => number): GatewayFeed {
    const { clock, log } = this.#deps
    return new GatewayFeed({
      clock,
      log,
      tracker: this.#tracker,
      watch: this.#watch,
      now,
      feed: (event) => this.#switcher.hear(event),
      onShardComplete: (shardId) => this.#onShardComplete(shardId),
      onGuildKnown: (guild, watchedUntil) => this.#switcher.knowGuild(guild, watchedUntil),
      gapOf: (guild) => this.#reconciler.gapOf(guild),
      onGuildLost: (guild, since) => this.#switcher.loseGuild(guild, since),
      onAfkChannel: (guild, channel) => this.#reconciler.noteAfkChannel(guild, channel),
      onInteraction: (data) => {
        const { id } = data as { readonly id: string }
        if (isSnowflake(id)) this.#deps.metrics.noteInteraction(Math.max(0, now() - snowflakeTimeMs(id)) / 1000)
        this.#interactions.onInteraction(data)
      },
    })
  }

  #createFrontDoor(now: () => number): FrontDoor {
    const { clock, config, log, stores } = this.#deps
    const { version, incarnation, shardCount } = this.#options
    const reconcile = (guild: GuildId): void => this.#reconciler.reconcileGuild(guild, now())
    return new FrontDoor({
      clock,
      log,
      commands: slashCommands,
      components: componentHandlers,
      responder: createRestResponder(this.#interactionRest),
      process: createProcessFacts(
        { client: this.client, runtime: this.runtime, guilds: stores.guilds, clock, reconcile },
        { version, incarnation, shardCount },
      ),
      signing: createSigningDesk({
        attempts: stores.passphraseAttempts,
        keks: config.keks,
        trusted: config.trustedClusterKeys,
        derive: createPassphraseDeriver(),
        listKeyRows: (guild) => stores.listKeyRows(guild),
        random: (length) => randomBytes(length),
      }),
      attendance: createAttendanceDesk(
        {
          stores: stores.attendance,
          lock: stores.lock,
          discordTime: this.#classes.discordTime,
          chainHead: (guild) => readChainHead(stores.records, guild),
          voiceChannelOf: (guild, user) => this.#tracker.voiceOf(guild, user)?.channelId ?? null,
        },
        { defaults: config.attendanceDefaults, publicUrl: config.publicUrl },
      ),
      records: createRecordsDesk({ records: stores.records, trusted: config.trustedClusterKeys, listErasable: stores.listErasable }, { publicUrl: config.publicUrl }),
      voice: createVoiceDesk(
        {
          records: stores.records,
          keks: config.keks,
          readNewestRecords: stores.readNewestRecords,
          draw: (picture) => this.#pictures.draw(picture),
          channelName: (guild, channel) => this.client.guilds.cache.get(guild)?.channels.cache.get(channel)?.name ?? null,
          random: (length) => randomBytes(length),
        },
        config,
      ),
      panels: this.#panels.desk,
      onDone: (interactionId) => this.#panels.waiters.done(interactionId),
      now,
      ask: (question) => this.runtime.ask(question),
    })
  }

  #shardOf(slot: Slot): number {
    return shardOfSlot(slot, this.#options.shardCount)
  }

  #onShardComplete(shardId: number): void {
    this.#unheard.delete(shardId)
    if (this.#unheard.size === 0) {
      // By then whoever serves these guilds has heard what we were told first, and we what it heard then: the feeds overlap.
      this.#deps.clock.after(this.#isHolding ? 2 * limits.feedLagMs : 0, () => this.#whenHeard.reach())
    }
    if (!this.#isHolding) void this.#takeSlots(slotsOfShards([shardId], this.#options.shardCount))
  }

  /** From the last guild told to the watch confirmed: the slots are ours and their guilds told. */
  async #takeSlots(slots: readonly Slot[], how: { readonly evenFromNewer?: boolean } = {}): Promise<void> {
    const shardIds = [...new Set(slots.map((slot) => this.#shardOf(slot)))]
    const readies = shardIds.map((shardId) => [shardId, this.#watch.lastReady(shardId)] as const)
    do {
      await this.runtime.keeper.own(slots, how)
      await this.#switcher.settled()
      // One that was lost meanwhile and is still wanted is waited for again.
    } while (slots.some((slot) => this.runtime.keeper.wants(slot) && !this.runtime.slots.at(slot).stays))
    for (const [shardId, ready] of readies) {
      if (!this.#servesShard(shardId)) continue
      await this.#watch.confirm(shardId, ready)
      this.#incomplete.delete(shardId)
    }
    if (this.#incomplete.size === 0) this.#whenReady.reach()
  }

  #servesShard(shardId: number): boolean {
    return slotsOfShards([shardId], this.#options.shardCount).every((slot) => this.runtime.slots.at(slot).stays)
  }

  async #readWatchedUntil(slot: Slot): Promise<number> {
    try {
      return slotWatchedUntil(await this.#deps.stores.watch.readWatched(), slot)
    } catch (thrown) {
      this.#deps.log.warn('watched_until could not be read', { error: coerceError(thrown) })
      return this.time.now()
    }
  }

  #calibrateLater(): void {
    this.#calibrateTimer = this.#deps.clock.after(calibrateIntervalMs, () => {
      this.time
        .calibrate(() => this.#deps.stores.guilds.databaseTime())
        .catch((thrown: unknown) => {
          this.#deps.log.debug('clock offset not estimated', { error: coerceError(thrown) })
        })
        .finally(() => this.#calibrateLater())
    })
  }
}

const registry = createRegistry(features)
