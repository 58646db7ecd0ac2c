/**
 * `/admin`: settings of voice attendance and signing. Discord shows it to those with Manage Server; that is checked here
 * again, because a server's own overrides may say otherwise.
 */
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord-api-types/v10'
import type { TrackingMode } from '../../actors/protocol/voice-settings.ts'
import { trackingModes } from '../../actors/protocol/voice-settings.ts'
import { refuseWithout } from '../interactions/permission.ts'
import { recordSubcommands } from './admin-records.ts'
import { signingSubcommands } from './admin-signing.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import { presentRefusal } from './refusals.ts'
import type { Answer, CommandContext, MessageAnswer, SlashCommand } from './slash-command.ts'

const meanings: Readonly<Record<TrackingMode, string>> = {
  off: 'no voice time is counted',
  allowlist: 'only listed channels are counted',
  denylist: 'all channels but the listed ones are counted',
  all: 'every voice channel is counted',
}

const trackingMode: AdminSubcommand = {
  definition: {
    type: ApplicationCommandOptionType.Subcommand,
    name: 'tracking-mode',
    description: 'Chooses in which voice channels time is counted',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'mode',
        description: 'off, allowlist, denylist or all',
        required: true,
        choices: trackingModes.map((mode) => ({ name: `${mode}: ${meanings[mode]}`, value: mode })),
      },
    ],
  },
  answer: setTrackingMode,
}

const subcommands: readonly AdminSubcommand[] = [trackingMode, ...signingSubcommands, ...recordSubcommands]

export const admin: SlashCommand = {
  definition: {
    name: 'admin',
    description: 'Settings of voice attendance and of signing',
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
    return chosen?.answer(context) ?? ephemeral('This command is not known here any more. Reload Discord (Ctrl+R) to get the current list.')
  },
}

async function setTrackingMode(context: CommandContext): Promise<MessageAnswer> {
  const text = readOptions(context.interaction).text('mode')
  const mode = trackingModes.find((candidate) => candidate === text)
  if (mode === undefined) return ephemeral(`"${text ?? ''}" is not a tracking mode. Choose one of: ${trackingModes.join(', ')}.`)
  const outcome = await context.ask({
    feature: 'voice-attendance',
    kind: 'set-tracking-mode',
    mode,
    byUserId: context.byUserId,
  })
  if (outcome.status === 'refused') return presentRefusal(outcome.reason)
  if (outcome.reply.kind !== 'tracking-mode-set') return presentRefusal('rejected')
  // Members who are in voice already are counted from now on, not from their next move.
  context.process.reconcile(context.guildId)
  const { previous } = outcome.reply
  const change = previous === mode ? 'was already' : `is now`
  return ephemeral(`Tracking mode ${change} **${mode}**: ${meanings[mode]}.${previous === mode ? '' : ` It was ${previous}.`}`)
}
