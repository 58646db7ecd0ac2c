/**
 * What Prometheus is told of a shard process. Labels are bounded: features, kinds, outcomes, states, shards; never a guild.
 *
 * Gauges are looked up when somebody scrapes; what happens often is counted in plain numbers (command-tally.ts) or in a
 * histogram a statement, not a command.
 */
import type { Counter } from 'prom-client'
import { Registry, collectDefaultMetrics } from 'prom-client'
import type { ActorRuntimeHooks } from '../../actors/runtime/actor-runtime.ts'
import type { OwnershipStore } from '../../actors/runtime/ports.ts'
import type { ShardFacts } from '../../cluster/process-status.ts'
import type { Workload } from '../../actors/runtime/workload.ts'
import { CommandTally } from './command-tally.ts'
import { addCounter, addGauge, addHistogram } from '../../kernel/metric-families.ts'

/** From a turn in memory to a person who waits. */
const decideBuckets = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05]
const commitBuckets = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const batchBuckets = [1, 2, 5, 10, 25, 50, 100, 200, 300, 400, 500]
const lateBuckets = [0.01, 0.1, 1, 5, 15, 30, 60, 300, 3_600]
const lagBuckets = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5]

/** What is looked up at a scrape. */
export interface MeasuredShard {
  workload(): Workload
  shards(): readonly ShardFacts[]
  picturesWaiting(): number
  /** Unix ms by the database's clock. */
  now(): number
}

export interface ShardMetrics {
  /** Of the actor runtime; each is called often and does little. */
  readonly hooks: Pick<ActorRuntimeHooks, 'observeCommand' | 'observeCommit' | 'observeTurn' | 'observeAlarm' | 'onDurable'>
  /** The same store, its takeovers counted. */
  countOwnership(store: OwnershipStore): OwnershipStore
  noteLoad(): void
  noteSnapshotSigned(): void
  /** An interaction as it came: how long it took to reach us, seconds. */
  noteInteraction(ageSeconds: number): void
  noteRestAnswer(status: number): void
  /** Events that became durable since the start. */
  readonly durableEvents: number
  measure(shard: MeasuredShard): void
  /** The text format of Prometheus. */
  text(): Promise<string>
  readonly contentType: string
}

export function createShardMetrics(labels: { readonly process: string; readonly version: string; readonly generation: number }): ShardMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ process: labels.process, generation: String(labels.generation) })
  collectDefaultMetrics({ register: registry })
  const { version } = labels
  addGauge(registry, 'muster_process_info', 'Version of this process; always 1.', ['version'], (gauge) => gauge.set({ version }, 1))
  const work = countWork(registry)
  const rest = addCounter(registry, 'muster_rest_responses_total', 'Answers of Discord’s REST interface by class of status.', ['status'])
  const limited = addCounter(registry, 'muster_rest_rate_limited_total', 'Answers 429 of Discord.')
  const lag = addHistogram(registry, 'muster_gateway_lag_seconds', 'From the making of an interaction to its arrival here.', lagBuckets)
  return {
    ...work,
    noteInteraction: (ageSeconds) => lag.observe(ageSeconds),
    noteRestAnswer(status) {
      rest.inc({ status: `${Math.floor(status / 100)}xx` })
      if (status === 429) limited.inc()
    },
    get durableEvents() {
      return work.durableEvents()
    },
    measure: (shard) => measureShard(registry, shard),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

/** What the runtime counts as it goes. */
function countWork(registry: Registry) {
  const tally = new CommandTally()
  addCounter(registry, 'muster_commands_total', 'Commands by feature, kind and what became of them.', ['feature', 'kind', 'outcome'], (counter) => {
    counter.reset()
    for (const { count, ...labels } of tally.counts()) counter.inc(labels, count)
  })
  const decide = addHistogram(registry, 'muster_decide_seconds', 'Deciding and sealing of turns that wrote.', decideBuckets)
  const commit = addHistogram(registry, 'muster_commit_seconds', 'Statements of the commit lanes.', commitBuckets)
  const events = addHistogram(registry, 'muster_commit_events', 'Journal rows of one statement.', batchBuckets)
  const commits = addCounter(registry, 'muster_commits_total', 'Statements of the commit lanes by outcome.', ['outcome'])
  for (const outcome of ['committed', 'poison', 'unknown']) commits.inc({ outcome }, 0)
  const fenced = addCounter(registry, 'muster_fenced_writes_total', 'Slots of a statement that a newer fence kept from being written.')
  const taken = addCounter(registry, 'muster_fences_taken_total', 'Fences raised by this process: takeovers, and over its own slots after doubt.', ['why'])
  for (const why of ['takeover', 'doubt']) taken.inc({ why }, 0)
  const loads = addCounter(registry, 'muster_loads_total', 'Guilds brought into memory from Postgres.')
  const signatures = addCounter(registry, 'muster_signatures_total', 'Signatures made, by what was signed.', ['of'])
  for (const of of ['receipt', 'snapshot']) signatures.inc({ of }, 0)
  const dead = addCounter(registry, 'muster_dead_letters_total', 'Effects that were given up on.')
  const late = addHistogram(registry, 'muster_alarm_late_seconds', 'From the instant an alarm was due to its firing.', lateBuckets)
  let durable = 0
  return {
    hooks: {
      observeCommand: (request, outcome) => tally.count(request.envelope.command, outcome),
      observeTurn: (durationMs) => decide.observe(durationMs / 1000),
      observeAlarm: (lateMs) => late.observe(lateMs / 1000),
      observeCommit(statement) {
        commit.observe(statement.durationMs / 1000)
        events.observe(statement.events)
        commits.inc({ outcome: statement.outcome })
        if (statement.fencedSlots > 0) fenced.inc(statement.fencedSlots)
      },
      onDurable(turns) {
        let receipts = 0
        for (const { from, to, rows } of turns) {
          durable += to - from
          receipts += rows.receipts.length
          if (rows.settlement?.state === 'dead') dead.inc()
        }
        if (receipts > 0) signatures.inc({ of: 'receipt' }, receipts)
      },
    } satisfies ShardMetrics['hooks'],
    durableEvents: () => durable,
    countOwnership: (store: OwnershipStore) => countFences(store, taken),
    noteLoad: () => loads.inc(),
    noteSnapshotSigned: () => signatures.inc({ of: 'snapshot' }),
  }
}

function countFences(store: OwnershipStore, taken: Counter<'why'>): OwnershipStore {
  return {
    readSlots: (slots) => store.readSlots(slots),
    async takeSlots(options) {
      const won = await store.takeSlots(options)
      taken.inc({ why: 'takeover' }, won.length)
      return won
    },
    async fenceSelf(options) {
      const kept = await store.fenceSelf(options)
      taken.inc({ why: 'doubt' }, kept.length)
      return kept
    },
  }
}

function measureShard(registry: Registry, shard: MeasuredShard): void {
  // One look a scrape: the gauges below are collected one after the other in the same moment.
  let looked: { readonly at: number; readonly load: Workload } | null = null
  const load = (): Workload => {
    const at = shard.now()
    if (looked === null || at - looked.at > 100) looked = { at, load: shard.workload() }
    return looked.load
  }
  addGauge(registry, 'muster_activations', 'Guilds in memory: awake, or packed small.', ['state'], (gauge) => {
    gauge.set({ state: 'active' }, load().active)
    gauge.set({ state: 'resting' }, load().resting)
  })
  addGauge(registry, 'muster_mailbox_depth', 'Commands waiting for their turn.', [], (gauge) => gauge.set(load().mailboxDepth))
  addGauge(registry, 'muster_undurable_events', 'Events decided and not yet in Postgres.', [], (gauge) => gauge.set(load().undurableEvents))
  addGauge(registry, 'muster_slots', 'Slots by what they are to this process.', ['state'], (gauge) => {
    for (const [state, count] of Object.entries(load().slots)) gauge.set({ state }, count)
  })
  addGauge(registry, 'muster_outbox_held', 'Effects held to be run.', [], (gauge) => gauge.set(load().outboxHeld))
  addGauge(registry, 'muster_outbox_oldest_seconds', 'Age of the oldest effect that is not done; 0: none is held.', [], (gauge) => {
    const { outboxOldestAt } = load()
    gauge.set(outboxOldestAt === null ? 0 : Math.max(0, shard.now() - outboxOldestAt) / 1000)
  })
  addGauge(registry, 'muster_lease_covers', '1 while the lease in Redis covers answers from memory.', [], (gauge) => gauge.set(load().leaseCovers ? 1 : 0))
  addGauge(registry, 'muster_picture_queue', 'Pictures waiting to be drawn.', [], (gauge) => gauge.set(shard.picturesWaiting()))
  addGauge(registry, 'muster_gateway_connected', '1 while the shard hears its guilds.', ['shard'], (gauge) => {
    for (const { id, state } of shard.shards()) gauge.set({ shard: String(id) }, state === 'away' ? 0 : 1)
  })
  addGauge(registry, 'muster_gateway_ping_seconds', 'Round trip of the last heartbeat of a shard.', ['shard'], (gauge) => {
    for (const { id, pingMs } of shard.shards()) if (pingMs !== null) gauge.set({ shard: String(id) }, pingMs / 1000)
  })
  addGauge(registry, 'muster_guilds', 'Guilds of a shard.', ['shard'], (gauge) => {
    for (const { id, guilds } of shard.shards()) gauge.set({ shard: String(id) }, guilds)
  })
}
