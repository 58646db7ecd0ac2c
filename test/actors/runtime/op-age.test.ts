import { expect } from 'chai'
import { isOpExpired, opTimeMs } from '../../../actors/runtime/op-age.ts'
import { opId, snowflakeAt } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { uuidV7 } from '../../../kernel/uuid.ts'

describe('the age of an op', () => {
  const madeAt = 1_790_000_000_123

  it('is told by an interaction id and by a UUIDv7, and by no other name', () => {
    expect(opTimeMs(opId(snowflakeAt(madeAt, 5)))).to.equal(madeAt)
    expect(opTimeMs(opId(uuidV7(madeAt, new Uint8Array(16).fill(9))))).to.equal(madeAt)
    for (const name of ['alarm:1:f/p:3', 'outbox:1:2:0', 'feed:abc:7', '9f1c2d3e-0000-4000-8000-000000000000']) {
      expect(opTimeMs(opId(name)), name).to.equal(null)
    }
  })

  it('ends exactly when results are no longer kept (I4)', () => {
    const op = opId(uuidV7(madeAt, new Uint8Array(16)))
    expect(isOpExpired(op, madeAt + limits.opResultTtlMs)).to.equal(false)
    expect(isOpExpired(op, madeAt + limits.opResultTtlMs + 1)).to.equal(true)
    expect(isOpExpired(opId('alarm:1:f/p:3'), Number.MAX_SAFE_INTEGER)).to.equal(false)
  })
})
