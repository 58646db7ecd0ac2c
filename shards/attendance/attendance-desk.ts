/**
 * What commands of code attendance need beside the guild's actor: rows of closed sessions, students by name, the export,
 * the cluster's budget of edits, who is in voice, and Discord's clock.
 */
import type { AttendanceDefaults } from '../../actors/protocol/attendance-settings.ts'
import type { ReadAttendanceFacts } from '../../actors/protocol/attendance-facts.ts'
import type { AttendanceExport, AttendanceReport, OpenSessionsReader, StudentFinder } from '../../actors/protocol/attendance-reads.ts'
import type { AdvisoryLock } from '../../actors/runtime/ports.ts'
import type { ChannelId, GuildId, UserId } from '../../kernel/ids.ts'
import type { DiscordTime } from './discord-time.ts'
import { planOpening } from './edit-budget.ts'
import type { OpeningPlan } from './edit-budget.ts'

export interface AttendanceStores {
  readonly readFacts: ReadAttendanceFacts
  readonly students: StudentFinder
  readonly export: AttendanceExport
  readonly report: AttendanceReport
  readonly openSessions: OpenSessionsReader
}

export interface AttendanceDesk extends Pick<AttendanceStores, 'readFacts' | 'students' | 'export' | 'report'> {
  readonly defaults: AttendanceDefaults
  readonly publicUrl: string
  readonly discordTime: DiscordTime
  /** How far the guild's chain of records has come; null: no record yet. */
  chainHead(guildId: GuildId): Promise<{ readonly sequence: number; readonly hash: string } | null>
  /** null: in none, or this process does not hear the guild. */
  voiceChannelOf(guildId: GuildId, userId: UserId): ChannelId | null
  /** Opens one class after the other: each sees what those before have taken of the edits. */
  plan<Opened>(wanted: { readonly intervalMs: number; readonly openedAt: number }, open: (plan: OpeningPlan) => Promise<Opened>): Promise<Opened>
}

export interface AttendanceDeskDeps {
  readonly stores: AttendanceStores
  readonly lock: AdvisoryLock
  readonly discordTime: DiscordTime
  chainHead(guildId: GuildId): Promise<{ readonly sequence: number; readonly hash: string } | null>
  voiceChannelOf(guildId: GuildId, userId: UserId): ChannelId | null
}

/** A lock that saves edits, nothing else: past this the class opens beside another. */
const planLockWaitMs = 1_000

export function createAttendanceDesk(
  deps: AttendanceDeskDeps,
  options: { readonly defaults: AttendanceDefaults; readonly publicUrl: string },
): AttendanceDesk {
  const { stores, lock } = deps
  return {
    readFacts: stores.readFacts,
    students: stores.students,
    export: stores.export,
    report: stores.report,
    defaults: options.defaults,
    publicUrl: options.publicUrl,
    discordTime: deps.discordTime,
    chainHead: (guildId) => deps.chainHead(guildId),
    voiceChannelOf: (guildId, userId) => deps.voiceChannelOf(guildId, userId),
    plan: (wanted, open) =>
      lock.withLock({ resource: 'code-edits', waitMs: planLockWaitMs }, async () =>
        open(planOpening(await stores.openSessions.rotations(), wanted)),
      ),
  }
}
