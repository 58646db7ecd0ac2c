/**
 * Whether a member may do something, by what Discord sends with the interaction: a server's own overrides can show a
 * command to members without the permission that its definition asks for.
 */
import type { APIInteraction } from 'discord-api-types/v10'
import { MessageFlags, PermissionFlagsBits } from 'discord-api-types/v10'
import type { MessageAnswer } from '../commands/slash-command.ts'
import { textsForInteraction } from '../texts/choose-texts.ts'
import type { Texts } from '../texts/texts.ts'

/** What the member is told, or null when they may. */
export function refuseWithout(permission: bigint, interaction: APIInteraction): MessageAnswer | null {
  const has = BigInt(interaction.member?.permissions ?? '0')
  if ((has & (permission | PermissionFlagsBits.Administrator)) !== 0n) return null
  return {
    content: sentenceOf(textsForInteraction(interaction), permission),
    flags: MessageFlags.Ephemeral,
    allowed_mentions: { parse: [] },
  }
}

function sentenceOf(texts: Texts, permission: bigint): string {
  if (permission === PermissionFlagsBits.ManageRoles) return texts.panels.needsManageRoles
  return permission === PermissionFlagsBits.Administrator ? texts.panels.needsAdministrator : texts.needsManageServer
}
