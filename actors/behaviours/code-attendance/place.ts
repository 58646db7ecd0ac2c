/**
 * Settings as they hold, and who may ask for what where.
 */
import type { AttendanceRefusal, AttendanceReply, CodeAttendanceState } from '../../protocol/attendance.ts'
import type { AttendanceAsker, AttendanceSettings, EffectiveSettings } from '../../protocol/attendance-settings.ts'
import type { ChannelId } from '../../../kernel/ids.ts'

export type Refused = Extract<AttendanceReply, { kind: 'attendance-refused' }>

export function refusal(reason: AttendanceRefusal, more: { readonly channelId?: ChannelId; readonly seconds?: number } = {}): Refused {
  return { kind: 'attendance-refused', reason, ...more }
}

export function effectiveSettings(set: AttendanceSettings, { defaults, guildTimeZone }: Pick<AttendanceAsker, 'defaults' | 'guildTimeZone'>): EffectiveSettings {
  return {
    ...set,
    adminChannelId: set.adminChannelId ?? defaults.adminChannelId,
    attendanceChannelId: set.attendanceChannelId ?? defaults.attendanceChannelId,
    intervalSeconds: set.intervalSeconds ?? defaults.intervalSeconds,
    codeLength: set.codeLength ?? defaults.codeLength,
    timeZone: set.timeZone ?? guildTimeZone,
  }
}

/** Without somebody who asks: what an installation says is not known here. */
export const noAsker: Pick<AttendanceAsker, 'defaults' | 'guildTimeZone'> = {
  defaults: { adminChannelId: null, attendanceChannelId: null, intervalSeconds: 15, codeLength: 4 },
  guildTimeZone: 'UTC',
}

export function isStaff(settings: AttendanceSettings, asker: AttendanceAsker): boolean {
  return asker.isManager || (settings.staffRoleId !== null && asker.roleIds.includes(settings.staffRoleId))
}

/** Staff, in the admin channel; null: they may. */
export function refuseStaff(state: Readonly<CodeAttendanceState>, asker: AttendanceAsker): Refused | null {
  const settings = effectiveSettings(state.settings, asker)
  if (!isStaff(settings, asker)) return refusal('not-staff')
  return refuseElsewhere(settings, settings.adminChannelId, asker)
}

/** Members, in the attendance channel; null: they may. */
export function refuseMember(state: Readonly<CodeAttendanceState>, asker: AttendanceAsker): Refused | null {
  const settings = effectiveSettings(state.settings, asker)
  return refuseElsewhere(settings, settings.attendanceChannelId, asker)
}

function refuseElsewhere(settings: EffectiveSettings, channelId: ChannelId | null, asker: AttendanceAsker): Refused | null {
  if (settings.adminChannelId === null || settings.attendanceChannelId === null || channelId === null) return refusal('not-set-up')
  return asker.channelId === channelId ? null : refusal('wrong-channel', { channelId })
}
