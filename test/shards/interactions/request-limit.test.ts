/** So many at once, in order, and a place that is given back whatever becomes of the work. */
import { expect } from 'chai'
import { createRequestLimit } from '../../../shards/interactions/request-limit.ts'
import { createDeferred } from '../../support/deferred.ts'
import { settle } from '../../support/settle.ts'

describe('requests at once', () => {
  it('never more than the bound, first come first served, failures included', async () => {
    const limit = createRequestLimit(2)
    const works = Array.from({ length: 5 }, () => createDeferred<number>())
    const begun: number[] = []
    const results = works.map((work, index) =>
      limit(() => {
        begun.push(index)
        return work.promise
      }).catch((error: Error) => error.message),
    )
    await settle()
    expect(begun).to.deep.equal([0, 1])
    works[1]?.reject(new Error('refused'))
    await settle()
    expect(begun).to.deep.equal([0, 1, 2])
    for (const [index, work] of works.entries()) if (index !== 1) work.resolve(index)
    expect(await Promise.all(results)).to.deep.equal([0, 'refused', 2, 3, 4])
    expect(await limit(() => Promise.resolve('free again'))).to.equal('free again')
  })
})
