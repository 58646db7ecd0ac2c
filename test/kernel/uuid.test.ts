import { expect } from 'chai'
import fc from 'fast-check'
import { isUuid, uuidV7 } from '../../kernel/uuid.ts'
import { propertyRuns } from '../support/records.ts'

const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) })

describe('UUIDs of given time and bytes', () => {
  it('are version 7, canonical, and the same for the same input', () => {
    fc.assert(
      fc.property(instant, bytes, (unixMs, random) => {
        const uuid = uuidV7(unixMs, random)
        expect(uuid).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(isUuid(uuid)).to.equal(true)
        expect(uuidV7(unixMs, random)).to.equal(uuid)
        expect(Number.parseInt(uuid.replace('-', '').slice(0, 12), 16)).to.equal(unixMs)
      }),
      propertyRuns(200),
    )
  })

  it('sort by time as text, whatever was made before them', () => {
    fc.assert(
      fc.property(instant, instant, bytes, bytes, (a, b, randomA, randomB) => {
        fc.pre(a !== b)
        expect(uuidV7(a, randomA) < uuidV7(b, randomB)).to.equal(a < b)
      }),
      propertyRuns(200),
    )
  })

  it('carry 73 of the random bits, each in a place of its own', () => {
    const made = new Set<string>()
    for (let bit = 0; bit < 128; bit += 1) {
      const random = new Uint8Array(16)
      random[bit >> 3] = 1 << (bit & 7)
      made.add(uuidV7(1_000, random))
    }
    made.delete(uuidV7(1_000, new Uint8Array(16)))
    expect(made.size).to.equal(73)
  })

  it('take 16 bytes and nothing else', () => {
    expect(() => uuidV7(0, new Uint8Array(15))).to.throw('16 random bytes')
  })

  it('only the canonical lower-case form is a UUID to us', () => {
    const uuid = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'
    expect(isUuid(uuid)).to.equal(true)
    const wrong = [uuid.toUpperCase(), `{${uuid}}`, uuid.replaceAll('-', ''), `${uuid} `, `${uuid}\n`, '', `urn:uuid:${uuid}`]
    expect(wrong.filter(isUuid)).to.deep.equal([])
  })
})
