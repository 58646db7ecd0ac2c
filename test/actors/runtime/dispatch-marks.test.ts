/**
 * A guild's dispatches have their effect once (I4): whatever is told again, in whatever session, is known by one number.
 */
import { expect } from 'chai'
import { feedOpId, isDispatchApplied, noteDispatch, parseFeedOpId } from '../../../actors/runtime/dispatch-marks.ts'
import type { DispatchMark } from '../../../actors/runtime/dispatch-marks.ts'
import { opId } from '../../../kernel/ids.ts'

const after = (...ops: readonly [session: string, seq: number][]): readonly DispatchMark[] =>
  ops.reduce<readonly DispatchMark[]>((marks, [session, seq]) => noteDispatch(marks, feedOpId(session, seq)), [])

describe('the marks of dispatches', () => {
  it('an op id names its dispatch, whatever the session is called', () => {
    for (const session of ['a', 'a:b', 'feed:1']) {
      expect(parseFeedOpId(feedOpId(session, 12))).to.deep.equal({ session, seq: 12 })
    }
    for (const other of ['op-1', 'feed:', 'feed:12', 'feed:a:', 'feed:a:x', 'alarm:1:a/b:2']) {
      expect(parseFeedOpId(opId(other)), other).to.equal(null)
    }
  })

  it('what was taken in, and everything before it, is applied; what comes after is not', () => {
    const marks = after(['a', 3], ['a', 7])
    expect([3, 5, 7, 8].map((seq) => isDispatchApplied(marks, feedOpId('a', seq)))).to.deep.equal([true, true, true, false])
    expect(isDispatchApplied(marks, feedOpId('b', 1))).to.equal(false)
    expect(isDispatchApplied(marks, opId('op-1'))).to.equal(false)
  })

  it('other ops leave the marks as they are', () => {
    const marks = after(['a', 3])
    expect(noteDispatch(marks, opId('op-1'))).to.equal(marks)
  })

  it('four sessions are remembered, the ones used last', () => {
    const marks = after(['a', 1], ['b', 1], ['c', 1], ['a', 2], ['d', 1], ['e', 1])
    expect(marks.map(({ session }) => session)).to.deep.equal(['c', 'a', 'd', 'e'])
  })
})
