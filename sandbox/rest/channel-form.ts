/**
 * The fields of a guild channel as a request gives them, brought to what this kind of channel has.
 *
 * What does not fit the kind is ignored, as Discord ignores it. Names of text channels are lower case with dashes.
 */
import type { APIOverwrite, OverwriteType } from 'discord-api-types/v10'
import { ChannelType, PermissionFlagsBits } from 'discord-api-types/v10'
import type { ChannelPatch } from '../world/channels.ts'
import { allPermissions } from '../world/permissions.ts'
import type { GuildState } from '../world/state.ts'
import { requireBits } from './access.ts'
import { refuseField } from './form-errors.ts'
import type { RouteCall } from './route.ts'

interface OverwriteInput {
  readonly id: string
  readonly type?: OverwriteType | null
  readonly allow?: string | number | null
  readonly deny?: string | number | null
}

interface ChannelForm extends Omit<ChannelPatch, 'permission_overwrites'> {
  permission_overwrites?: readonly OverwriteInput[] | null
}

const { ManageRoles } = PermissionFlagsBits
const textKeys = ['topic', 'nsfw', 'rate_limit_per_user'] as const
const voiceKeys = ['nsfw', 'rate_limit_per_user', 'bitrate', 'user_limit', 'rtc_region'] as const
/** Without boosts. */
const bitrateMax = 96_000
const topicMax = 1_024

export function readChannelPatch(
  call: RouteCall,
  at: { kind: ChannelType; guild: GuildState; permissions: bigint },
): ChannelPatch {
  const form = call.body as ChannelForm
  const isText = at.kind === ChannelType.GuildText || at.kind === ChannelType.GuildAnnouncement
  const isVoice = at.kind === ChannelType.GuildVoice || at.kind === ChannelType.GuildStageVoice
  const patch: Record<string, unknown> = {}
  for (const key of isText ? textKeys : isVoice ? voiceKeys : []) {
    const value = form[key]
    if (value !== undefined && (value !== null || key === 'topic' || key === 'rtc_region')) patch[key] = value
  }
  if (isVoice && (form.bitrate ?? 0) > bitrateMax) {
    throw refuseField(['bitrate'], 'NUMBER_TYPE_MAX', `int value should be less than or equal to ${bitrateMax}.`)
  }
  if (isText && (form.topic?.length ?? 0) > topicMax) {
    throw refuseField(['topic'], 'BASE_TYPE_MAX_LENGTH', `Must be ${topicMax} or fewer in length.`)
  }
  if (typeof form.name === 'string') patch['name'] = isText ? asTextName(form.name) : form.name.trim()
  if (typeof form.position === 'number') patch['position'] = form.position
  if (form.parent_id !== undefined && at.kind !== ChannelType.GuildCategory) {
    requireCategory(at.guild, form.parent_id)
    patch['parent_id'] = form.parent_id
  }
  if (form.permission_overwrites) {
    requireBits(at.permissions, ManageRoles)
    patch['permission_overwrites'] = readOverwrites(form.permission_overwrites, at.permissions, at.guild)
  }
  return patch
}

/** Overwrites in their stored form. Only what the giver has can be given or denied. */
export function readOverwrites(
  given: readonly OverwriteInput[],
  permissions: bigint,
  guild?: GuildState,
): APIOverwrite[] {
  return given.map(({ id, type, allow, deny }) => {
    // Discord finds the kind out by itself when it is not said: a role of the guild, or else a member.
    const kind = type ?? (guild?.roles.has(id) === true ? 0 : 1)
    const [allowed, denied] = [BigInt(allow ?? 0), BigInt(deny ?? 0)]
    if (permissions !== allPermissions) requireBits(permissions, (allowed | denied) & allPermissions)
    return { id, type: kind, allow: String(allowed), deny: String(denied) }
  })
}

function requireCategory(guild: GuildState, parentId: string | null): void {
  if (parentId === null || guild.channels.get(parentId)?.type === ChannelType.GuildCategory) return
  throw refuseField(['parent_id'], 'CHANNEL_PARENT_INVALID', 'Category does not exist')
}

function asTextName(name: string): string {
  return name.trim().toLowerCase().replaceAll(/\s+/g, '-')
}
