import { expect } from 'chai'
import { placeVariables } from '../../cluster/protocol.ts'
import { parsePlace } from '../../shards/place.ts'

describe('the place of a shard process', () => {
  const told = (generation: string, startsHolding: string) => ({ [placeVariables.generation]: generation, [placeVariables.startsHolding]: startsHolding })

  it('is told by the manager', () => {
    expect(parsePlace(told('12', 'yes'))).to.deep.equal({ generation: 12, startsHolding: true })
    expect(parsePlace(told('1', 'no'))).to.deep.equal({ generation: 1, startsHolding: false })
  })

  it('is nothing that a person sets: started by hand, it says how it is started', () => {
    for (const wrong of [{}, told('0', 'no'), told('1.5', 'no'), told('1', 'maybe')]) expect(() => parsePlace(wrong)).to.throw('started by the manager')
  })
})
