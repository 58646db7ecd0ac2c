import { expect } from 'chai'
import { assert, unreachable } from '../../kernel/assert.ts'
import { AppError, codeOf, coerceError } from '../../kernel/errors.ts'

describe('errors', () => {
  it('an error of the world carries its code, its reason and the ids', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const error = new AppError('redis-unavailable', 'renew lease', { cause, context: { slot: 7 } })
    expect(error).to.include({ code: 'redis-unavailable', message: 'renew lease', cause, name: 'AppError' })
    expect(error.context).to.deep.equal({ slot: 7 })
    expect(codeOf(error)).to.equal('redis-unavailable')
    expect(codeOf(error.cause)).to.equal('ECONNREFUSED')
  })

  it('without a reason there is none: no property that says undefined', () => {
    const error = new AppError('journal-corrupt', 'x')
    expect('cause' in error).to.equal(false)
    expect(error.context).to.deep.equal({})
  })

  it('whatever was thrown becomes an Error, and an Error stays itself', () => {
    const error = new Error('x')
    expect(coerceError(error)).to.equal(error)
    for (const thrown of ['text', 7, null, undefined, { a: 1 }]) {
      const coerced = coerceError(thrown)
      expect(coerced).to.be.instanceOf(Error)
      expect(coerced.cause).to.equal(thrown)
    }
  })

  it('a code is text, or there is none', () => {
    expect(codeOf({ code: 'P2002' })).to.equal('P2002')
    for (const other of [{ code: 7 }, {}, null, 'x', undefined]) expect(codeOf(other)).to.equal(undefined)
  })
})

describe('assertions', () => {
  it('pass what holds and throw what does not, with a code that crosses processes', () => {
    assert(true, 'I2: holds')
    try {
      assert(false, 'I2: dense')
      expect.fail('an assertion let it pass')
    } catch (thrown) {
      expect(thrown).to.include({ code: 'assertion-failed', message: 'I2: dense' })
    }
  })

  it('a case nobody foresaw is told with its value', () => {
    expect(() => unreachable({ kind: 'new' } as never)).to.throw('unreachable case: {"kind":"new"}')
  })
})
