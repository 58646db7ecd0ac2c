/** The list as a file: read back by an independent parser to the same values, in bounded memory, packed where it is too large. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { parse } from 'csv-parse/sync'
import { csvColumns, exportCsv } from '../../../shards/attendance/export-csv.ts'
import type { ExportedEntry } from '../../../actors/protocol/attendance-reads.ts'

const names = [
  '=HYPERLINK("http://x";"y")', '+1', '-2+3', '@SUM(A1)', '\ttab', '\rreturn', 'a "quoted" name', 'comma, here', 'two\r\nlines', 'line\nfeed',
  'Zoë 🎓👩‍🏫', 'مريم', 'שרה', '', "O'Brien", '0042', ';semi', '  blanks  ', '\u202Eright to left',
] as const

const entryOf = (number: number): ExportedEntry => ({
  studentId: number % 3 === 0 ? null : `S-${number}`,
  studentName: number % 3 === 0 ? null : (names[number % names.length] ?? ''),
  username: names[(number * 7) % names.length] ?? '',
  userId: String(1_142_857_142_857_000_000n + BigInt(number)),
  localTime: '2026-11-20 19:00:00',
  dateId: '2026-11-20',
  sessionId: `${1_795_194_000 + (number % 40)}`,
  status: number % 2 === 0 ? 'present' : 'late',
  recordId: '0193f0a0-0000-7000-8000-000000000001',
})

async function* pagesOf(count: number, onPage: () => void = () => undefined): AsyncGenerator<readonly ExportedEntry[]> {
  for (let from = 0; from < count; from += 2_000) {
    onPage()
    yield Array.from({ length: Math.min(2_000, count - from) }, (_, index) => entryOf(from + index))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const guarded = (cell: string): string => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)

describe('the list as CSV', () => {
  it('100,000 rows are read back to the same values, a guarded cell with its apostrophe', async () => {
    const exported = await exportCsv(pagesOf(100_000), { sizeMax: 100_000_000, receiptsAt: null })
    if (exported.kind !== 'file') throw new Error(exported.kind)
    expect(exported).to.deep.include({ rows: 100_000, isPacked: false })
    const text = Buffer.from(exported.data).toString('utf8')
    expect(text.slice(0, text.indexOf('\r\n'))).to.equal('student_id,student_name,discord_username,user_id,timestamp,date_id,session_id,status')
    const rows = parse(text, { record_delimiter: '\r\n', relax_column_count: false }) as string[][]
    expect(rows).to.have.length(100_001)
    expect(rows[0]).to.deep.equal(csvColumns)
    for (const [number, row] of rows.slice(1).entries()) {
      const { studentId, studentName, username, userId, localTime, dateId, sessionId, status } = entryOf(number)
      const wanted = [studentId ?? '', studentName ?? '', username, userId, localTime, dateId, sessionId, status].map(guarded)
      if (JSON.stringify(row) !== JSON.stringify(wanted)) expect(row, String(number)).to.deep.equal(wanted)
    }
  }).timeout(30_000)

  it('with receipts a last column has the verify links', async () => {
    const exported = await exportCsv(pagesOf(1), { sizeMax: 1_000_000, receiptsAt: 'https://muster.example' })
    const text = exported.kind === 'file' ? Buffer.from(exported.data).toString('utf8') : ''
    expect(text.split('\r\n')[0]?.endsWith(',status,receipt')).to.equal(true)
    expect(text).to.contain(',https://muster.example/v/0193f0a0-0000-7000-8000-000000000001\r\n')
  })

  it('above the limit it is packed; above that it is refused; memory stays flat however long it is', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heapOf = async (count: number): Promise<number> => {
      let peak = 0
      const measure = (): void => {
        collect()
        peak = Math.max(peak, process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers)
      }
      let page = 0
      const exported = await exportCsv(pagesOf(count, () => (page++ % 10 === 0 ? measure() : undefined)), { sizeMax: 1_000_000, receiptsAt: null })
      expect(exported.kind === 'file' && exported.isPacked).to.equal(true)
      if (exported.kind === 'file') expect(gunzipSync(exported.data).toString('utf8').split('\n').length).to.be.greaterThan(count)
      return peak
    }
    const short = await heapOf(20_000)
    const long = await heapOf(100_000)
    expect(long - short).to.be.lessThan(8_000_000)
    expect(await exportCsv(pagesOf(20_000), { sizeMax: 10_000, receiptsAt: null })).to.deep.equal({ kind: 'too-large', rows: 20_000 })
  }).timeout(30_000)
})
