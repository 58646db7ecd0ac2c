/**
 * `/admin`: settings of voice attendance. Discord shows it to those with Manage Server; that is checked here again,
 * because a server's own overrides may say otherwise.
 */
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionContextType,
  MessageFlags,
  PermissionFlagsBits,
} from 'discord-api-types/v10'
import type { TrackingMode } from '../../actors/protocol/voice-attendance.ts'
import { trackingModes } from '../../actors/protocol/voice-attendance.ts'
import { userId } from '../../kernel/ids.ts'
import { readOptions } from './options.ts'
import { presentRefusal } from './refusals.ts'
import type { CommandContext, MessageAnswer, SlashCommand } from './slash-command.ts'

const meanings: Readonly<Record<TrackingMode, string>> = {
  off: 'no voice time is counted',
  allowlist: 'only listed channels are counted',
  denylist: 'all channels but the listed ones are counted',
  all: 'every voice channel is counted',
}

const ephemeral = (content: string): MessageAnswer => ({
  content,
  flags: MessageFlags.Ephemeral,
  allowed_mentions: { parse: [] },
})

export const admin: SlashCommand = {
  definition: {
    name: 'admin',
    description: 'Settings of voice attendance',
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    default_member_permissions: PermissionFlagsBits.ManageGuild.toString(),
    options: [
      {
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
    ],
  },
  async answer(context) {
    const permissions = BigInt(context.interaction.member?.permissions ?? '0')
    const allowed = permissions & (PermissionFlagsBits.ManageGuild | PermissionFlagsBits.Administrator)
    if (allowed === 0n) {
      return ephemeral('You need the permission "Manage Server" for this. Ask somebody who manages this server.')
    }
    return await setTrackingMode(context)
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
    byUserId: userId(context.interaction.member?.user.id ?? '0'),
  })
  if (outcome.status === 'refused') return presentRefusal(outcome.reason)
  if (outcome.reply.kind !== 'tracking-mode-set') return presentRefusal('rejected')
  // Members who are in voice already are counted from now on, not from their next move.
  context.process.reconcile(context.guildId)
  const { previous } = outcome.reply
  const change = previous === mode ? 'was already' : `is now`
  return ephemeral(`Tracking mode ${change} **${mode}**: ${meanings[mode]}.${previous === mode ? '' : ` It was ${previous}.`}`)
}
