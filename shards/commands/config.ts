/**
 * `/config audit-channel|show`: settings that belong to no feature alone, and all of them at a glance. Administrators.
 */
import type { APIEmbedField } from 'discord-api-types/v10'
import { ApplicationCommandOptionType, ApplicationCommandType, ChannelType, InteractionContextType, MessageFlags, PermissionFlagsBits } from 'discord-api-types/v10'
import type { PanelConfig } from '../../actors/protocol/role-panels.ts'
import type { SigningStatus } from '../../actors/protocol/signing.ts'
import type { VoiceSettings } from '../../actors/protocol/voice-settings.ts'
import type { ChannelId } from '../../kernel/ids.ts'
import { truncateText } from '../../kernel/text.ts'
import { refuseWithout } from '../interactions/permission.ts'
import { askPanels, wordsFor } from '../panels/ask-panels.ts'
import { missingToPost } from '../panels/guild-facts.ts'
import { nameOf } from '../panels/post-panel.ts'
import { wordsOf } from '../texts/command-words.ts'
import { formatInstant } from '../texts/duration.ts'
import { sayFailure } from '../texts/effect-failure.ts'
import type { Texts } from '../texts/texts.ts'
import { askVoice } from '../voice/ask-voice.ts'
import { accentColor } from '../voice/board-message.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import { presentRefusal } from './refusals.ts'
import type { Answer, CommandContext, MessageAnswer, SlashCommand } from './slash-command.ts'

const fieldLengthMax = 1_024

export const config: SlashCommand = {
  definition: {
    ...wordsOf('config'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    default_member_permissions: PermissionFlagsBits.Administrator.toString(),
    options: [
      {
        ...wordsOf('config.audit-channel'),
        type: ApplicationCommandOptionType.Subcommand,
        options: [
          {
            ...wordsOf('config.audit-channel.channel'),
            type: ApplicationCommandOptionType.Channel,
            channel_types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
          },
        ],
      },
      { ...wordsOf('config.show'), type: ApplicationCommandOptionType.Subcommand },
    ],
  },
  answer(context): Answer {
    const refusal = refuseWithout(PermissionFlagsBits.Administrator, context.interaction)
    if (refusal !== null) return refusal
    const options = readOptions(context.interaction)
    if (options.subcommand === 'audit-channel') return setAuditChannel(context, options.text('channel') as ChannelId | null)
    return options.subcommand === 'show' ? show(context) : ephemeral(wordsFor(context).goneCommand)
  },
}

/** The permission to send there is looked at now; what becomes of it later `/config show` tells. */
async function setAuditChannel(context: CommandContext, channelId: ChannelId | null): Promise<MessageAnswer> {
  const { panels } = wordsFor(context)
  const { byUserId, guildId } = context
  if (channelId !== null) {
    const facts = context.panels.facts(guildId)
    const channel = facts?.channel(channelId) ?? null
    if (facts === null) return ephemeral(panels.guildUnknown)
    if (channel === null) return ephemeral(panels.channelGone)
    const missing = missingToPost(channel)
    if (missing.length > 0) return ephemeral(panels.auditClosed(`<#${channelId}>`, missing.map(nameOf).join(', ')))
  }
  const asked = await askPanels(context, { command: { feature: 'role-panels', kind: 'set-audit-channel', byUserId, channelId }, wanted: 'panel-set' })
  if ('refusal' in asked) return asked.refusal
  return ephemeral(channelId === null ? panels.auditOff : panels.auditSet(`<#${channelId}>`))
}

async function show(context: CommandContext): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const panels = await askPanels(context, { command: { feature: 'role-panels', kind: 'read-panel-config' }, wanted: 'panel-config', step: 'panels' })
  if ('refusal' in panels) return panels.refusal
  const voice = await askVoice(context, { command: { feature: 'voice-attendance', kind: 'read-settings' }, wanted: 'voice-settings', step: 'voice' })
  if ('refusal' in voice) return voice.refusal
  const signing = await context.ask({ feature: 'signing', kind: 'read-signing' }, 'signing')
  if (signing.status === 'refused') return presentRefusal(signing.reason, texts)
  const fields = [
    ...panelFields(texts, panels.reply.config),
    ...voiceFields(texts, voice.reply.settings, context.voice.defaultTier),
    ...(signing.reply.kind === 'signing' ? [signingField(texts, signing.reply)] : []),
  ]
  return {
    flags: MessageFlags.Ephemeral,
    allowed_mentions: { parse: [] },
    embeds: [{ title: texts.panels.configTitle, color: accentColor, fields: fields.map(({ name, value }) => ({ name, value: truncateText(value, fieldLengthMax) })) }],
  }
}

function panelFields(texts: Texts, { auditChannelId, auditFailure, auditDropped, panels, temporaryRoles, changesOnTheirWay }: PanelConfig): APIEmbedField[] {
  const words = texts.panels
  const channel = `<#${auditChannelId ?? ''}>`
  const audit = auditFailure === null ? channel : words.configAuditFailed(channel, sayFailure(texts, auditFailure))
  const dropped = auditDropped === 0 ? '' : words.configAuditDropped(auditDropped)
  return [
    { name: words.configAudit, value: auditChannelId === null ? words.configAuditNone : `${audit}${dropped}` },
    { name: words.configPanels, value: words.configPanelsLine(panels, temporaryRoles, changesOnTheirWay) },
  ]
}

function voiceFields(texts: Texts, settings: VoiceSettings, defaultTier: string): APIEmbedField[] {
  const { panels } = texts
  const { fairness, logs, verifiedRoles, webhook, tier } = settings
  const list = (items: readonly string[]): string => (items.length === 0 ? panels.none : items.join('\n'))
  const rules = (Object.keys(texts.fairnessRules) as (keyof Texts['fairnessRules'])[]).filter((rule) => fairness[rule]).map((rule) => texts.fairnessRules[rule])
  const roles = Object.entries(verifiedRoles).map(([role, { minimumSeconds, within }]) => texts.roleSet(role, Math.round(minimumSeconds / 60), within))
  const channels = settings.trackedChannels.map((channel) => `<#${channel}>`).join(' ')
  return [
    { name: panels.configTracking, value: `${texts.modes[settings.trackingMode]}${channels === '' ? '' : `: ${channels}`}` },
    { name: panels.configFairness, value: [`${texts.pausedWhile}: ${rules.length === 0 ? texts.nothingPauses : rules.join(', ')}.`, texts.minimumMembers(fairness.minimumMembers), texts.minimumSeconds(fairness.minimumSeconds)].join('\n') },
    { name: panels.configPeriods, value: `${texts.schedule(settings.schedule)}\n${texts.nextBoundary(formatInstant(settings.nextBoundaryAt))}` },
    { name: panels.configLogs, value: list(Object.entries(logs).map(([channel, { events, failure }]) => `<#${channel}>: ${events.map((event) => texts.logEvents[event]).join(', ')}${failure === undefined ? '' : texts.logFailure(sayFailure(texts, failure))}`)) },
    { name: panels.configVerifiedRoles, value: list(roles) },
    { name: panels.configWebhook, value: webhook === null ? panels.none : `${webhook.url}: ${webhook.events.join(', ')}` },
    { name: panels.configBoards, value: settings.publicBoards ? panels.on : panels.off },
    { name: panels.configTier, value: tier ?? panels.configTierDefault(defaultTier) },
  ]
}

function signingField({ panels }: Texts, { key, isLocked }: SigningStatus): APIEmbedField {
  return { name: panels.configSigning, value: key === null ? panels.configSigningNone : panels.configSigningKey(key.keyId.slice(0, 8), key.mode, isLocked) }
}
