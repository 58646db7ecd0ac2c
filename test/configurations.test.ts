/**
 * All configurations alike: whatever is in the environment, either it is taken or every problem is told, by the name of its
 * variable. A value is never told: it may be a secret, or a secret in the wrong place.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { apiVariables, parseApiConfig } from '../api/config.ts'
import { houseVariables, parseHouseConfig } from '../cli/config.ts'
import { managerVariables, parseManagerConfig } from '../cluster/config.ts'
import { codeOf, coerceError } from '../kernel/errors.ts'
import { parseSandboxConfig, sandboxVariables } from '../sandbox/config.ts'
import { parseShardConfig, shardVariables } from '../shards/config.ts'
import { propertyRuns } from './support/records.ts'

type Environment = Record<string, string | undefined>
const configurations: Readonly<Record<string, { parse(environment: Environment): object; variables: readonly string[] }>> = {
  'the shard process': { parse: parseShardConfig, variables: shardVariables },
  'the manager': { parse: parseManagerConfig, variables: managerVariables },
  'the API': { parse: parseApiConfig, variables: apiVariables },
  'muster up': { parse: parseHouseConfig, variables: houseVariables },
  'the sandbox': { parse: parseSandboxConfig, variables: sandboxVariables },
}

/** Long and strange enough not to be part of a sentence by chance. */
const secret = fc.string({ minLength: 12, maxLength: 40, unit: 'grapheme-ascii' }).filter((text) => text.trim().length >= 12 && !/^(\d+|\s+)$/.test(text))
const value = fc.oneof(
  secret,
  secret.map((text) => Buffer.from(text).toString('base64')),
  secret.map((text) => `postgresql://muster:${encodeURIComponent(text)}@localhost/muster`),
  secret.map((text) => `mysql://${text}`),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64')),
)

for (const [whose, { parse, variables }] of Object.entries(configurations)) {
  describe(`the configuration of ${whose}`, () => {
    const messageOf = (environment: Environment): string | null => {
      try {
        expect(Object.isFrozen(parse(environment)), 'frozen').to.equal(true)
        return null
      } catch (thrown) {
        expect(codeOf(thrown)).to.equal('configuration-invalid')
        return coerceError(thrown).message
      }
    }

    it('tells no value, whatever it is and wherever it stands', () => {
      const environment = fc.record(Object.fromEntries(variables.map((name) => [name, fc.option(value, { nil: undefined })])))
      fc.assert(
        fc.property(environment as fc.Arbitrary<Environment>, (given) => {
          const message = messageOf(given)
          if (message === null) return
          for (const text of Object.values(given)) if (text !== undefined) expect(message).not.to.contain(text)
        }),
        propertyRuns(150),
      )
    })

    it('tells every variable that is wrong, all at once', () => {
      const wrong = Object.fromEntries(variables.map((name) => [name, '\u0001 hunter2']))
      const all = messageOf(wrong) ?? ''
      const alone = variables.filter((name) => {
        const others = messageOf({ [name]: '\u0001 hunter2' }) ?? ''
        const without = messageOf({}) ?? ''
        return others.includes(name) && !without.includes(name)
      })
      expect(alone.length).to.be.greaterThan(1)
      for (const name of alone) expect(all, name).to.contain(name)
      expect(all).not.to.contain('hunter2')
    })

    it('takes a number in digits only', () => {
      const told = (name: string, text: string): boolean => (messageOf({ [name]: text }) ?? '').includes(`${name} must`)
      const numbers = variables.filter((name) => new RegExp(`${name} must be (an integer|one of 1)`).test(messageOf({ [name]: 'eight' }) ?? ''))
      expect(numbers).not.to.deep.equal([])
      for (const name of numbers) for (const text of ['1e0', '0x1', '1.0', ' 1', '+1', '-1', '1_0', '٨']) expect(told(name, text), `${name}=${text}`).to.equal(true)
    })

    it('takes an empty variable for one that is not set', () => {
      const empty = Object.fromEntries(variables.map((name) => [name, '']))
      expect(messageOf(empty)).to.equal(messageOf({}))
    })

    it('reads nothing but its own variables', () => {
      const others = { PATH: '/bin', SECRET_OF_SOMEBODY: 'hunter2', MUSTER_UNHEARD_OF: 'hunter2' }
      expect(messageOf(others)).to.equal(messageOf({}))
    })
  })
}
