/**
 * Derived codes: as another implementation derives them, uniform, never the same twice in a row, and compared in one time.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { acceptedCodes, alphabetCharacters, codeAt, isAccepted, stepAt, stepEnd } from '../../../../actors/behaviours/code-attendance/codes.ts'
import type { CodeHmac } from '../../../../actors/behaviours/code-attendance/codes.ts'
import type { CodeAlphabet } from '../../../../actors/protocol/attendance-settings.ts'
import type { CodeRule } from '../../../../actors/protocol/code-session.ts'

const hmacUnder = (secret: Uint8Array): CodeHmac => (message) => createHmac('sha256', secret).update(message).digest()

interface Vector {
  readonly secret: string
  readonly code_length: number
  readonly alphabet: CodeAlphabet
  readonly codes: readonly { readonly step: number; readonly code: string }[]
  readonly collides_at?: readonly number[]
}

describe('codes of a session', () => {
  it('are those of the vectors, which another language made, where neighbours collide too', async () => {
    const { vectors } = JSON.parse(await readFile(new URL('../../../vectors/attendance-codes.json', import.meta.url), 'utf8')) as { vectors: Vector[] }
    expect(vectors.filter(({ collides_at: at }) => at !== undefined)).to.have.length.greaterThan(0)
    for (const { secret, code_length: codeLength, alphabet, codes } of vectors) {
      const hmac = hmacUnder(Buffer.from(secret, 'hex'))
      for (const { step, code } of codes) expect(codeAt(hmac, { codeLength, alphabet }, step), `step ${step}`).to.equal(code)
    }
  })

  for (const alphabet of ['full', 'unambiguous'] as const) {
    it(`${alphabet}: every character is equally likely at every place, and in pairs`, () => {
      // Fixed secrets: the figure is always the same, and a test cannot fail by chance.
      const characters = alphabetCharacters[alphabet]
      const codes = Array.from({ length: 40 }, (_, number) => {
        const hmac = hmacUnder(createHash('sha256').update(`uniform ${number}`).digest())
        return Array.from({ length: 500 }, (__, step) => codeAt(hmac, { codeLength: 4, alphabet }, step))
      }).flat()
      for (const place of [0, 1, 2, 3]) {
        expect(chiSquared(codes.map((code) => code[place] ?? ''), characters.length)).to.be.lessThan(critical(characters.length - 1))
      }
      expect(chiSquared(codes.map((code) => code.slice(0, 2)), characters.length ** 2)).to.be.lessThan(critical(characters.length ** 2 - 1))
    })
  }

  it('two in a row differ, also where codes are so short that they often would not', () => {
    for (let number = 0; number < 50; number += 1) {
      const hmac = hmacUnder(createHash('sha256').update(`row ${number}`).digest())
      let before = ''
      for (let step = 0; step < 400; step += 1) {
        // 3 of 32 characters: one pair in 32,768 would be equal.
        const code = codeAt(hmac, { codeLength: 3, alphabet: 'unambiguous' }, step)
        expect(code).not.to.equal(before)
        before = code
      }
    }
  })

  it('ten previous codes say nothing about the next: secrets that agree on the first bits of all ten do not agree on it', () => {
    // Codes of one character: of 40,000 secrets some agree on two codes in a row; the third is uniform among those.
    const form = { codeLength: 1, alphabet: 'unambiguous' } as const
    const next = new Map<string, string[]>()
    for (let number = 0; number < 40_000; number += 1) {
      const hmac = hmacUnder(createHash('sha256').update(`guess ${number}`).digest())
      const seen = codeAt(hmac, form, 0) + codeAt(hmac, form, 2)
      next.set(seen, [...(next.get(seen) ?? []), codeAt(hmac, form, 4)])
    }
    const best = [...next.values()].reduce((sum, codes) => sum + Math.max(...countsOf(codes).values()), 0)
    // Whoever always guessed what followed most often after the same past: with 39 a past that is what chance gives.
    expect(best / 40_000).to.be.lessThan(0.13)
    const codes = Array.from({ length: 11 }, (_, step) => codeAt(hmacUnder(randomBytes(32)), { codeLength: 12, alphabet: 'full' }, step))
    expect(new Set(codes).size).to.equal(11)
  })

  const rule: CodeRule = { secretId: 's', rotatesFrom: 1_000_000, intervalMs: 15_000, codeLength: 4, alphabet: 'full', grace: 0 }

  it('a code holds from its instant to the next one’s, to the millisecond; the first one also before', () => {
    expect([stepAt(rule, 1_000_000 - 7_000), stepAt(rule, 1_014_999), stepAt(rule, 1_015_000), stepAt(rule, 1_030_000)]).to.deep.equal([0, 0, 1, 2])
    expect(stepEnd(rule, 0)).to.equal(1_015_000)
  })

  it('grace adds the one before, which the first code has not', () => {
    const hmac = hmacUnder(Buffer.alloc(32, 1))
    const at = (instant: number, grace: 0 | 1) => acceptedCodes(hmac, { ...rule, grace }, instant)
    expect(at(1_000_000, 1)).to.have.length(1)
    expect(at(1_030_000, 0)).to.have.length(1)
    expect(at(1_030_000, 1)).to.deep.equal([codeAt(hmac, rule, 2), codeAt(hmac, rule, 1)])
  })

  it('is compared whole: nothing shorter, longer or empty is accepted', () => {
    expect(isAccepted(['AB12', 'CD34'], 'CD34')).to.equal(true)
    for (const typed of ['', 'A', 'AB1', 'AB123', 'AB13', 'XB12', 'ab12', 'AB12CD34']) expect(isAccepted(['AB12', 'CD34'], typed), typed).to.equal(false)
    expect(isAccepted([], '')).to.equal(false)
  })
})

function countsOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function chiSquared(values: readonly string[], kinds: number): number {
  const expected = values.length / kinds
  const counts = countsOf(values)
  const met = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  return met + (kinds - counts.size) * expected
}

/** The bound that a uniform source exceeds once in a thousand (Wilson and Hilferty). */
function critical(freedom: number): number {
  const part = 2 / (9 * freedom)
  return freedom * (1 - part + 3.09 * Math.sqrt(part)) ** 3
}
