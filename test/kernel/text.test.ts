import { expect } from 'chai'
import fc from 'fast-check'
import { truncateText, wellFormedText } from '../../kernel/text.ts'
import { propertyRuns } from '../support/records.ts'

/** Any UTF-16 there can be: lone surrogates and U+0000 included. */
const anyText = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xd800, 0xdfff, 0x1f600))).map((units) =>
  units.map((unit) => (unit > 0xffff ? String.fromCodePoint(unit) : String.fromCharCode(unit))).join(''),
)

describe('text from outside', () => {
  it('loses U+0000 and keeps a mark where a surrogate was alone', () => {
    expect(wellFormedText('a\u0000b')).to.equal('ab')
    expect(wellFormedText('x\ud800y')).to.equal('x\ufffdy')
    expect(wellFormedText('\udfff')).to.equal('\ufffd')
  })

  it('keeps every script and every emoji as it is', () => {
    const text = 'Ærøskøbing · 北京 · עִבְרִית · 👩‍👩‍👧 · é · \u202e'
    expect(wellFormedText(text)).to.equal(text)
  })

  it('is fit for UTF-8 and for Postgres, whatever it was, and cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = wellFormedText(text)
        expect(clean.isWellFormed()).to.equal(true)
        expect(clean).not.to.contain('\u0000')
        expect(Buffer.from(clean, 'utf8').toString('utf8')).to.equal(clean)
        expect(wellFormedText(clean)).to.equal(clean)
      }),
      propertyRuns(300),
    )
  })

  it('is cut at the bound, never within a character', () => {
    expect(truncateText('abcdef', 6)).to.equal('abcdef')
    expect(truncateText('abcdefg', 6)).to.equal('abcde…')
    expect(truncateText('ab😀cd', 4), 'the emoji would be split').to.equal('ab…')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, lengthMax) => {
        const cut = truncateText(text, lengthMax)
        expect(cut.length).to.be.at.most(lengthMax)
        expect(cut.isWellFormed()).to.equal(true)
        if (text.length <= lengthMax) expect(cut).to.equal(text)
        else expect(text.startsWith(cut.slice(0, -1))).to.equal(true)
      }),
      propertyRuns(300),
    )
  })
})
