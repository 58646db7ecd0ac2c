/** Cluster keys from configuration: told by name when they cannot be used, never by value. */
import { expect } from 'chai'
import { inspect } from 'node:util'
import {
  parseClusterSigner,
  parseKeyEncryptionKeys,
  parseTrustedClusterKeys,
  trustOf,
} from '../../../actors/records/cluster-key.ts'
import { openPrivateKey, sealPrivateKey } from '../../../actors/records/sealed-key.ts'
import { codeOf } from '../../../kernel/errors.ts'
import { seededRandom } from '../../support/records.ts'

const secret = Buffer.from(seededRandom('configured')(32)).toString('base64')
const other = Buffer.from(seededRandom('other')(32)).toString('base64')

describe('cluster key', () => {
  it('reads the seed, and trusts the public half under the same id', () => {
    const signer = parseClusterSigner({ name: 'MUSTER_CLUSTER_KEY', text: `${secret}\n` })
    const publicKey = Buffer.from(signer.signer.publicKey).toString('base64')
    const trusted = parseTrustedClusterKeys({ name: 'MUSTER_CLUSTER_PUBLIC_KEYS', text: ` ${publicKey} , ${publicKey},` })
    expect(trusted).to.deep.equal(trustOf(signer))
  })

  for (const [what, text] of [
    ['empty', ''],
    ['not base64', '*'.repeat(44)],
    ['of another length', 'QUFB'],
    ['in sloppy base64', secret.replace('=', '')],
  ] as const) {
    it(`refuses a value that is ${what}, naming the variable and not the value`, () => {
      for (const parse of [parseClusterSigner, parseTrustedClusterKeys, parseKeyEncryptionKeys]) {
        try {
          parse({ name: 'MUSTER_VARIABLE', text })
          expect.fail('it was taken')
        } catch (thrown) {
          expect(codeOf(thrown)).to.equal('configuration-invalid')
          expect(inspect(thrown)).to.contain('MUSTER_VARIABLE')
          if (text !== '') expect(inspect(thrown)).not.to.contain(text)
        }
      }
    })
  }

  it('refuses a public key of small order', () => {
    const zero = Buffer.alloc(32).toString('base64')
    expect(() => parseTrustedClusterKeys({ name: 'KEYS', text: zero })).to.throw('small order')
  })

  it('prints nothing of a signer or a key-encryption key', () => {
    const signer = parseClusterSigner({ name: 'A', text: secret })
    const keks = parseKeyEncryptionKeys({ name: 'B', text: secret })
    const hex = Buffer.from(secret, 'base64').toString('hex')
    for (const text of [inspect([signer, keks], { depth: 9, showHidden: true }), JSON.stringify([signer, keks])]) {
      expect(text).to.contain('[redacted]')
      expect(text).not.to.contain(secret)
      expect(text).not.to.contain(hex)
    }
  })

  it('opens with an older key-encryption key while a newer one wraps', () => {
    const [older] = parseKeyEncryptionKeys({ name: 'KEK', text: secret })
    const random = seededRandom('kek')
    const owner = { guildId: '1', keyId: 'k' }
    const seed = random(32)
    const sealed = sealPrivateKey({ owner, seed, kek: older, random })
    const both = parseKeyEncryptionKeys({ name: 'KEK', text: `${other},${secret}` })
    expect(openPrivateKey(owner, sealed, both)).to.deep.equal(seed)
    expect(() => openPrivateKey(owner, sealed, [both[0]])).to.throw('not configured here')
  })
})
