import { expect } from 'chai'
import { restShare } from '../../shards/rest-share.ts'

describe('the share of REST requests', () => {
  it('stays within 50 a second over all processes while there are fewer than 50', () => {
    for (let processes = 1; processes <= 48; processes += 1) expect(restShare(processes) * processes).to.be.at.most(48)
  })

  it('is never nothing', () => {
    for (const processes of [48, 49, 96, 384]) expect(restShare(processes)).to.equal(1)
  })
})
