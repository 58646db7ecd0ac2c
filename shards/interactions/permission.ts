/**
 * Whether a member may do something, by what Discord sends with the interaction: a server's own overrides can show a
 * command to members without the permission that its definition asks for.
 */
import type { APIInteraction } from 'discord-api-types/v10'
import { MessageFlags, PermissionFlagsBits } from 'discord-api-types/v10'
import type { MessageAnswer } from '../commands/slash-command.ts'

const names = new Map<bigint, string>([[PermissionFlagsBits.ManageGuild, 'Manage Server']])

/** What the member is told, or null when they may. */
export function refuseWithout(permission: bigint, interaction: APIInteraction): MessageAnswer | null {
  const has = BigInt(interaction.member?.permissions ?? '0')
  if ((has & (permission | PermissionFlagsBits.Administrator)) !== 0n) return null
  const name = names.get(permission) ?? 'to do so'
  return {
    content: `You need the permission "${name}" for this. Ask somebody who manages this server.`,
    flags: MessageFlags.Ephemeral,
    allowed_mentions: { parse: [] },
  }
}
