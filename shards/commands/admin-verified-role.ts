/**
 * `/admin verified-role`: a role for counted time, in the current or the last period. Pro.
 */
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import type { VoiceSettings } from '../../actors/protocol/voice-settings.ts'
import { roleWindows } from '../../actors/protocol/voice-settings.ts'
import { roleId } from '../../kernel/ids.ts'
import { choiceOf, wordsOf } from '../texts/command-words.ts'
import { sayFailure } from '../texts/effect-failure.ts'
import { english } from '../texts/english.ts'
import { german } from '../texts/german.ts'
import type { Texts } from '../texts/texts.ts'
import { askVoice, changeAndShow, showSettings, wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { CommandContext, MessageAnswer } from './slash-command.ts'

/** A leap year of counted time. */
const minutesMax = 527_040

export const verifiedRoleSubcommand: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.verified-role'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      {
        ...wordsOf('admin.verified-role.action'),
        type: ApplicationCommandOptionType.String,
        required: true,
        choices: [
          choiceOf('add', { english: 'add', german: 'hinzufügen' }),
          choiceOf('remove', { english: 'remove', german: 'entfernen' }),
          choiceOf('list', { english: 'list', german: 'auflisten' }),
        ],
      },
      { ...wordsOf('admin.verified-role.role'), type: ApplicationCommandOptionType.Role },
      { ...wordsOf('admin.verified-role.minutes'), type: ApplicationCommandOptionType.Integer, min_value: 1, max_value: minutesMax },
      {
        ...wordsOf('admin.verified-role.within'),
        type: ApplicationCommandOptionType.String,
        choices: roleWindows.map((one) => choiceOf(one, { english: english.windows[one], german: german.windows[one] })),
      },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const options = readOptions(context.interaction)
    const action = options.text('action')
    if (action === 'list') return await showSettings(context, (settings) => describeRoles(texts, settings))
    const role = options.text('role')
    if (action !== 'add' && action !== 'remove') return ephemeral(texts.unknownChoice(action ?? '', 'add, remove, list'))
    if (role === null) return ephemeral(texts.roleNeeded)
    return action === 'add' ? await add(context, role) : await remove(context, role)
  },
}

async function add(context: CommandContext, role: string): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const options = readOptions(context.interaction)
  const minutes = options.integer('minutes')
  if (minutes === null || minutes < 1) return ephemeral(texts.roleMinimumNeeded)
  const known = context.interaction.data.resolved?.roles?.[role]
  if (role === context.guildId || known?.managed === true) return ephemeral(texts.roleNotGivable)
  const within = roleWindows.find((one) => one === options.text('within')) ?? 'current'
  const { byUserId, voice } = context
  return await changeAndShow(
    context,
    {
      feature: 'voice-attendance',
      kind: 'add-verified-role',
      roleId: roleId(role),
      role: { minimumSeconds: Math.min(minutes, minutesMax) * 60, within },
      defaultTier: voice.defaultTier,
      byUserId,
    },
    () => texts.roleSet(role, minutes, within),
  )
}

async function remove(context: CommandContext, role: string): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const removed = await askVoice(context, {
    command: { feature: 'voice-attendance', kind: 'remove-verified-role', roleId: roleId(role), byUserId: context.byUserId },
    wanted: 'setting-set',
  })
  if ('refusal' in removed) return removed.refusal
  return ephemeral(removed.reply.changed ? texts.roleRemoved(role) : texts.roleNotSet(role))
}

function describeRoles(texts: Texts, { verifiedRoles }: VoiceSettings): string {
  const lines = Object.entries(verifiedRoles).map(
    ([role, { minimumSeconds, within, holders, failure }]) =>
      texts.roleSet(role, Math.round(minimumSeconds / 60), within) + texts.roleHolders(holders) + (failure === null ? '' : texts.logFailure(sayFailure(texts, failure))),
  )
  return lines.length === 0 ? texts.rolesNone : lines.join('\n')
}
