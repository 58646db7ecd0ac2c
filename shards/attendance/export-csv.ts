/**
 * A guild's entries as CSV (RFC 4180), in bounded memory: written page by page, packed as it is written, and the plain
 * form kept only as long as it fits what Discord takes.
 */
import { createGzip } from 'node:zlib'
import { once } from 'node:events'
import { stringify } from 'csv-stringify/sync'
import type { ExportedEntry } from '../../actors/protocol/attendance-reads.ts'

export const csvColumns = ['student_id', 'student_name', 'discord_username', 'user_id', 'timestamp', 'date_id', 'session_id', 'status'] as const
const receiptColumn = 'receipt'

export type CsvExport =
  | { readonly kind: 'file'; readonly rows: number; readonly data: Uint8Array; readonly isPacked: boolean }
  /** Even packed it is larger than what may be attached. */
  | { readonly kind: 'too-large'; readonly rows: number }

export interface CsvOptions {
  /** Bytes that may be attached. */
  readonly sizeMax: number
  /** Base of verify links, without a slash at the end; null: no column of links. */
  readonly receiptsAt: string | null
}

export async function exportCsv(pages: AsyncIterable<readonly ExportedEntry[]>, options: CsvOptions): Promise<CsvExport> {
  const plain = new Gathered(options.sizeMax)
  const packed = new Gathered(options.sizeMax)
  const gzip = createGzip()
  gzip.on('data', (chunk: Buffer) => packed.add(chunk))
  const ended = once(gzip, 'end')
  const write = async (text: string): Promise<void> => {
    const bytes = Buffer.from(text, 'utf8')
    plain.add(bytes)
    if (!gzip.write(bytes)) await once(gzip, 'drain')
  }
  const header: readonly string[] = options.receiptsAt === null ? csvColumns : [...csvColumns, receiptColumn]
  await write(csvText([header]))
  let rows = 0
  for await (const page of pages) {
    rows += page.length
    await write(csvText(page.map((entry) => cellsOf(entry, options.receiptsAt))))
  }
  gzip.end()
  await ended
  const data = plain.bytes() ?? packed.bytes()
  return data === null ? { kind: 'too-large', rows } : { kind: 'file', rows, data, isPacked: plain.bytes() === null }
}

/** RFC 4180: CRLF, quotes where they are needed. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return stringify(rows.map((cells) => cells.map(guardCell)), { record_delimiter: '\r\n', quoted_match: /[\r\n\t]/ })
}

/** A spreadsheet would run these as formulas. */
export const guardCell = (cell: string): string => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)

function cellsOf(entry: ExportedEntry, receiptsAt: string | null): string[] {
  const { studentId, studentName, username, userId, localTime, dateId, sessionId, status, recordId } = entry
  const cells = [studentId ?? '', studentName ?? '', username, userId, localTime, dateId, sessionId, status]
  return receiptsAt === null ? cells : [...cells, `${receiptsAt}/v/${recordId}`]
}

/** Bytes up to a bound; past it what was gathered is let go. */
class Gathered {
  readonly #sizeMax: number
  #chunks: Uint8Array[] | null = []
  #size = 0

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  add(chunk: Uint8Array): void {
    this.#size += chunk.length
    if (this.#size > this.#sizeMax) this.#chunks = null
    else this.#chunks?.push(chunk)
  }

  bytes(): Uint8Array | null {
    return this.#chunks === null ? null : Buffer.concat(this.#chunks)
  }
}
