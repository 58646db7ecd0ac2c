import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import type { JournalEntry } from '../../../actors/runtime/guild-state.ts'
import { firstHead, journalHash, journalText, parseJournalText } from '../../../actors/runtime/journal-entry.ts'
import { codeOf } from '../../../kernel/errors.ts'
import { opId, sequence } from '../../../kernel/ids.ts'
import { propertyRuns } from '../../support/records.ts'

const entryAt = (seq: number, text: string): JournalEntry => ({
  seq: sequence(seq), at: 1_767_225_600_000 + seq, opId: opId(`op-${seq}`), feature: 'tally', event: { kind: 'said', text } as JournalEntry['event'],
})
const text = fc.string({ unit: 'grapheme', maxLength: 20 })

describe('a journal row', () => {
  it('has one text, with its fields in one order', () => {
    expect(journalText(entryAt(1, 'ä'))).to.equal(
      '{"seq":1,"at":1767225600001,"op":"op-1","feature":"tally","event":{"kind":"said","text":"ä"}}',
    )
  })

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), text, (seq, said) => {
        expect(parseJournalText(journalText(entryAt(seq, said)))).to.deep.equal(entryAt(seq, said))
      }),
      propertyRuns(100),
    )
  })

  it('hashes SHA-256 over the hash before it and its UTF-8 bytes, 32 zero bytes before the first', () => {
    const bytes = Buffer.concat([Buffer.alloc(32), Buffer.from('ä', 'utf8')])
    expect(Buffer.from(journalHash(firstHead, 'ä')).toString('hex')).to.equal(createHash('sha256').update(bytes).digest('hex'))
    expect(() => journalHash(new Uint8Array(31), 'x')).to.throw('32 bytes')
  })

  it('any change of any row, and any row left out, moved or added, gives another head', () => {
    const rows = fc.array(text, { minLength: 1, maxLength: 8 })
    const headOf = (texts: readonly string[]): string =>
      Buffer.from(texts.map((said, index) => journalText(entryAt(index + 1, said))).reduce(journalHash, firstHead)).toString('hex')
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        expect(headOf(a) === headOf(b)).to.equal(JSON.stringify(a) === JSON.stringify(b))
      }),
      propertyRuns(200),
    )
  })

  it('what is no journal entry is refused as corrupt, whatever it is', () => {
    const wrong = ['', 'x', 'null', '7', '[]', '{}', '{"seq":1,"at":2}', '{"seq":"1","at":2,"op":"o","feature":"f","event":{}}', '{"seq":1,"at":2,"feature":"f","event":{"kind":"k"}}', '{"seq":1,"at":2,"op":"o","feature":"f"}', '{"seq":-1,"at":2,"op":"o","feature":"f","event":{"kind":"k"}}']
    const codes = wrong.map((row) => {
      try {
        parseJournalText(row)
      } catch (thrown) {
        return codeOf(thrown)
      }
      return 'accepted'
    })
    expect(codes).to.deep.equal(wrong.map(() => 'journal-corrupt'))
  })
})
