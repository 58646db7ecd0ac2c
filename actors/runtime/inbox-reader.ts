/**
 * Reads the inboxes of the slots this process serves, in one blocking read, and publishes the answers.
 *
 * Reading starts at the slot's cursor, so what an earlier owner did not finish is read again; op ids tell what it did
 * finish. A stream that Redis lost is read from 0 again. Entries below the durable cursor are trimmed by us, the owner,
 * and by nobody else.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import { replyText } from '../client/reply-message.ts'
import type { Command, Outcome } from '../protocol/command.ts'
import { compareStreamIds, firstStreamId } from '../transport/stream-id.ts'
import type { Inbox, MessageBus, StoredInboxEntry } from './ports.ts'
import { Request } from './request.ts'
import type { SlotTable } from './slot-table.ts'

const retryDelayMs = 100
const trimIntervalMs = 1_000

export interface InboxReaderDeps {
  readonly inbox: Inbox
  readonly bus: Pick<MessageBus, 'publish'>
  readonly slots: SlotTable
  readonly clock: Clock
  readonly log: Log
  submit(request: Request): void
  /** An entry ended without a commit of its own: its slot's cursor moved. */
  noteCursor(slot: Slot): void
}

export class InboxReader {
  readonly #deps: InboxReaderDeps
  /** Up to where each slot's inbox was read. */
  readonly #positions = new Map<Slot, string>()
  /** Slots that were won, lost, or begun anew while a read or a comparison is out: what that tells of them is not taken. */
  readonly #changed = new Set<Slot>()
  readonly #trimmed = new Map<Slot, string>()
  #interrupt = new AbortController()
  #running: Promise<void> | null = null
  #trimTimer: Timer | null = null
  #stopped = false
  /** Slots whose position may be of a stream that is lost: compared before the next read. */
  readonly #unsure = new Set<Slot>()
  #isFailing = false

  constructor(deps: InboxReaderDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#running = this.#run()
    this.#trimLater()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#trimTimer?.cancel()
    this.#interrupt.abort()
    await this.#running
  }

  /** Reads this slot from now on, after the given position, which may be of a stream that Redis lost since. */
  add(slot: Slot, position: string): void {
    this.#begin(slot, position)
    this.#unsure.add(slot)
    this.#interrupt.abort()
  }

  /** Redis may have lost its streams (it lost our lease): new ones can begin below where we are, if its clock went back. */
  compareSoon(): void {
    this.#doubtAll()
    this.#interrupt.abort()
  }

  #doubtAll(): void {
    for (const slot of this.#positions.keys()) this.#unsure.add(slot)
  }

  remove(slot: Slot): void {
    this.#positions.delete(slot)
    this.#unsure.delete(slot)
    this.#changed.add(slot)
    this.#trimmed.delete(slot)
  }

  #begin(slot: Slot, position: string): void {
    this.#positions.set(slot, position)
    this.#changed.add(slot)
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#interrupt = new AbortController()
      const { signal } = this.#interrupt
      try {
        if (this.#unsure.size > 0) await this.#compareWithStreams()
        this.#changed.clear()
        const entries = await this.#deps.inbox.read({
          positions: new Map(this.#positions),
          countMax: limits.inboxReadCountMax,
          blockMs: limits.inboxBlockMs,
          signal,
        })
        // What was won or lost while the read was out comes again, from where it begins now, or is somebody else's.
        for (const entry of entries) if (!this.#changed.has(entry.slot)) this.#take(entry)
        this.#isFailing = false
      } catch (thrown) {
        if (!this.#isFailing) this.#deps.log.warn('inboxes could not be read', { error: coerceError(thrown) })
        this.#isFailing = true
        this.#doubtAll()
        await new Promise<void>((resolve) => this.#deps.clock.after(retryDelayMs, resolve))
      }
    }
  }

  /** A stream that was lost has its last id below where we are: it is read from 0. */
  async #compareWithStreams(): Promise<void> {
    this.#changed.clear()
    const compared = [...this.#unsure]
    this.#unsure.clear()
    try {
      const last = await this.#deps.inbox.lastPositions(compared)
      for (const slot of compared) {
        const position = this.#positions.get(slot)
        if (position === undefined || this.#changed.has(slot) || compareStreamIds(last.get(slot) ?? firstStreamId, position) >= 0) continue
        this.#deps.log.info('inbox was lost, reading it from its beginning', { slot, position })
        this.#deps.slots.at(slot).restartInbox()
        this.#begin(slot, firstStreamId)
        this.#trimmed.delete(slot)
      }
    } catch (thrown) {
      this.#doubtAll()
      throw thrown
    }
  }

  #take(entry: StoredInboxEntry): void {
    const position = this.#positions.get(entry.slot)
    if (position === undefined || compareStreamIds(entry.position, position) <= 0) return
    this.#positions.set(entry.slot, entry.position)
    const { guildId, opId, replyTo, receivedAt, deadlineAt } = entry
    const lowWater = this.#deps.slots.at(entry.slot).beginInboxEntry(entry.position)
    const command = this.#parseCommand(entry)
    if (command === null) {
      // Ended where it lies: left open it would hold the cursor, and with it the whole inbox, for ever.
      lowWater.state = 'ended'
      this.#deps.noteCursor(entry.slot)
      if (replyTo !== null) this.#reply(replyTo, entry, { status: 'refused', reason: 'rejected' })
      return
    }
    const request = new Request({
      envelope: { guildId, opId, command, receivedAt, deadlineAt },
      origin: 'inbox',
      lowWater,
      settle: (outcome) => {
        this.#deps.noteCursor(entry.slot)
        if (replyTo !== null) this.#reply(replyTo, entry, outcome)
      },
    })
    this.#deps.submit(request)
  }

  /** Null, and told: a command that is not JSON was not written by a process of this house, or by a broken one. */
  #parseCommand({ command, guildId, opId, slot }: StoredInboxEntry): Command | null {
    try {
      return JSON.parse(command) as Command
    } catch (thrown) {
      this.#deps.log.error('inbox entry is no command', { slot, guildId, opId, error: coerceError(thrown) })
      return null
    }
  }

  #reply(channel: string, { guildId, opId, deadlineAt }: StoredInboxEntry, outcome: Outcome): void {
    this.#deps.bus.publish(channel, replyText({ guildId, opId, outcome, deadlineAt })).catch((thrown: unknown) => {
      // The asker asks again with the same op id and gets the stored result.
      this.#deps.log.debug('reply could not be sent', { error: coerceError(thrown) })
    })
  }

  #trimLater(): void {
    this.#trimTimer = this.#deps.clock.after(trimIntervalMs, () => {
      void this.#trim().finally(() => {
        if (!this.#stopped) this.#trimLater()
      })
    })
  }

  async #trim(): Promise<void> {
    const moved = new Map<Slot, string>()
    for (const slot of this.#positions.keys()) {
      const cursor = this.#deps.slots.at(slot).inboxCursor
      if (cursor !== null && cursor !== this.#trimmed.get(slot)) moved.set(slot, cursor)
    }
    if (moved.size === 0) return
    try {
      await this.#deps.inbox.trim(moved)
      for (const [slot, cursor] of moved) if (this.#positions.has(slot)) this.#trimmed.set(slot, cursor)
    } catch (thrown) {
      this.#deps.log.debug('inboxes could not be trimmed', { error: coerceError(thrown) })
    }
  }
}
