/**
 * `/panel diagnose`: everything that keeps panels from working, each with the exact permission or position, and the fix.
 */
import { MessageFlags } from 'discord-api-types/v10'
import type { Panel, PanelRole } from '../../actors/protocol/role-panel.ts'
import type { PanelWithSeats } from '../../actors/protocol/role-panels.ts'
import type { UserId } from '../../kernel/ids.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import { sayFailure } from '../texts/effect-failure.ts'
import type { Texts } from '../texts/texts.ts'
import { accentColor } from '../voice/board-message.ts'
import type { PanelAsking } from './ask-panels.ts'
import { askPanels, readPanel, wordsFor } from './ask-panels.ts'
import { listDangers } from './edit-views.ts'
import type { GuildFacts } from './guild-facts.ts'
import { botObstacle, dangersOf, missingToPost } from './guild-facts.ts'
import { nameOf } from './post-panel.ts'

const descriptionLengthMax = 4_000
/** Members looked at in one diagnosis: Discord tells thirty in ten seconds. */
const holdersLookedAtMax = 50

/** `panelId` null: all of them. */
export async function diagnose(context: PanelAsking, panelId: string | null): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const facts = context.panels.facts(context.guildId)
  if (facts === null) return ephemeral(texts.panels.guildUnknown)
  const listed = panelId === null ? await listIds(context) : [panelId]
  if (!Array.isArray(listed)) return listed as MessageAnswer
  const findings: string[] = []
  let looks = holdersLookedAtMax
  for (const id of listed as readonly string[]) {
    const found = await readPanel(context, id)
    if ('refusal' in found) return found.refusal
    findings.push(...diagnosePanel(texts, facts, found.panel))
    for (const entry of found.panel.roles) {
      const holders = found.panel.holders[entry.roleId] ?? []
      if (entry.seats === null || holders.length === 0 || holders.length > looks) continue
      looks -= holders.length
      findings.push(...(await compareSeats(context, { panel: found.panel, entry, holders })))
    }
  }
  return present(texts, findings)
}

async function listIds(context: PanelAsking): Promise<readonly string[] | MessageAnswer> {
  const asked = await askPanels(context, { command: { feature: 'role-panels', kind: 'list-panels' }, wanted: 'panels', step: 'list' })
  return 'refusal' in asked ? asked.refusal : asked.reply.panels.map(({ panelId }) => panelId)
}

function present(texts: Texts, findings: readonly string[]): MessageAnswer {
  const { panels } = texts
  const shown: string[] = []
  let length = 0
  for (const finding of findings) {
    length += finding.length + 1
    if (length > descriptionLengthMax) break
    shown.push(finding)
  }
  const more = findings.length - shown.length
  const description = findings.length === 0 ? panels.diagnoseFine : [...shown, ...(more === 0 ? [] : [panels.diagnoseMore(more)])].join('\n')
  return { flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] }, embeds: [{ title: panels.diagnoseTitle, color: accentColor, description }] }
}

/** What can be said from what Discord has told already. */
export function diagnosePanel(texts: Texts, facts: GuildFacts, panel: Panel): readonly string[] {
  const { panels } = texts
  const lines = panel.roles.flatMap((entry) => {
    const why = diagnoseRole(texts, facts, entry)
    return why === null ? [] : [panels.diagnoseRole(panel.name, `<@&${entry.roleId}>`, why)]
  })
  if (panel.target !== null) {
    const channel = facts.channel(panel.target)
    const missing = channel === null ? [] : missingToPost(channel)
    if (channel === null) lines.push(panels.diagnoseChannelGone(panel.name))
    else if (missing.length > 0) lines.push(panels.diagnoseChannel(panel.name, `<#${channel.id}>`, missing.map(nameOf).join(', ')))
    if (panel.failure !== null) lines.push(panels.diagnoseFailed(panel.name, sayFailure(texts, panel.failure)))
  }
  return lines
}

function diagnoseRole({ panels }: Texts, facts: GuildFacts, entry: PanelRole): string | null {
  const role = facts.role(entry.roleId)
  const obstacle = botObstacle(facts, entry.roleId)
  switch (obstacle) {
    case 'role-gone':
      return panels.diagnoseGone
    case 'managed':
      return panels.diagnoseManaged
    case 'bot-lacks-permission':
      return panels.diagnoseBot
    case 'above-bot':
      return panels.diagnosePosition(facts.botHighest?.name ?? '', facts.botHighest?.position ?? 0, role?.position ?? 0)
    case null: {
      const unconfirmed = dangersOf(role) & ~BigInt(entry.confirmed)
      return unconfirmed === 0n || role === null ? null : panels.diagnoseDanger(listDangers({ ...role, permissions: unconfirmed }))
    }
    default:
      return panels.obstacles[obstacle]
  }
}

/** Seats against those who hold the role: a seat of somebody who lost it by another hand is free. */
async function compareSeats(context: PanelAsking, { panel, entry, holders }: { readonly panel: PanelWithSeats; readonly entry: PanelRole; readonly holders: readonly UserId[] }): Promise<readonly string[]> {
  const { panels } = wordsFor(context)
  const { roleId } = entry
  const seats = entry.seats ?? 0
  const lost: UserId[] = []
  for (const userId of holders) {
    const roles = await context.panels.rolesOf(context.guildId, userId)
    if (roles?.includes(roleId) !== true) lost.push(userId)
  }
  const role = `<@&${roleId}>`
  if (lost.length === 0) return holders.length >= seats ? [panels.diagnoseSeatsFull(panel.name, role, seats)] : []
  const command = { feature: 'role-panels', kind: 'free-seats', panelId: panel.panelId, roleId, userIds: lost } as const
  await askPanels(context, { command, wanted: 'panel-noted', step: `free-${roleId}` })
  return [panels.diagnoseSeats(panel.name, role, lost.length, holders.length - lost.length, seats)]
}
