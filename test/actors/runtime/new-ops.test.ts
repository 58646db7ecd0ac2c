/**
 * Which ops need no look-up: made after serving began, by a clock that can be believed, and not seen before.
 */
import { expect } from 'chai'
import { NewOps } from '../../../actors/runtime/new-ops.ts'
import { opId, snowflakeAt } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { uuidV7 } from '../../../kernel/uuid.ts'

const servedSince = Date.UTC(2026, 10, 1)
const now = servedSince + 60_000
const create = (): NewOps => new NewOps({ now: () => now })
const madeAt = (ms: number, low = 0) => opId(snowflakeAt(ms, low))

describe('new ops', () => {
  it('an interaction or request made after serving began is new once', () => {
    const ops = create()
    const request = opId(uuidV7(now - 1_000, new Uint8Array(16).fill(3)))
    expect(ops.takeIn(madeAt(now - 1_000), servedSince)).to.equal(true)
    expect(ops.takeIn(madeAt(now - 1_000), servedSince)).to.equal(false)
    expect(ops.takeIn(request, servedSince)).to.equal(true)
    expect(ops.takeIn(request, servedSince)).to.equal(false)
  })

  it('one that an owner before could have decided is not, nor one whose clock may lie', () => {
    const ops = create()
    expect(ops.takeIn(madeAt(servedSince), servedSince)).to.equal(false)
    expect(ops.takeIn(madeAt(servedSince + limits.opClockMarginMs), servedSince)).to.equal(false)
    expect(ops.takeIn(madeAt(now + limits.opClockMarginMs + 1), servedSince)).to.equal(false)
    expect(ops.takeIn(opId('op-without-a-time'), servedSince)).to.equal(false)
  })

  it('past its bound nothing older than what was forgotten is new', () => {
    const ops = create()
    const first = madeAt(now - 10_000)
    expect(ops.takeIn(first, servedSince)).to.equal(true)
    for (let n = 0; n < limits.rememberedOpsMax; n += 1) ops.takeIn(madeAt(now - 9_000, n), servedSince)
    expect(ops.takeIn(first, servedSince)).to.equal(false)
    expect(ops.takeIn(madeAt(now - 10_001), servedSince)).to.equal(false)
    expect(ops.takeIn(madeAt(now - 8_000), servedSince)).to.equal(true)
  })
})
