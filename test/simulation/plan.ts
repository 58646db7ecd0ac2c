/**
 * The schedule of one seed as data: what goes wrong when, and what is asked when. Drawn before the run begins, so that a
 * failing schedule can be printed and shrunk: each line of it may be taken out.
 */
import type { GuildId, Slot } from '../../kernel/ids.ts'
import type { AttendanceCommand } from '../../actors/protocol/attendance.ts'
import type { VoiceAttendanceCommand } from '../../actors/protocol/voice-attendance.ts'
import type { LedgerCommand } from './ledger.ts'
import type { Weather } from './fate.ts'
import type { ServerName } from './server.ts'

/** Index of an actor process, or of an API process after them. */
export type ProcessIndex = number

export type Fault =
  /** All memory gone; `isSeen`: the manager tells the survivors at once. */
  | { readonly kind: 'crash'; readonly atMs: number; readonly process: ProcessIndex; readonly downMs: number; readonly isSeen: boolean }
  /** SIGSTOP and SIGCONT; a short one is a slow event loop. */
  | { readonly kind: 'pause'; readonly atMs: number; readonly process: ProcessIndex; readonly forMs: number }
  /** SIGTERM: drains and ends. */
  | { readonly kind: 'stop'; readonly atMs: number; readonly process: ProcessIndex; readonly downMs: number }
  | { readonly kind: 'outage'; readonly atMs: number; readonly server: ServerName; readonly forMs: number; readonly isEmptied: boolean }
  | { readonly kind: 'cut-off'; readonly atMs: number; readonly server: ServerName; readonly process: ProcessIndex; readonly forMs: number }
  | { readonly kind: 'flush'; readonly atMs: number }
  | { readonly kind: 'early-expiry'; readonly atMs: number; readonly process: ProcessIndex }
  | { readonly kind: 'clock-step'; readonly atMs: number; readonly machine: ProcessIndex | ServerName; readonly byMs: number }
  /** The newest snapshot of a guild is no longer what was signed. */
  | { readonly kind: 'spoil-snapshot'; readonly atMs: number; readonly guildId: GuildId }
  /** Another process wants the slot for good. */
  | { readonly kind: 'handoff'; readonly atMs: number; readonly process: ProcessIndex; readonly slot: Slot }
  /** Waits for the next such operation of the process and strikes there. */
  | {
      readonly kind: 'aimed'
      readonly atMs: number
      readonly process: ProcessIndex
      readonly operation: string
      readonly strike: AimedStrike
      readonly forMs: number
    }

export type AimedStrike =
  | 'lose-request'
  | 'lose-answer'
  | 'run-later'
  | 'delay'
  | 'crash-sent'
  /** Dies as it sends, is seen to die, and the statement runs all the same while its slots are being taken. */
  | 'crash-late'
  | 'crash-done'
  | 'pause-sent'
  | 'pause-done'

export type Action =
  | {
      readonly kind: 'ask'
      readonly atMs: number
      readonly via: ProcessIndex
      readonly guildId: GuildId
      readonly command: LedgerCommand | { readonly kind: 'track-all' } | { readonly kind: 'read-board' } | { readonly kind: 'voice'; readonly asks: VoiceAttendanceCommand | AttendanceCommand }
      readonly deadlineMs: number | null
      /** Asked again under the same op id, elsewhere and at the same time. */
      readonly isDoubled: boolean
    }
  /** A dispatch of the gateway, heard by whichever process holds the guild's shard. */
  | {
      readonly kind: 'dispatch'
      readonly atMs: number
      readonly guildId: GuildId
      readonly what: DispatchedEvent
      /** Sent once more soon after, as a RESUME does. */
      readonly isReplayed: boolean
    }

export type DispatchedEvent =
  | { readonly kind: 'note'; readonly value: string }
  | { readonly kind: 'voice'; readonly user: number; readonly channel: number | null; readonly isMuted: boolean }
  /** What a shard process tells of itself: nobody watched, or who is in voice now. */
  | { readonly kind: 'voice-told'; readonly tells: VoiceAttendanceCommand }

export type RescalePhase = 'waiting' | 'prepare' | 'switch' | 'retire' | 'aborting' | 'undoing' | 'done'

/** A change of topology while everything else goes on: a second generation of processes, and a manager that may die. */
export interface RescalePlan {
  readonly atMs: number
  /** Processes of the new generation; all others are of the old one. */
  readonly processes: readonly ProcessIndex[]
  /** Processes take their slots one after the other; else all at once. */
  readonly isOneByOne: boolean
  /** Somebody gives up so long after the phase began. */
  readonly abort: { readonly phase: 'prepare' | 'switch'; readonly afterMs: number } | null
  /** After an abort it is tried again, as another generation. */
  readonly isTriedAgain: boolean
  /** The manager dies so long after it entered the phase, and its next life goes on or back. */
  readonly deaths: readonly { readonly phase: RescalePhase; readonly afterMs: number; readonly downMs: number; readonly nextLife: 'on' | 'back' }[]
}

export interface Plan {
  readonly seed: number
  readonly actorProcesses: number
  readonly apiProcesses: number
  readonly guilds: readonly GuildId[]
  readonly slots: readonly Slot[]
  readonly weather: Weather
  /** Faults end here; load may go on a little. */
  readonly horizonMs: number
  readonly faults: readonly Fault[]
  readonly actions: readonly Action[]
  readonly rescale: RescalePlan | null
  /** How long the gateway's events take to each process, ms. */
  readonly feedLagMs: readonly number[]
  /** Changes of voice that a process holds for one slot. */
  readonly heldChangesMax: number
}

/** Processes of the same generation as this one. */
export function generationOf(plan: Pick<Plan, 'actorProcesses' | 'rescale'>, process: ProcessIndex): readonly ProcessIndex[] {
  const later = plan.rescale?.processes ?? []
  if (later.includes(process)) return later
  return Array.from({ length: plan.actorProcesses }, (_, index) => index).filter((index) => !later.includes(index))
}

/** Slots whose shard this process hears, when all of its generation live. */
export function homeSlots(plan: Plan, process: ProcessIndex): readonly Slot[] {
  const generation = generationOf(plan, process)
  return plan.slots.filter((_, index) => generation[index % generation.length] === process)
}
