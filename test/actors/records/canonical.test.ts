/** Canonical JSON: what RFC 8785 writes, what it has no form for, and the law: equal bytes ⇔ equal values. */
import { expect } from 'chai'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { canonicalText, parseCanonical } from '../../../actors/records/canonical.ts'
import { propertyRuns } from '../../support/records.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const problemOf = (input: Uint8Array): string => {
  const read = parseCanonical(input)
  return read.ok ? 'none' : read.problem
}

/** JSON values that have a canonical form; fast-check's −0 is the one JSON number that is not written as itself. */
const jsonValue = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'binary', noUnicodeString: false } as never)
  .filter((value) => !containsUnsafe(value))

function containsUnsafe(value: unknown): boolean {
  if (typeof value === 'number') return Object.is(value, -0) || (Number.isInteger(value) && !Number.isSafeInteger(value))
  if (typeof value === 'string') return !value.isWellFormed()
  if (Array.isArray(value)) return value.some(containsUnsafe)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, member]) => !key.isWellFormed() || containsUnsafe(member))
}

describe('canonical JSON', () => {
  it('writes the example of RFC 8785, section 3.2.2', () => {
    const value: unknown = JSON.parse(`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`)
    // The example has 1E30, an integer beyond 2^53: the library writes it, we refuse it.
    const withoutLarge = { ...(value as object), numbers: [333333333.3333333, 4.5, 0.002, 1e-27] }
    expect(canonicalText(withoutLarge)).to.equal(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts keys by UTF-16 units, as RFC 8785, section 3.2.3', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    expect(canonicalText(value)).to.equal('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}')
  })

  it('reads back what it wrote, and only that', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const read = parseCanonical(bytes(canonicalText(value)))
        expect(read.ok && isDeepStrictEqual(sorted(read.value), sorted(value))).to.equal(true)
      }),
      propertyRuns(500),
    )
  })

  it('gives equal bytes exactly for equal values', () => {
    fc.assert(
      fc.property(jsonValue, jsonValue, (left, right) => {
        expect(canonicalText(left) === canonicalText(right)).to.equal(isDeepStrictEqual(sorted(left), sorted(right)))
      }),
      propertyRuns(500),
    )
  })

  for (const [what, text] of [
    ['duplicate keys', '{"a":1,"a":2}'],
    ['duplicate keys, one escaped', '{"a":1,"\\u0061":1}'],
    ['white space', '{"a": 1}'],
    ['a line at the end', '{"a":1}\n'],
    ['unsorted keys', '{"b":1,"a":1}'],
    ['an escape that needs none', '{"a":"\\u0062"}'],
    ['an exponent that needs none', '{"a":1e1}'],
    ['minus zero', '{"a":-0}'],
    ['a trailing zero', '{"a":1.0}'],
  ] as const) {
    it(`refuses ${what}`, () => expect(problemOf(bytes(text))).to.equal('not canonical JSON (RFC 8785)'))
  }

  it('refuses what is not UTF-8, not JSON, or begins with a byte order mark', () => {
    expect(problemOf(Uint8Array.of(0x22, 0xff, 0x22))).to.equal('not UTF-8')
    expect(problemOf(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).to.equal('not UTF-8')
    expect(problemOf(bytes('{'))).to.equal('not JSON')
    expect(problemOf(bytes('\ufeff{}'))).to.equal('not JSON')
    expect(problemOf(new Uint8Array())).to.equal('not JSON')
  })

  it('refuses lone surrogates, integers beyond 2^53 and numbers that overflow', () => {
    expect(problemOf(bytes('"\\ud800"'))).to.equal('a string has a lone surrogate')
    expect(problemOf(bytes('{"\\udc00":1}'))).to.equal('a key has a lone surrogate')
    expect(problemOf(bytes('9007199254740993'))).to.equal('an integer is beyond 2^53')
    expect(problemOf(bytes('1e999'))).to.equal('a number is not finite')
  })

  it('refuses nesting that would exhaust the stack', () => {
    expect(problemOf(bytes('['.repeat(100_000) + ']'.repeat(100_000)))).to.equal('nested deeper than 32')
  })

  it('takes a key named __proto__ for a key', () => {
    const read = parseCanonical(bytes('{"__proto__":{"a":1}}'))
    expect(read.ok && Object.hasOwn(read.value as object, '__proto__')).to.equal(true)
  })

  for (const [what, value] of [
    ['undefined', { a: undefined }],
    ['a hole in an array', Array(1)],
    ['a bigint', { a: 1n }],
    ['a date', new Date(0)],
    ['a function', { toJSON: () => 1 }],
    ['NaN', Number.NaN],
  ] as const) {
    it(`asserts that ${what} is never written`, () => expect(() => canonicalText(value)).to.throw('canonical JSON'))
  }
})

/** Key order is no part of a value; everything else is. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .map(([key, member]): readonly [string, unknown] => [key, sorted(member)])
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .concat([['object', true]])
}
