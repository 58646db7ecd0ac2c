/**
 * Keeps the code on the screen: for each open class of our slots one edit at each change of its code.
 *
 * Rotation writes nothing: code and instant follow from what was said at opening, so whichever process owns the guild
 * shows the same. An edit that is still on its way when the next code comes is given up for it; nothing is queued. The
 * number of entries shown is one that is durable (I3), and nothing is sent while the lease does not cover us (I6).
 */
import type { CodeAttendanceState } from '../../actors/protocol/attendance.ts'
import type { OpenCodeSession, SessionMessages } from '../../actors/protocol/code-session.ts'
import { codeAt, stepAt, stepEnd } from '../../actors/behaviours/code-attendance/codes.ts'
import { hmacOf } from '../../actors/records/guild-secret.ts'
import type { Activation } from '../../actors/runtime/activation.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { GuildId, Sequence, Slot } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { DiscordTime } from './discord-time.ts'
import type { ShownCode } from './session-messages.ts'

type BoardSession = Omit<OpenCodeSession, 'entries' | 'wrongCodes' | 'closing'>

export interface CodeBoardDeps {
  readonly clock: Clock
  readonly log: Log
  /** Unix ms, database's clock. */
  now(): number
  readonly discordTime: DiscordTime
  leaseCovers(slot: Slot): boolean
  /** `gone`: there is no such message any more. */
  edit(guild: GuildId, session: BoardSession, shown: ShownCode, signal: AbortSignal): Promise<'shown' | 'gone'>
  lose(guild: GuildId, session: BoardSession, messageId: string): void
}

interface Board {
  readonly guildId: GuildId
  readonly slot: Slot
  session: BoardSession
  readonly code: (step: number) => string
  /** As far as it is durable. */
  entryCount: number
  /** A number that is shown once this sequence is durable. */
  counted: { readonly seq: Sequence; readonly entryCount: number } | null
  /** Null: none of this process. */
  shownStep: number | null
  timer: Timer | null
  onItsWay: AbortController | null
}

export class CodeBoard {
  readonly #deps: CodeBoardDeps
  readonly #boards = new Map<GuildId, Board>()
  #stopped = false

  constructor(deps: CodeBoardDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#boards.size
  }

  /** A guild is in memory, or something of it became durable. */
  follow(activation: Activation): void {
    const part = activation.state.features['code-attendance']
    if (part === undefined && !this.#boards.has(activation.guildId)) return
    const open = (part?.state as CodeAttendanceState | undefined)?.open ?? null
    if (open === null || open.closing !== null || this.#stopped) return this.#drop(activation.guildId)
    const known = this.#boards.get(activation.guildId)
    const board = known?.session.sessionId === open.sessionId ? known : this.#begin(activation, open)
    if (board === null) return
    this.#count(board, activation, open.entryCount)
    const isNewMessage = open.messages.admin.messageId !== board.session.messages.admin.messageId
    if (isNewMessage || open.messages.notice.failure !== board.session.messages.notice.failure) {
      board.session = { ...board.session, messages: copyMessages(open.messages) }
    }
    if (isNewMessage && board.shownStep !== this.#stepNow(board)) this.#show(board)
  }

  /** What is shown now, for whoever posts the message; null: the class is not open here, or its secret is not known. */
  shownNow(guildId: GuildId, sessionId: string): (ShownCode & { readonly session: BoardSession }) | null {
    const board = this.#boards.get(guildId)
    if (board?.session.sessionId !== sessionId) return null
    const step = this.#stepNow(board)
    board.shownStep = step
    return { ...this.#describe(board, step), session: board.session }
  }

  dropSlot(slot: Slot): void {
    for (const board of this.#boards.values()) if (board.slot === slot) this.#drop(board.guildId)
  }

  stop(): void {
    this.#stopped = true
    for (const guild of this.#boards.keys()) this.#drop(guild)
  }

  #begin(activation: Activation, open: Readonly<OpenCodeSession>): Board | null {
    this.#drop(activation.guildId)
    const hmac = hmacOf(activation.secrets)
    if (!hmac.knows(open.secretId)) {
      this.#deps.log.error('the secret of an open class cannot be read', { guildId: activation.guildId, sessionId: open.sessionId })
      return null
    }
    const { entries: _entries, wrongCodes: _wrongCodes, closing: _closing, ...session } = open
    const board: Board = {
      guildId: activation.guildId,
      slot: activation.slot,
      session: { ...session, messages: copyMessages(open.messages) },
      code: (step) => codeAt((message) => hmac.of(open.secretId, message), open, step),
      entryCount: 0,
      counted: null,
      shownStep: null,
      timer: null,
      onItsWay: null,
    }
    this.#boards.set(board.guildId, board)
    this.#wakeAtChange(board)
    // After a takeover the message stands already, with whatever its owner before showed last.
    if (open.messages.admin.messageId !== null) this.#show(board)
    return board
  }

  #drop(guildId: GuildId): void {
    const board = this.#boards.get(guildId)
    if (board === undefined) return
    board.timer?.cancel()
    board.onItsWay?.abort()
    this.#boards.delete(guildId)
  }

  /** In a storm the state always runs ahead of what is durable: a number is taken, and shown when it has become true. */
  #count(board: Board, { seq, gate }: Activation, entryCount: number): void {
    if (board.counted !== null && gate.durable >= board.counted.seq) {
      board.entryCount = board.counted.entryCount
      board.counted = null
    }
    if (gate.durable >= seq) board.entryCount = entryCount
    else board.counted ??= { seq, entryCount }
  }

  #discordNow(board: Board): number {
    return this.#deps.now() - this.#deps.discordTime.offsetMs(board.session.clockOffsetMs)
  }

  #stepNow(board: Board): number {
    return stepAt(board.session, this.#discordNow(board))
  }

  #describe(board: Board, step: number): ShownCode {
    return { code: board.code(step), endsAt: stepEnd(board.session, step), entryCount: board.entryCount }
  }

  #wakeAtChange(board: Board): void {
    const now = this.#discordNow(board)
    const waitMs = stepEnd(board.session, stepAt(board.session, now)) - now
    board.timer = this.#deps.clock.after(Math.max(1, waitMs), () => {
      if (this.#boards.get(board.guildId) !== board) return
      this.#wakeAtChange(board)
      if (board.shownStep !== this.#stepNow(board)) this.#show(board)
    })
  }

  #show(board: Board): void {
    const { messageId } = board.session.messages.admin
    if (messageId === null || !this.#deps.leaseCovers(board.slot)) return
    board.onItsWay?.abort()
    const abort = new AbortController()
    const step = this.#stepNow(board)
    board.onItsWay = abort
    board.shownStep = step
    void this.#edit(board, { messageId, step, abort })
  }

  async #edit(board: Board, { messageId, step, abort }: { readonly messageId: string; readonly step: number; readonly abort: AbortController }): Promise<void> {
    try {
      const outcome = await this.#deps.edit(board.guildId, board.session, this.#describe(board, step), abort.signal)
      if (outcome === 'gone' && this.#boards.get(board.guildId) === board) this.#deps.lose(board.guildId, board.session, messageId)
    } catch (thrown) {
      // Given up for a newer one, or refused: the next change shows everything again.
      if (!abort.signal.aborted) this.#deps.log.info('code message not edited', { guildId: board.guildId, error: coerceError(thrown) })
    } finally {
      if (board.onItsWay === abort) board.onItsWay = null
    }
  }
}

const copyMessages = ({ admin, notice }: Readonly<SessionMessages>): SessionMessages => ({ admin, notice })
