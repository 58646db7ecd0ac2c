/**
 * An inbox entry as the fields of a stream entry, and back. Absent fields are null; unknown ones are passed over, so
 * that a newer process may add some.
 */
import { isSnowflake } from '../../kernel/ids.ts'
import type { GuildId, OpId, Slot } from '../../kernel/ids.ts'
import type { InboxEntry, StoredInboxEntry } from '../runtime/ports.ts'

export function toFields(entry: InboxEntry): string[] {
  const fields = ['guild', entry.guildId, 'op', entry.opId, 'command', entry.command]
  if (entry.receivedAt !== null) fields.push('received', String(entry.receivedAt))
  if (entry.deadlineAt !== null) fields.push('deadline', String(entry.deadlineAt))
  if (entry.replyTo !== null) fields.push('reply', entry.replyTo)
  return fields
}

/** null: somebody else's entry, which nobody can ever read. */
export function parseFields(slot: Slot, position: string, fields: readonly string[]): StoredInboxEntry | null {
  const values = new Map<string, string>()
  for (let at = 0; at + 1 < fields.length; at += 2) values.set(fields[at] ?? '', fields[at + 1] ?? '')
  const guildId = values.get('guild')
  const opId = values.get('op')
  const command = values.get('command')
  const receivedAt = parseTime(values.get('received'))
  const deadlineAt = parseTime(values.get('deadline'))
  if (guildId === undefined || !isSnowflake(guildId) || opId === undefined || command === undefined) return null
  if (Number.isNaN(receivedAt) || Number.isNaN(deadlineAt)) return null
  return {
    slot,
    position,
    guildId: guildId as GuildId,
    opId: opId as OpId,
    command,
    receivedAt,
    deadlineAt,
    replyTo: values.get('reply') ?? null,
  }
}

function parseTime(text: string | undefined): number | null {
  return text === undefined ? null : Number(text)
}
