/**
 * Lines of a guild's audit as one message: an embed a change, in the server's language.
 *
 * All embeds of a message together hold 6,000 characters, so ten of them are kept short: roles that do not fit are counted.
 */
import { z } from 'zod'
import type { APIEmbed, RESTPostAPIChannelMessageJSONBody } from 'discord-api-types/v10'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { PanelAudit } from '../../actors/protocol/role-panels.ts'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import type { RoleId } from '../../kernel/ids.ts'
import { truncateText } from '../../kernel/text.ts'
import type { Texts } from '../texts/texts.ts'
import type { PostLogDeps } from './post-log.ts'
import { postMessage } from './post-message.ts'

/** Discord's own green and red; blurple where both happened. */
const colors: Readonly<Record<PanelAudit['kind'], number>> = { add: 0x57f287, remove: 0xed4245, sync: 0x5865f2, expiry: 0xed4245 }
const rolesShownMax = 5

/** The feature wrote the lines itself: their form is the protocol's. */
const payloadSchema = z.object({ channelId: z.string(), lines: z.array(z.custom<PanelAudit>((value) => typeof value === 'object' && value !== null)) })

export async function postAudit(deps: PostLogDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const { channelId, lines } = payloadSchema.parse(attempt.payload)
  const texts = deps.textsOf(attempt.guildId)
  const body: RESTPostAPIChannelMessageJSONBody = { embeds: lines.map((line) => auditEmbed(texts, line)), allowed_mentions: { parse: [] } }
  return await postMessage(deps, { ...attempt, payload: { channelId, body } }, signal)
}

export function auditEmbed(texts: Texts, line: PanelAudit): APIEmbed {
  const { panels } = texts
  const roles = (name: string, some: readonly RoleId[]): string[] => (some.length === 0 ? [] : [`${name}: ${listRoles(texts, some)}`])
  return {
    color: colors[line.kind],
    title: panels.auditTitles[line.kind],
    description: [
      panels.auditLine(`<@${line.userId}>`, truncateText(line.panelName, 60)),
      ...roles(panels.auditAdded, line.added),
      ...roles(panels.auditRemoved, line.removed),
      ...roles(panels.auditFailed, line.failed),
    ].join('\n'),
    timestamp: new Date(line.at).toISOString(),
  }
}

function listRoles(texts: Texts, roles: readonly RoleId[]): string {
  const shown = roles.slice(0, rolesShownMax).map((role) => `<@&${role}>`)
  const more = roles.length - shown.length
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} ${texts.panels.andMore(more)}`
}
