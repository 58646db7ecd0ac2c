/** Digests under a guild's secret: what is kept of them changes nothing that is asked for. */
import { createHmac, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { hmacOf, secretLength } from '../../../actors/records/guild-secret.ts'
import { createSecretBytes } from '../../../actors/records/secret.ts'

describe('HMACs under a secret of a guild', () => {
  it('are those of its bytes, asked for once or often, in any order and beyond what is kept', () => {
    const plain = { a: randomBytes(secretLength), b: randomBytes(secretLength) }
    const hmac = hmacOf(new Map(Object.entries(plain).map(([id, bytes]) => [id, createSecretBytes(bytes, secretLength)])))
    const messages = Array.from({ length: 40 }, (_, step) => Uint8Array.of(0, 200 + step, 255, step))
    for (const step of [...messages.keys(), 0, 39, 0, 12, 39, ...messages.keys()]) {
      for (const id of ['a', 'b'] as const) {
        const digest = hmac.of(id, messages[step]!)
        expect(Buffer.from(digest).equals(createHmac('sha256', plain[id]).update(messages[step]!).digest())).to.equal(true)
      }
    }
    expect(hmac.knows('c')).to.equal(false)
    expect(() => hmac.of('c', messages[0]!)).to.throw('a secret that is known')
  })
})
