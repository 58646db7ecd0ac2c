/**
 * Watches every commit at the instant it takes effect and keeps its own account of the journal: I1, I2, I4, I7, I13.
 *
 * It believes the database's rows and nothing else: neither what the statement answered nor what a process thinks.
 */
import type { Fence, GuildId, OpId, Sequence, Slot } from '../../kernel/ids.ts'
import { parseFeedOpId } from '../../actors/runtime/dispatch-marks.ts'
import { compareStreamIds } from '../../actors/transport/stream-id.ts'
import type { VoiceAttendanceEvent } from '../../actors/protocol/voice-attendance.ts'
import type { CommitBatch, CommitOutcome, CursorRow } from '../../actors/runtime/ports.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'
import type { MemoryRedis } from '../support/memory/memory-redis.ts'
import type { LedgerEvent } from './ledger.ts'
import type { Verdict } from './verdict.ts'

interface JournaledRow {
  readonly seq: number
  readonly at: number
  readonly op: OpId
  readonly feature: string
  readonly event: { readonly kind: string }
}

/** One guild's journal as the oracle has seen it grow. */
export interface GuildAccount {
  seq: number
  at: number
  fence: number
  /** Ledger values in order of their positions. */
  readonly values: string[]
  /** First and last sequence of each op's events. */
  readonly spans: Map<OpId, { readonly first: number; last: number }>
  readonly rejected: Set<OpId>
}

/** Whose gateway events a guild applied under its present fence. */
interface AppliedFeed {
  fence: number
  generation: number
}

/** A dispatch that a process took, and which op of a ledger it is. */
export interface TakenDispatch {
  readonly guildId: GuildId
  readonly slot: Slot
  readonly session: string
  readonly seq: number
  readonly opId: OpId
  /** True when it is applied once and not merely idempotent. */
  readonly isUnique: boolean
  /** The life that took it first. */
  readonly takenBy: string
  /** Its slot was lost before it was durable, or it came again while the slot was elsewhere: reconciling finds it. */
  mayBeLost: boolean
}

export interface JournalOracleDeps {
  readonly database: MemoryDatabase
  readonly redis: MemoryRedis
  readonly verdict: Verdict
  /** False when dispatches carry what no gateway tells. */
  readonly knowsFeeds: boolean
  /**
   * False when Redis loses its streams and its clock goes back in one run: a new stream then begins below a cursor of the
   * old one and may have passed it before anybody compares. Who asks asks again; what is below is passed over.
   */
  readonly arePositionsComparable: boolean
  /** True when the plan asks for rows that Postgres refuses. */
  readonly hasPoison: boolean
  /**
   * True when the database's clock was stepped: a new owner then takes an op for newer than its ownership, does not look
   * it up, and decides it once more. The unique key refuses that, which is what it is for.
   */
  readonly mayMeetLastGuard: boolean
  /** True when the entry was refused, expired or only reads: it ends without a trace in the journal. */
  mayEndUnwritten(guildId: GuildId, opId: OpId): boolean
}

export class JournalOracle {
  readonly guilds = new Map<GuildId, GuildAccount>()
  readonly dispatches: TakenDispatch[] = []
  /** Of which topology a gateway session is. */
  readonly generationOfSession = new Map<string, number>()
  readonly #deps: JournalOracleDeps

  readonly #feeds = new Map<GuildId, AppliedFeed>()

  /** Every position of the stream that a slot has now, and where that stream is: after a loss there is another. */
  readonly #positions = new Map<Slot, { readonly stream: object; readonly given: Set<string>; readonly givenBefore: ReadonlySet<string> }>()

  constructor(deps: JournalOracleDeps) {
    this.#deps = deps
  }

  /** The newest entry of this slot's stream was just added. */
  onAppended(slot: Slot): void {
    const stream = this.#deps.redis.streams.get(slot)
    if (stream === undefined) return
    let known = this.#positions.get(slot)
    if (known?.stream !== stream) known = { stream, given: new Set(), givenBefore: known?.given ?? new Set() }
    known.given.add(stream.lastId)
    this.#positions.set(slot, known)
  }

  /** A process gave the slot up: what it had taken and not written is forwarded at most once. */
  onSlotLost(slot: Slot, life: string): void {
    for (const dispatch of this.dispatches) {
      if (dispatch.slot === slot && dispatch.takenBy === life) dispatch.mayBeLost = true
    }
  }

  account(guildId: GuildId): GuildAccount {
    let account = this.guilds.get(guildId)
    if (account === undefined) {
      account = { seq: 0, at: 0, fence: 0, values: [], spans: new Map(), rejected: new Set() }
      this.guilds.set(guildId, account)
    }
    return account
  }

  onCommit(batch: CommitBatch, outcome: CommitOutcome): void {
    if (outcome.kind === 'poison') {
      this.#checkPoison(outcome)
      return
    }
    for (const move of batch.heads) this.#readOn(move.guildId, move.slot)
    for (const row of batch.cursors) this.#checkCursor(row)
  }

  #checkPoison({ sqlState, message }: Extract<CommitOutcome, { kind: 'poison' }>): void {
    const { verdict, hasPoison, mayMeetLastGuard } = this.#deps
    if (sqlState.startsWith('22') && hasPoison) return
    const isLastGuard = sqlState === '23505' && message.includes('op_result')
    if (isLastGuard && mayMeetLastGuard) verdict.count('last guard met')
    else verdict.fail('I4', `rows were refused: ${sqlState} ${message}`)
  }

  /** Reads what the journal has beyond what was seen. */
  #readOn(guildId: GuildId, slot: Slot): void {
    const { database, verdict } = this.#deps
    const rows = database.journal.get(guildId)
    if (rows === undefined) return
    const account = this.account(guildId)
    const slotFence = database.slots.get(slot)?.fence as Fence
    const next = (): Sequence => (account.seq + 1) as Sequence
    for (let row = rows.get(next()); row !== undefined; row = rows.get(next())) {
      if (row.seq !== account.seq + 1) verdict.fail('I2', `guild ${guildId}: ${row.seq} after ${account.seq}`)
      if (row.fence < account.fence) verdict.fail('I1', `guild ${guildId}: fence ${row.fence} after ${account.fence}`)
      if (row.fence !== slotFence) {
        verdict.fail('I1', `guild ${guildId}: committed under fence ${row.fence}, the slot's is ${slotFence}`)
      }
      const entry = JSON.parse(row.payload) as JournaledRow
      if (entry.at < account.at) verdict.fail('I13', `guild ${guildId}: event time ${entry.at} after ${account.at}`)
      account.seq = row.seq
      account.fence = row.fence
      account.at = entry.at
      this.#note(account, guildId, entry)
      this.#checkFeed(guildId, row.fence, entry)
    }
    if (database.actors.get(guildId)?.seq !== account.seq || rows.size !== account.seq) verdict.fail('I2', `guild ${guildId}: head is not the last row`)
  }

  #note(account: GuildAccount, guildId: GuildId, entry: JournaledRow): void {
    const { verdict } = this.#deps
    const span = account.spans.get(entry.op)
    if (span === undefined) account.spans.set(entry.op, { first: entry.seq, last: entry.seq })
    else if (span.last === entry.seq - 1) span.last = entry.seq
    else verdict.fail('I4', `guild ${guildId}: op ${entry.op} took effect at ${span.first} and again at ${entry.seq}`)
    if (entry.event.kind === 'command-rejected') {
      account.rejected.add(entry.op)
      verdict.count('command rejected')
    }
    if (entry.event.kind.startsWith('voice-feed-')) this.#noteSwitch(entry.event as VoiceAttendanceEvent)
    if (entry.feature !== 'ledger') return
    const event = entry.event as LedgerEvent
    if (event.kind === 'ledger-rang') verdict.count('alarm rang')
    if (event.kind !== 'ledger-appended') return
    account.values.push(event.value)
    if (event.position !== account.values.length) {
      verdict.fail('I4', `guild ${guildId}: position ${event.position} is number ${account.values.length}`)
    }
  }

  /** I8: one owner applies the gateway events of one generation. What tells no state is known by its op id alone. */
  #checkFeed(guildId: GuildId, fence: number, { op, feature }: JournaledRow): void {
    const dispatch = parseFeedOpId(op)
    const generation = dispatch === null ? undefined : this.generationOfSession.get(dispatch.session)
    if (generation === undefined || feature !== 'voice-attendance' || !this.#deps.knowsFeeds) return
    const applied = this.#feeds.get(guildId)
    if (applied?.fence !== fence) {
      this.#feeds.set(guildId, { fence, generation })
      return
    }
    if (applied.generation === generation) return
    this.#deps.verdict.fail('I8', `guild ${guildId}: ${op} is of generation ${generation}, under fence ${fence} it applies ${applied.generation}`)
  }

  #noteSwitch(event: VoiceAttendanceEvent): void {
    const { verdict } = this.#deps
    if (event.kind === 'voice-feed-switched' && event.met > 0) verdict.count('feeds met')
    if (event.kind === 'voice-feed-switched' && event.awaited.length > 0) verdict.count('feed behind what is known')
    if (event.kind === 'voice-feed-met') verdict.count('feed caught up')
    if (event.kind === 'voice-feed-settled' && event.unmet > 0) verdict.count('feeds did not meet')
  }

  #checkCursor(row: CursorRow): void {
    const stored = this.#deps.database.cursors.get(`${row.slot}\u0001${row.source}`)
    if (stored !== row) return
    if (row.source === 'inbox') this.#checkInboxCursor(row)
    else this.#checkFeedCursor(row, row.source.slice('feed:'.length))
  }

  /** What lies in the stream at or below the cursor will never be read again. */
  #checkInboxCursor(row: CursorRow): void {
    const { redis, verdict } = this.#deps
    // Positions of a stream that Redis lost say nothing about the one after it.
    const positions = this.#positions.get(row.slot)
    if (!this.#deps.arePositionsComparable || positions?.given.has(row.position) !== true) return
    for (const { guildId, opId, position } of redis.streams.get(row.slot)?.entries ?? []) {
      if (compareStreamIds(position, row.position) > 0) break
      // Lost and begun anew within a millisecond: two entries had this position. Who asked by the later one asks again.
      if (positions.givenBefore.has(position)) continue
      if (this.account(guildId).spans.has(opId) || this.#deps.mayEndUnwritten(guildId, opId)) continue
      verdict.fail('I7', `slot ${row.slot}: cursor ${row.position} covers ${opId} at ${position}, which is not durable`)
    }
  }

  #checkFeedCursor(row: CursorRow, session: string): void {
    for (const dispatch of this.dispatches) {
      if (dispatch.slot !== row.slot || dispatch.session !== session) continue
      if (!dispatch.isUnique || dispatch.mayBeLost) continue
      if (dispatch.seq > Number(row.position) || this.account(dispatch.guildId).spans.has(dispatch.opId)) continue
      this.#deps.verdict.fail('I7', `slot ${row.slot}: cursor ${session}:${row.position} covers ${dispatch.seq}, not durable`)
    }
  }
}
