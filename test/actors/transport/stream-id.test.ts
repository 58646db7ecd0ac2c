/** Stream ids are two numbers, whatever they look like as text. */
import { expect } from 'chai'
import { compareStreamIds, firstStreamId, nextStreamId } from '../../../actors/transport/stream-id.ts'

describe('stream ids', () => {
  it('are ordered by time, then by counter, as numbers', () => {
    const ordered = [firstStreamId, '0-1', '9-10', '10-9', '10-10', '1767225600000-0', '1767225600000-18446744073709551615']
    for (const [index, id] of ordered.entries()) {
      for (const [other, than] of ordered.entries()) expect(Math.sign(compareStreamIds(id, than))).to.equal(Math.sign(index - other))
    }
  })

  it('are the same however often they are compared', () => {
    expect(compareStreamIds('5-5', '5-5')).to.equal(0)
  })

  it('have a next one right above them', () => {
    expect(nextStreamId('0-0')).to.equal('0-1')
    expect(nextStreamId('5-9')).to.equal('5-10')
    expect(nextStreamId('5-18446744073709551615')).to.equal('6-0')
  })

  it('are nothing else', () => {
    for (const text of ['', '5', '-5', '5-', 'a-1', '5-5-5', '5 -5']) {
      expect(() => compareStreamIds(text, '1-1')).to.throw('not a stream id')
    }
  })
})
