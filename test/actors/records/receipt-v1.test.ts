/** Signing version 1: a fixed order of fields, ids as integers beyond 2^53, microseconds; and nothing else passes. */
import { expect } from 'chai'
import fc from 'fast-check'
import { parseReceiptV1, receiptV1Bytes } from '../../../actors/records/receipt-v1.ts'
import { attendanceDraft, periodDraft } from '../../support/every-record.ts'
import { propertyRuns, seededRandom, sessionDraft, testGuild, testUuid } from '../../support/records.ts'

const random = seededRandom('v1')
const id = testUuid(random)
const session = sessionDraft(id)
const text = new TextDecoder().decode(receiptV1Bytes(testGuild, session)!)
const parse = (changed: string) => parseReceiptV1(new TextEncoder().encode(changed))

describe('receipt, signing version 1', () => {
  it('is written to the letter', () => {
    expect(text).to.equal(
      `{"session_id":"${id}","guild_id":1142857142857142857,"user_id":1142857142857142858,"channel_id":1142857142857142859,` +
        '"period_id":"7b0d4f6e-91a0-4a52-8f0e-5d6f9b1f2c3d","joined_at":"2026-11-20T18:00:00.000000Z",' +
        '"left_at":"2026-11-20T18:45:30.250000Z","duration_seconds":2700}',
    )
  })

  it('keeps ids that JSON.parse would round', () => {
    const read = parse(text)
    expect(read.ok && read.value.type === 'voice-session' && read.value.userId).to.equal('1142857142857142858')
    expect(String((JSON.parse(text) as { user_id: number }).user_id)).not.to.equal('1142857142857142858')
  })

  it('reads any ids of 64 bits back as they were', () => {
    const anyId = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }).map(String)
    const roundTrip = fc.property(anyId, anyId, anyId, fc.nat(), (guild, user_id, channel_id, duration_seconds) => {
      const draft = sessionDraft(id, { user_id, channel_id, duration_seconds })
      const read = parseReceiptV1(receiptV1Bytes(guild, draft)!)
      expect(read.ok && read.value).to.deep.include({ guildId: guild, userId: user_id, channelId: channel_id, durationSeconds: duration_seconds })
    })
    fc.assert(roundTrip, propertyRuns(200))
  })

  it('reads periods with all their entries', () => {
    const draft = periodDraft(id)
    const read = parseReceiptV1(receiptV1Bytes(testGuild, draft)!)
    expect(read.ok && read.value.type === 'period' && read.value.entries).to.deep.equal(draft.payload.entries)
    const empty = parseReceiptV1(receiptV1Bytes(testGuild, periodDraft(id, { entries: [] }))!)
    expect(empty.ok && empty.value.type === 'period' && empty.value.entries).to.deep.equal([])
  })

  it('knows no attendance: there is no such form', () => {
    expect(receiptV1Bytes(testGuild, attendanceDraft(id))).to.equal(null)
  })

  for (const [what, changed] of [
    ['a space', text.replace(':', ': ')],
    ['another order', text.replace(/("guild_id":\d+),("user_id":\d+)/, '$2,$1')],
    ['a field more', text.replace('}', ',"x":1}')],
    ['a key twice', text.replace('"user_id"', '"guild_id"')],
    ['an id as text', text.replace(/"user_id":(\d+)/, '"user_id":"$1"')],
    ['an id with a leading zero', text.replace('"user_id":', '"user_id":0')],
    ['an id with an exponent', text.replace(/"user_id":\d+/, '"user_id":1e18')],
    ['an id beyond 63 bits', text.replace(/"user_id":\d+/, '"user_id":9223372036854775808')],
    ['milliseconds', text.replace('000000Z', '000Z')],
    ['a day that does not exist', text.replace('2026-11-20T18:00', '2026-02-30T18:00')],
    ['a UUID in capitals', text.replace(id, id.toUpperCase())],
    ['a byte order mark', `\uFEFF${text}`],
    ['something after it', `${text}\n`],
    ['digits of another script', text.replace('2700', '２７００')],
    ['nothing', ''],
  ] as const) {
    it(`refuses ${what}`, () => expect(parse(changed).ok).to.equal(false))
  }

  it('takes the offset that AttendiBot may write', () => {
    expect(parse(text.replaceAll('0Z"', '0+00:00"')).ok).to.equal(true)
  })

  it('is quick with what only looks like it', () => {
    const long = `{"period_id":"${id}","guild_id":1,"period_index":1,"started_at":"2026-11-20T18:00:00.000000Z","ended_at":"2026-11-20T18:00:00.000000Z","entries":[${'{"user_id":1,"duration_seconds":1,"sessions":1},'.repeat(40_000)}]}`
    expect(parse(long).ok).to.equal(false)
  })
})
