import { expect } from 'chai'
import fc from 'fast-check'
import {
  channelId,
  fence,
  generation,
  guildId,
  incarnation,
  isSnowflake,
  opId,
  roleId,
  sequence,
  snowflakeAt,
  snowflakeTimeMs,
  userId,
} from '../../kernel/ids.ts'
import { propertyRuns } from '../support/records.ts'

describe('ids', () => {
  it('a snowflake is a decimal without leading zeros that fits a bigint of Postgres', () => {
    for (const text of ['0', '7', '1142857142857142857', '9223372036854775807']) expect(isSnowflake(text), text).to.equal(true)
    const wrong = ['', '00', '01', '-1', '+1', '1.0', '1e3', ' 1', '1\n', '0x10', 'a', '१२', '9223372036854775808', '99999999999999999999']
    expect(wrong.filter(isSnowflake)).to.deep.equal([])
  })

  it('every branded constructor refuses what is not a snowflake, and says which id it was', () => {
    const makers = { guild: guildId, user: userId, channel: channelId, role: roleId }
    for (const [what, make] of Object.entries(makers)) {
      expect(make('42')).to.equal('42')
      expect(() => make('4 2')).to.throw(`${what} id is not a snowflake: 4 2`)
    }
    expect(() => guildId('9'.repeat(500)), 'the message is bounded').to.throw(/^.{1,80}$/)
  })

  it('a snowflake of an instant gives the instant back, whatever its low bits', () => {
    const instant = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2080, 0, 1) })
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: (1 << 22) - 1 }), (unixMs, low22) => {
        const id = snowflakeAt(unixMs, low22)
        expect(isSnowflake(id)).to.equal(true)
        expect(snowflakeTimeMs(id)).to.equal(unixMs)
      }),
      propertyRuns(200),
    )
  })

  it('the example of Discord’s documentation has its time', () => {
    expect(snowflakeTimeMs('175928847299117063')).to.equal(1_462_015_105_796)
  })

  it('fences, sequences and generations are natural numbers', () => {
    for (const make of [fence, sequence, generation]) {
      expect(make(0)).to.equal(0)
      expect(make(Number.MAX_SAFE_INTEGER)).to.equal(Number.MAX_SAFE_INTEGER)
      for (const wrong of [-1, 0.5, NaN, Infinity, Number.MAX_SAFE_INTEGER + 1]) expect(() => make(wrong), `${wrong}`).to.throw('not a natural')
    }
  })

  it('op ids have between 1 and 128 characters', () => {
    expect(opId('x'.repeat(128))).to.have.length(128)
    expect(() => opId('')).to.throw('op id has 0')
    expect(() => opId('x'.repeat(129))).to.throw('op id has 129')
  })

  it('an incarnation has no white space, since it is a word in Redis and in logs', () => {
    expect(incarnation('host:1:ab')).to.equal('host:1:ab')
    for (const wrong of ['', 'a b', 'a\n', 'x'.repeat(201)]) expect(() => incarnation(wrong)).to.throw('incarnation')
  })
})
