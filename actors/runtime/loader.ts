/**
 * Brings guilds into memory: newest believable snapshot, then the journal after it, in bulk.
 *
 * A snapshot is verified before it is believed; one that does not verify is reported and the one before it is taken,
 * down to the bare journal. Every journal row is checked against the hash chain, and the chain must end at the head that
 * Postgres holds (I2, I11): what is loaded is what was written, or it is not loaded at all.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AppError, coerceError } from '../../kernel/errors.ts'
import type { GuildId, Sequence } from '../../kernel/ids.ts'
import { sequence } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { BehaviourRegistry } from '../behaviours/registry.ts'
import { sha256 } from '../records/hash.ts'
import type { Sealer } from '../records/sealer.ts'
import type { UnlockedKey } from '../records/unlocked-key.ts'
import type { Activation, LoadedGuild } from './activation.ts'
import type { GuildState } from './guild-state.ts'
import { emptyGuildState, evolveGuild, upgradeGuildState } from './guild-state.ts'
import { firstHead, journalHash, parseJournalText } from './journal-entry.ts'
import type { GuildStore, StoredGuild, StoredSnapshot } from './ports.ts'

/** Guilds in one read: enough to fill a round trip, small enough that first ones need not wait for the last. */
const guildsPerLoadMax = 250
/** Reads under way: while one is on its way a second is being verified and a third replayed. */
const loadsAtOnceMax = 3
/** Pause before a failed load is tried again; doubles up to the second number. */
const retryDelayMs = 50
const retryDelayMsMax = 1_000

/** The hash of the journal row a snapshot stands on, or why it is not believed. */
export type SnapshotVerdict =
  | { readonly believed: true; readonly journalHead: Uint8Array }
  | { readonly believed: false; readonly reason: string }

/** Verifies a stored snapshot. */
export type SnapshotCheck = (snapshot: StoredSnapshot) => SnapshotVerdict

/** Verifies many, in their order; elsewhere than on this thread where that is faster. */
export type BulkSnapshotCheck = (snapshots: readonly StoredSnapshot[]) => Promise<readonly SnapshotVerdict[]>

export interface LoaderDeps {
  readonly store: Pick<GuildStore, 'loadGuilds'>
  readonly registry: BehaviourRegistry
  readonly sealer: Sealer
  readonly checkSnapshots: BulkSnapshotCheck
  readonly clock: Clock
  readonly log: Log
  /** A guild that cannot be loaded whatever is tried: its commands must be refused, somebody must look. */
  onUnloadable(activation: Activation): void
}

interface Wanted {
  readonly activation: Activation
  readonly epoch: number
}

export class Loader {
  readonly #deps: LoaderDeps
  #wanted: Wanted[] = []
  #running = false
  #stopped = false

  constructor(deps: LoaderDeps) {
    this.#deps = deps
  }

  load(activation: Activation): void {
    this.#wanted.push({ activation, epoch: activation.epoch })
    if (this.#running || this.#stopped) return
    this.#running = true
    queueMicrotask(() => void this.#run())
  }

  stop(): void {
    this.#stopped = true
    this.#wanted = []
  }

  async #run(): Promise<void> {
    const underWay = new Set<Promise<void>>()
    while (this.#wanted.length > 0 || underWay.size > 0) {
      while (this.#wanted.length > 0 && underWay.size < loadsAtOnceMax) {
        const loading = this.#loadSurely(this.#wanted.splice(0, guildsPerLoadMax))
        underWay.add(loading)
        void loading.then(() => underWay.delete(loading))
      }
      await Promise.race(underWay)
    }
    this.#running = false
  }

  /** Tries until Postgres answered, or nobody wants these guilds any more. Never rejects. */
  async #loadSurely(wanted: readonly Wanted[]): Promise<void> {
    for (let delayMs = retryDelayMs; ; delayMs = Math.min(delayMs * 2, retryDelayMsMax)) {
      const batch = wanted.filter(({ activation, epoch }) => activation.epoch === epoch && activation.phase === 'loading')
      if (batch.length === 0 || this.#stopped) return
      try {
        await this.#loadBatch(batch)
        return
      } catch (thrown) {
        if (this.#stopped) return
        this.#deps.log.warn('guilds could not be loaded', { error: coerceError(thrown), guilds: batch.length, delayMs })
        await new Promise<void>((resolve) => this.#deps.clock.after(delayMs, resolve))
      }
    }
  }

  async #loadBatch(batch: readonly Wanted[]): Promise<void> {
    const wantedOf = new Map(batch.map((wanted) => [wanted.activation.guildId, wanted]))
    let requests: { guildId: GuildId; belowSeq?: Sequence }[] = [...wantedOf.keys()].map((guildId) => ({ guildId }))
    while (requests.length > 0) {
      const olderSnapshotWanted: { guildId: GuildId; belowSeq: Sequence }[] = []
      const found = await this.#deps.store.loadGuilds(requests)
      const verdicts = await this.#verdictsOf(found)
      for (const stored of found) {
        const wanted = wantedOf.get(stored.guildId)
        if (wanted === undefined) continue
        const bad = this.#deliver(wanted, stored, verdicts.get(stored.guildId) ?? null)
        if (bad !== null) olderSnapshotWanted.push({ guildId: stored.guildId, belowSeq: bad })
      }
      requests = olderSnapshotWanted
    }
  }

  async #verdictsOf(found: readonly StoredGuild[]): Promise<ReadonlyMap<GuildId, SnapshotVerdict>> {
    const snapshots = found.map(({ snapshot }) => snapshot).filter((snapshot) => snapshot !== null)
    if (snapshots.length === 0) return new Map()
    const verdicts = await this.#deps.checkSnapshots(snapshots)
    return new Map(snapshots.map(({ guildId }, at) => [guildId, verdicts[at] ?? { believed: false, reason: 'not checked' }]))
  }

  /** Hands the guild over, or answers below which sequence another snapshot must be tried. */
  #deliver(wanted: Wanted, stored: StoredGuild, verdict: SnapshotVerdict | null): Sequence | null {
    const { activation, epoch } = wanted
    try {
      const loaded = this.#rebuild(stored, verdict)
      if (loaded.kind === 'bad-snapshot') return loaded.seq
      activation.onLoaded(loaded.guild, epoch)
    } catch (thrown) {
      this.#deps.log.error('guild cannot be loaded', { guildId: stored.guildId, error: coerceError(thrown) })
      if (activation.epoch === epoch) this.#deps.onUnloadable(activation)
    }
    return null
  }

  #rebuild(
    stored: StoredGuild,
    verdict: SnapshotVerdict | null,
  ): { kind: 'bad-snapshot'; seq: Sequence } | { kind: 'loaded'; guild: LoadedGuild } {
    const { snapshot } = stored
    let state = emptyGuildState()
    let head = firstHead
    let seq = 0
    if (snapshot !== null) {
      assert(verdict !== null, 'a snapshot comes with its verdict')
      if (!verdict.believed) {
        this.#deps.log.error('snapshot is not believed', { guildId: stored.guildId, seq: snapshot.seq, reason: verdict.reason })
        return { kind: 'bad-snapshot', seq: snapshot.seq }
      }
      state = upgradeGuildState(JSON.parse(snapshot.state) as GuildState, this.#deps.registry)
      head = verdict.journalHead
      seq = snapshot.seq
    }
    for (const row of stored.journal) {
      seq += 1
      head = journalHash(head, row.payload)
      if (row.seq !== seq || !isSame(head, row.hash)) throw corrupt(stored, row.seq)
      evolveGuild(state, parseJournalText(row.payload), this.#deps.registry)
    }
    if (seq !== stored.seq || (seq > 0 && !isSame(head, stored.head))) throw corrupt(stored, stored.seq)
    const key = this.#deps.sealer.unlock(stored.keys)
    assertKey(stored, state, key)
    const last = snapshot === null ? { seq: sequence(0), hash: null } : { seq: snapshot.seq, hash: sha256(snapshot.signed) }
    const secrets = this.#deps.sealer.openSecrets(stored.secrets)
    return { kind: 'loaded', guild: { state, seq: stored.seq, head, key, secrets, snapshot: last } }
  }
}

/** The key that the state names must be the one that is there: a newer row that somebody removed must not go unnoticed. */
function assertKey({ guildId }: StoredGuild, { signing, chain }: GuildState, key: UnlockedKey | null): void {
  const expected = signing?.key?.keyId ?? chain.keyId
  if (signing?.key?.mode === 'passphrase' ? key === null : (key?.keyId ?? null) === expected) return
  throw new AppError('key-unusable', `the signing key ${expected ?? '(none)'} of guild ${guildId} is not the one that is stored`, {
    context: { guildId, expected, found: key?.keyId ?? null },
  })
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0

const corrupt = (stored: StoredGuild, seq: Sequence): AppError =>
  new AppError('journal-corrupt', `the journal of guild ${stored.guildId} does not verify at sequence ${seq}`, {
    context: { guildId: stored.guildId, seq },
  })
