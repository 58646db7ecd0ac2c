/**
 * Deleting 2 to 100 messages at once, none of them older than 14 days. Ids without a message are passed over.
 */
import type { RESTPostAPIChannelMessagesBulkDeleteJSONBody } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { snowflakeTimeMs } from '../../../kernel/ids.ts'
import { requireGuildChannel } from '../access.ts'
import { noteAudit } from '../audit.ts'
import { refuse } from '../refusals.ts'
import { noContent } from '../route.ts'
import type { Answer, RouteCall } from '../route.ts'

const ageMaxMs = 14 * 24 * 3_600_000

export function bulkDelete(call: RouteCall): Answer {
  const { channel, guild } = requireGuildChannel(call, PermissionFlagsBits.ManageMessages)
  const { messages } = call.body as RESTPostAPIChannelMessagesBulkDeleteJSONBody
  const ids = [...new Set(messages)]
  if (ids.length < 2 || ids.length > 100) throw refuse('bulkDeleteCount')
  if (ids.some((id) => call.world.nowMs() - snowflakeTimeMs(id) > ageMaxMs)) throw refuse('bulkDeleteAge')
  const known = ids.filter((id) => call.world.messages.get(channel.id, id)?.visibleTo === null)
  call.world.messages.removeBulk(channel.id, known)
  noteAudit(call, guild.id, {
    action: 'MessageBulkDelete',
    targetId: channel.id,
    options: { count: String(known.length) },
  })
  return noContent
}
