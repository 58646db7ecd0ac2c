/**
 * `/export_csv`: one session or all, as a file.
 */
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import { readAsStaff, refusalText, wordsFor } from '../attendance/ask-attendance.ts'
import { exportCsv as writeCsv } from '../attendance/export-csv.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { ephemeral } from './ephemeral.ts'
import { sessionIdLengthMax } from './excuse.ts'
import { readOptions } from './options.ts'
import type { CommandContext, MessageAnswer, SlashCommand } from './slash-command.ts'

/** What Discord takes where it does not say. */
const attachmentBytesDefault = 10 * 1024 * 1024

export const exportCsv: SlashCommand = {
  definition: {
    ...attendanceWordsOf('export_csv'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    options: [
      { ...attendanceWordsOf('export_csv.session_id'), type: ApplicationCommandOptionType.String, max_length: sessionIdLengthMax },
      { ...attendanceWordsOf('export_csv.receipts'), type: ApplicationCommandOptionType.Boolean },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const { attendance, guildId } = context
    const read = await readAsStaff(context)
    if ('refusal' in read) return read.refusal
    const options = readOptions(context.interaction)
    const sessionId = options.text('session_id')?.trim() ?? null
    const { open } = read.reply
    if (sessionId !== null && sessionId === open?.sessionId) {
      return ephemeral(open.isClosing ? texts.attendance.exportOnlyWriting(sessionId) : texts.attendance.exportOnlyOpen(sessionId))
    }
    if (sessionId !== null && !(await attendance.export.hasSession(guildId, sessionId))) {
      return ephemeral(refusalText(texts, { kind: 'attendance-refused', reason: 'unknown-session' }))
    }
    const exported = await writeCsv(attendance.export.pages({ guildId, sessionId }), {
      sizeMax: context.interaction.attachment_size_limit ?? attachmentBytesDefault,
      receiptsAt: options.boolean('receipts') === true ? attendance.publicUrl : null,
    })
    if (exported.kind === 'too-large') return ephemeral(texts.attendance.exportTooLarge)
    if (exported.rows === 0 && sessionId === null) return ephemeral(texts.attendance.exportEmpty)
    const head = await attendance.chainHead(guildId)
    const words = [
      texts.attendance.exported(exported.rows),
      exported.isPacked ? texts.attendance.exportedPacked : '',
      open === null ? '' : open.isClosing ? texts.attendance.exportWriting(open.sessionId) : texts.attendance.exportOpen(open.sessionId),
      head === null ? '' : texts.attendance.exportHead(head.sequence, head.hash),
    ]
    return withFile(words.join(''), { name: fileName(context, sessionId, exported.isPacked), data: exported.data, isPacked: exported.isPacked })
  },
}

function withFile(words: string, { name, data, isPacked }: { readonly name: string; readonly data: Uint8Array; readonly isPacked: boolean }): MessageAnswer {
  return { ...ephemeral(words), files: [{ name, data, contentType: isPacked ? 'application/gzip' : 'text/csv' }] }
}

/** `attendance_{session}.csv`, `attendance_all_{YYYYmmdd_HHMMSS}.csv` (UTC). */
function fileName({ receivedAt }: CommandContext, sessionId: string | null, isPacked: boolean): string {
  const at = new Date(receivedAt).toISOString().replaceAll(/[-:]/g, '').replace('T', '_').slice(0, 15)
  const name = sessionId === null ? `attendance_all_${at}.csv` : `attendance_${sessionId.replaceAll(/[^0-9A-Za-z_-]/g, '_')}.csv`
  return isPacked ? `${name}.gz` : name
}
