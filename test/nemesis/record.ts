/**
 * What somebody was told, one line an answer, in the order the answers came.
 *
 *   appended <at> <asked> <guild> <op> <position>
 *   read     <at> <asked> <guild> <op> <count> <last>
 *   refused  <at> <asked> <guild> <op> <reason>       an append that was given up after a "no" that promises no effect
 *
 * Times are machine milliseconds: before the question was first asked, and after the answer had come.
 */
import type { GuildId, OpId } from '../../kernel/ids.ts'

interface Answered {
  readonly at: number
  readonly askedAt: number
  readonly guildId: GuildId
  readonly opId: OpId
}

export type ClientRecord =
  | (Answered & { readonly kind: 'appended'; readonly position: number })
  | (Answered & { readonly kind: 'read'; readonly count: number; readonly last: string | null })
  | (Answered & { readonly kind: 'refused'; readonly reason: string })

export function recordLine(record: ClientRecord): string {
  const head = `${record.kind} ${record.at} ${record.askedAt} ${record.guildId} ${record.opId}`
  switch (record.kind) {
    case 'appended':
      return `${head} ${record.position}\n`
    case 'read':
      return `${head} ${record.count} ${record.last ?? '-'}\n`
    case 'refused':
      return `${head} ${record.reason}\n`
  }
}

export function parseRecord(line: string): ClientRecord {
  const [kind, at, asked, guild, op, first = '', second = ''] = line.split(' ')
  const answered = { at: Number(at), askedAt: Number(asked), guildId: guild as GuildId, opId: op as OpId }
  switch (kind) {
    case 'appended':
      return { ...answered, kind, position: Number(first) }
    case 'read':
      return { ...answered, kind, count: Number(first), last: second === '-' ? null : second }
    case 'refused':
      return { ...answered, kind, reason: first }
    default:
      throw new Error(`not a record: ${line.slice(0, 100)}`)
  }
}
