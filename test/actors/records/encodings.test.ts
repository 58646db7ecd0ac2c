/** Base64 and hex are read in one form only: every other text of the same value is refused. */
import { expect } from 'chai'
import fc from 'fast-check'
import { decodeBase64, decodeByCharacters, encodeBase64, encodeByCharacters } from '../../../actors/records/base64.ts'
import { decodeHex, encodeHex } from '../../../actors/records/hex.ts'
import { propertyRuns } from '../../support/records.ts'

describe('base64', () => {
  it('gives back every value, in the form other programs write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64(bytes)
        expect(text).to.equal(Buffer.from(bytes).toString('base64'))
        expect(decodeBase64(text)).to.deep.equal({ ok: true, value: bytes })
      }),
      propertyRuns(300),
    )
  })

  it('is written and read alike by a browser, which has no Buffer', () => {
    const mangled = fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(), fc.constantFrom(...'ABab01+/=-_ \n\u00e9\u{1f600}'.split(''), '')).map(([bytes, place, other]) => {
      const text = encodeBase64(bytes)
      const at = text === '' ? 0 : place % text.length
      return [bytes, `${text.slice(0, at)}${other}${text.slice(at + 1)}`] as const
    })
    fc.assert(
      fc.property(mangled, ([bytes, text]) => {
        expect(encodeByCharacters(bytes)).to.equal(encodeBase64(bytes))
        const read = decodeBase64(text)
        expect(decodeByCharacters(text)).to.deep.equal(read.ok ? read.value : null)
      }),
      propertyRuns(1_000),
    )
  })

  it('takes no second text for a value: a changed character changes the value or is refused', () => {
    const character = fc.constantFrom(...'ABab01+/=-_ \n'.split(''))
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), character, (bytes, place, other) => {
        const text = encodeBase64(bytes)
        const at = place % text.length
        const mangled = text.slice(0, at) + other + text.slice(at + 1)
        const read = decodeBase64(mangled)
        if (mangled !== text && read.ok) expect(encodeHex(read.value)).not.to.equal(encodeHex(bytes))
      }),
      propertyRuns(500),
    )
  })

  for (const [what, text] of [
    ['missing padding', 'QQ'],
    ['stray low bits', 'QR=='],
    ['the URL alphabet', '-_8='],
    ['white space', 'QQ= ='],
    ['a line end', 'QUFB\n'],
    ['padding in the middle', 'QQ==QUFB'],
    ['too much padding', 'QUFB===='],
  ] as const) {
    it(`refuses ${what}`, () => expect(decodeBase64(text).ok).to.equal(false))
  }

  it('refuses a value of another length than expected', () => {
    expect(decodeBase64('QUFB', 32)).to.deep.equal({ ok: false, problem: 'base64 of 3 bytes where 32 are expected' })
  })
})

describe('hex', () => {
  it('gives back every value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(decodeHex(encodeHex(bytes), bytes.length)).to.deep.equal({ ok: true, value: bytes })
      }),
      propertyRuns(200),
    )
  })

  it('refuses capitals, other lengths and other characters', () => {
    expect(decodeHex('AB', 1).ok).to.equal(false)
    expect(decodeHex('abc', 1).ok).to.equal(false)
    expect(decodeHex('0x', 1).ok).to.equal(false)
    expect(decodeHex('ab', 2).ok).to.equal(false)
  })
})
