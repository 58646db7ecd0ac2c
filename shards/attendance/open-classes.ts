/**
 * The open classes of this process' slots: found when a slot is won, followed as they change, their codes kept on screen.
 */
import type { REST } from 'discord.js'
import { DiscordAPIError } from 'discord.js'
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10'
import type { AttendanceReply } from '../../actors/protocol/attendance.ts'
import type { OpenSessionsReader } from '../../actors/protocol/attendance-reads.ts'
import type { Command, CommandEnvelope, Outcome } from '../../actors/protocol/command.ts'
import type { PendingTurn } from '../../actors/runtime/batch.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AppError, coerceError } from '../../kernel/errors.ts'
import type { GuildId, Slot } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { uuidV7 } from '../../kernel/uuid.ts'
import { RestPace } from '../effects/rest-pace.ts'
import { needsLease } from '../effects/lease-header.ts'
import type { Texts } from '../texts/texts.ts'
import { CodeBoard } from './code-board.ts'
import { createDiscordTime } from './discord-time.ts'
import { editsOfProcess } from './edit-budget.ts'
import { adminMessage } from './session-messages.ts'

export interface OpenClassesDeps {
  readonly clock: Clock
  readonly log: Log
  now(): number
  readonly rest: REST
  random(length: number): Uint8Array
  textsOf(guildId: GuildId): Texts
  readonly openSessions: Pick<OpenSessionsReader, 'guildsIn'>
  leaseCovers(slot: Slot): boolean
  askHere(envelope: CommandEnvelope): Promise<Outcome>
  readonly pace: Pick<RestPace, 'admit'>
}

/** While the list of open classes, or one of them, cannot be read. */
const lookAgainMs = 1_000

export class OpenClasses {
  readonly board: CodeBoard
  readonly discordTime = createDiscordTime()
  readonly #deps: OpenClassesDeps
  /** Edits of this process: what piled up while it stood still must not leave all at once. */
  readonly #edits: RestPace
  /** Slots won in this breath: one query for all of a takeover. */
  #won: Slot[] = []
  #stopped = false

  constructor(deps: OpenClassesDeps, options: { readonly processCount: number }) {
    this.#deps = deps
    this.#edits = new RestPace({ clock: deps.clock }, { requestsPerSecond: editsOfProcess(options.processCount) })
    this.board = new CodeBoard({
      clock: deps.clock,
      log: deps.log,
      now: () => deps.now(),
      discordTime: this.discordTime,
      leaseCovers: (slot) => deps.leaseCovers(slot),
      edit: async (guild, session, shown, signal) => {
        const { channelId, messageId } = session.messages.admin
        const body = adminMessage(deps.textsOf(guild), session, shown)
        try {
          // Its turn among all that this process asks of Discord; given up when a newer code comes before.
          await this.#edits.admit('message', { kind: 'edits', id: channelId }, signal)
          await deps.pace.admit('code', { kind: 'edits', id: channelId }, signal)
          await deps.rest.patch(Routes.channelMessage(channelId, messageId ?? ''), { body, headers: needsLease, signal })
          return 'shown'
        } catch (thrown) {
          if (thrown instanceof DiscordAPIError && thrown.code === RESTJSONErrorCodes.UnknownMessage) return 'gone'
          throw thrown
        }
      },
      lose: (guild, { sessionId }, messageId) =>
        void this.#ask(guild, { feature: 'code-attendance', kind: 'lose-message', sessionId, message: 'admin', messageId }),
    })
  }

  /** Its open classes must come into memory: nobody may ask them before their code changes. */
  onSlotServed(slot: Slot): void {
    this.#won.push(slot)
    if (this.#won.length === 1) this.#deps.clock.after(0, () => void this.#wake(this.#won.splice(0)))
  }

  onDurable(turns: readonly PendingTurn[]): void {
    const seen = new Set<PendingTurn['activation']>()
    for (const { activation, epoch } of turns) {
      if (seen.has(activation) || epoch !== activation.epoch) continue
      seen.add(activation)
      this.board.follow(activation)
    }
  }

  /** What the guild's actor says of its classes. Rejects while it cannot be asked. */
  async read(guildId: GuildId): Promise<Extract<AttendanceReply, { kind: 'attendance' }>> {
    const outcome = await this.#ask(guildId, { feature: 'code-attendance', kind: 'read-attendance', asker: null })
    if (outcome.status === 'answered' && outcome.reply.kind === 'attendance') return outcome.reply
    throw new AppError('actor-unavailable', `the guild ${guildId} cannot be asked about its classes now`, { context: { guildId } })
  }

  stop(): void {
    this.#stopped = true
    this.board.stop()
    this.#edits.stop()
  }

  async #wake(slots: readonly Slot[]): Promise<void> {
    try {
      const guilds = await this.#deps.openSessions.guildsIn(slots)
      const outcomes = await Promise.all(guilds.map((guild) => this.#ask(guild, { feature: 'code-attendance', kind: 'read-attendance', asker: null })))
      const left = outcomes.filter((outcome) => outcome.status === 'refused' && outcome.reason !== 'no-owner')
      if (left.length > 0) this.#lookAgain(slots)
    } catch (thrown) {
      this.#deps.log.warn('open classes could not be found', { error: coerceError(thrown), slots: slots.length })
      this.#lookAgain(slots)
    }
  }

  #lookAgain(slots: readonly Slot[]): void {
    this.#deps.clock.after(lookAgainMs, () => {
      if (!this.#stopped) void this.#wake(slots)
    })
  }

  #ask(guildId: GuildId, command: Command): Promise<Outcome> {
    const op = opId(uuidV7(this.#deps.now(), this.#deps.random(16)))
    return this.#deps.askHere({ guildId, opId: op, command, receivedAt: null, deadlineAt: null })
  }
}
