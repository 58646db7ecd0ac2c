/**
 * `/admin`: settings of voice attendance and signing. Discord shows it to those with Manage Server; that is checked here
 * again, because a server's own overrides may say otherwise.
 */
import { ApplicationCommandType, InteractionContextType, PermissionFlagsBits } from 'discord-api-types/v10'
import { refuseWithout } from '../interactions/permission.ts'
import { textsForInteraction } from '../texts/choose-texts.ts'
import { wordsOf } from '../texts/command-words.ts'
import { eraseRecordsSubcommand } from './admin-erase-records.ts'
import { fairnessSubcommand } from './admin-fairness.ts'
import { logChannelSubcommand } from './admin-log-channel.ts'
import { periodsSubcommand } from './admin-periods.ts'
import { recordSubcommands } from './admin-records.ts'
import { resetNowSubcommand } from './admin-reset-now.ts'
import { signingSubcommands } from './admin-signing.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { trackChannelSubcommand } from './admin-track-channel.ts'
import { trackingModeSubcommand } from './admin-tracking-mode.ts'
import { verifiedRoleSubcommand } from './admin-verified-role.ts'
import { webhookSubcommand } from './admin-webhook.ts'
import { webhookSecretSubcommand } from './admin-webhook-secret.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { Answer, SlashCommand } from './slash-command.ts'

const subcommands: readonly AdminSubcommand[] = [
  trackingModeSubcommand,
  trackChannelSubcommand,
  fairnessSubcommand,
  periodsSubcommand,
  resetNowSubcommand,
  logChannelSubcommand,
  verifiedRoleSubcommand,
  webhookSubcommand,
  webhookSecretSubcommand,
  ...signingSubcommands,
  ...recordSubcommands,
  eraseRecordsSubcommand,
]

export const admin: SlashCommand = {
  definition: {
    ...wordsOf('admin'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    default_member_permissions: PermissionFlagsBits.ManageGuild.toString(),
    options: subcommands.map(({ definition }) => definition),
  },
  answer(context): Answer {
    const refusal = refuseWithout(PermissionFlagsBits.ManageGuild, context.interaction)
    if (refusal !== null) return refusal
    const { subcommand } = readOptions(context.interaction)
    const chosen = subcommands.find(({ definition }) => definition.name === subcommand)
    return chosen?.answer(context) ?? ephemeral(textsForInteraction(context.interaction).goneCommand)
  },
}
