/**
 * What is asked of a guild's actor, and how the answer comes back.
 *
 * A command is plain JSON: it crosses processes through Redis. Its features give the unions below their members; the
 * runtime itself reads nothing but `feature` and `kind`. Adding a feature adds one line to each union.
 */
import type { GuildId, OpId } from '../../kernel/ids.ts'
import type { AttendanceCommand, AttendanceReply } from './attendance.ts'
import type { SettleEffectCommand } from './effect.ts'
import type { RolePanelsCommand, RolePanelsReply } from './role-panels.ts'
import type { SigningCommand, SigningReply } from './signing.ts'
import type { VoiceAttendanceCommand, VoiceAttendanceReply } from './voice-attendance.ts'

export type Command =
  | VoiceAttendanceCommand
  | AttendanceCommand
  | RolePanelsCommand
  | SigningCommand
  | SettleEffectCommand
export type Reply =
  | VoiceAttendanceReply
  | AttendanceReply
  | RolePanelsReply
  | SigningReply
  | { readonly kind: 'effect-settled' }

/** One request as the runtime carries it. Times are Unix milliseconds by the database's clock. */
export interface CommandEnvelope {
  readonly guildId: GuildId
  readonly opId: OpId
  readonly command: Command
  /** When it reached us, or null: then it counts when its owner took it in. A gateway event is dated at its receipt. */
  readonly receivedAt: number | null
  /** Past this instant nobody waits for it any more and it is dropped unprocessed; null for gateway events. */
  readonly deadlineAt: number | null
}

/** Why the runtime itself (not a feature) says no. Each is a bound reached or an owner lost; all may be retried. */
export type RefusalReason =
  | 'inbox-full' // the slot's inbox has its bound of entries
  | 'mailbox-full' // the guild's mailbox has its bound of commands
  | 'batch-full' // the lane has its bound of undurable events
  | 'expired' // the deadline passed, or the op id is older than results are kept
  | 'busy' // an answer from memory could not be proven current in time
  | 'no-owner' // the slot is changing hands and the bound of waiting commands is reached
  | 'rejected' // the command failed three times and was journaled as rejected
  | 'stopping' // this process drains
  | 'unanswered' // no answer came in time: done or not, the same op id asked again will tell

/** The answer to one command. `answered` may have changed something, `unanswered` too; the others did not. */
export type Outcome =
  | { readonly status: 'answered'; readonly reply: Reply }
  | { readonly status: 'refused'; readonly reason: RefusalReason }
