/**
 * Somebody who can write to the database and has no keys, and somebody who brings files: what each may try, through the
 * public door, and that it shows. The attacker is given everything but private keys, older rows and heads included.
 */
import { expect } from 'chai'
import { encodeBase64 } from '../../actors/records/base64.ts'
import { canonicalBytes } from '../../actors/records/canonical.ts'
import { signChainHead } from '../../actors/records/chain-head.ts'
import { checkSignature, createSigner } from '../../actors/records/ed25519.ts'
import type { Ed25519Signer } from '../../actors/records/ed25519.ts'
import { statementBytes } from '../../actors/records/guild-key-statement.ts'
import { sha256 } from '../../actors/records/hash.ts'
import { encodeHex } from '../../actors/records/hex.ts'
import { parseReceipt, receiptBytes } from '../../actors/records/receipt.ts'
import { receiptFile } from '../../actors/records/receipt-file.ts'
import { guildId } from '../../kernel/ids.ts'
import { startTestApi } from '../support/api-app.ts'
import type { TestApi } from '../support/api-app.ts'
import { sealEveryType } from '../support/every-record.ts'
import { createTestCluster, insertChain, sealChain, seededRandom, sessionDraft, testGuild, testUuid } from '../support/records.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

const cluster = createTestCluster()
const chain = sealChain(cluster, 4)
const rows = chain.sealed.map(({ receiptRow }) => receiptRow)
const [first, second, third, newest] = rows as [Row, Row, Row, Row]
type Row = (typeof rows)[number]
const guildKey = chain.keys[0]!
const other = sealChain(cluster, 2, { guild: guildId('99'), seed: 'other' })
const own = createSigner(new Uint8Array(32).fill(3))
const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes)

describe('refusals', () => {
  let api: TestApi

  before(async function () {
    this.timeout(testServersTimeoutMs)
    api = await startTestApi(cluster)
  })
  after(() => api?.stop())
  beforeEach(async () => {
    await api.pool.query('TRUNCATE receipt, receipt_version_1, chain_head, guild_key, waiting_record')
    await insertChain(api.pool, chain)
  })

  const get = async (path: string) => (await (await fetch(`${api.url}${path}`)).json()) as Record<string, unknown>
  const verdictOf = async (row: Row) => await get(`/verify/session/${row.recordId}`)
  const chainOf = async () => await get(`/verify/chain/${testGuild}`)
  const sql = (text: string, values: readonly unknown[] = []) => api.pool.query(text, [...values])
  const post = async (file: object) => {
    const response = await fetch(`${api.url}/verify`, { method: 'POST', body: JSON.stringify(file), headers: { 'content-type': 'application/json' } })
    return { status: response.status, ...((await response.json()) as Record<string, unknown>) } as Record<string, unknown>
  }

  /** The second record as another one, signed by a key of the attacker's, with everything that keyless hands can fit to it. */
  async function forge(signer: Ed25519Signer, keyId: string): Promise<void> {
    const draft = sessionDraft(second.recordId, { duration_seconds: 9_999 })
    const signed = receiptBytes({ guildId: testGuild, keyId, sequence: 2, prevHash: encodeHex(second.prevHash), issuedAt: second.issuedAt }, draft)
    await sql('UPDATE receipt SET signed = $1, signature = $2, payload_hash = $3, key_id = $4 WHERE sequence = 2', [
      buffer(signed), buffer(signer.sign(signed)), buffer(sha256(signed)), keyId,
    ])
  }

  async function insertKey(key: { keyId: string; publicKey: Uint8Array; statement: Uint8Array; signature: Uint8Array; clusterKeyId?: string; first?: number }): Promise<void> {
    await sql(
      `INSERT INTO guild_key (key_id, guild_id, public_key, first_sequence, mode, sealed_private_key, key_wrap, statement, statement_signature, cluster_key_id)
       VALUES ($1, $2, $3, $4, 'cluster', '', '{}', $5, $6, $7)`,
      [key.keyId, testGuild, buffer(key.publicKey), key.first ?? 1, buffer(key.statement), buffer(key.signature), key.clusterKeyId ?? cluster.cluster.clusterKeyId],
    )
  }
  const ownKeyId = testUuid(seededRandom('own key'))
  const ownFacts = { guildId: testGuild, keyId: ownKeyId, publicKey: own.publicKey, firstSequence: 1 }
  const ownStatement = statementBytes(ownFacts, cluster.cluster.clusterKeyId)

  describe('keys', () => {
    it('a key row inserted without a statement does not exist', async () => {
      await insertKey({ keyId: ownKeyId, publicKey: own.publicKey, statement: new Uint8Array(0), signature: new Uint8Array(0) })
      await forge(own, ownKeyId)
      expect((await verdictOf(second))['valid']).to.equal(false)
      expect(JSON.stringify(await get(`/keys/${testGuild}`))).not.to.contain(ownKeyId)
    })

    it('a key row inserted with a statement that the attacker signed does not exist', async () => {
      await insertKey({ keyId: ownKeyId, publicKey: own.publicKey, statement: ownStatement, signature: own.sign(ownStatement) })
      await forge(own, ownKeyId)
      expect((await verdictOf(second))['reason']).to.match(/no statement that verifies/)
      expect(JSON.stringify(await get(`/keys/${testGuild}`))).not.to.contain(ownKeyId)
    })

    it('nor with a cluster key of his own making, nor with the genuine statement of another key or guild', async () => {
      await insertKey({ keyId: ownKeyId, publicKey: own.publicKey, statement: ownStatement, signature: own.sign(ownStatement), clusterKeyId: encodeHex(sha256(own.publicKey).subarray(0, 16)) })
      await forge(own, ownKeyId)
      expect((await verdictOf(second))['valid']).to.equal(false)
      for (const stated of [guildKey, other.keys[0]!]) {
        await sql('UPDATE guild_key SET statement = $1, statement_signature = $2, cluster_key_id = $3 WHERE key_id = $4', [
          buffer(stated.statement), buffer(stated.statementSignature), stated.clusterKeyId, ownKeyId,
        ])
        expect((await verdictOf(second))['valid']).to.equal(false)
      }
    })

    it('another guild’s genuine key signs nothing here', async () => {
      await insertChain(api.pool, other)
      const strange = other.sealed[0]!.key
      await forge(strange.signer, strange.keyId)
      expect((await verdictOf(second))['reason']).to.match(/no such key/)
      await sql('UPDATE guild_key SET guild_id = $1 WHERE key_id = $2', [testGuild, strange.keyId])
      expect((await verdictOf(second))['valid']).to.equal(false)
    })

    it('the guild’s key with another public half in its row is not the guild’s key', async () => {
      await sql('UPDATE guild_key SET public_key = $1', [buffer(own.publicKey)])
      await forge(own, guildKey.keyId)
      expect((await verdictOf(second))['valid']).to.equal(false)
    })

    it('a key whose time was moved in its row is refused', async () => {
      for (const change of ['first_sequence = 3', 'last_sequence = 1', 'last_sequence = 9']) {
        await sql(`UPDATE guild_key SET ${change}`)
        expect((await verdictOf(second))['valid'], change).to.equal(false)
      }
    })
  })

  describe('rows', () => {
    it('two rows swapped: the chain names the first bad one, each record says so', async () => {
      await sql('UPDATE receipt SET sequence = -sequence WHERE sequence IN (2, 3)')
      await sql('UPDATE receipt SET sequence = 5 + sequence WHERE sequence < 0')
      expect(await chainOf()).to.deep.include({ valid: false, first_bad_sequence: 2 })
      for (const row of [first, second, third, newest]) expect((await verdictOf(row))['valid']).to.equal(false)
    })

    it('any row but the newest deleted breaks the chain there', async () => {
      for (const sequence of [1, 2, 3]) {
        await sql('DELETE FROM receipt WHERE sequence = $1', [sequence])
        expect(await chainOf()).to.deep.include({ valid: false, first_bad_sequence: sequence })
        await sql('TRUNCATE receipt, receipt_version_1, chain_head, guild_key')
        await insertChain(api.pool, chain)
      }
    })

    it('a record rewritten with all its links made to fit still has no signature', async () => {
      await forge(own, guildKey.keyId)
      const { rows: [forged] } = await sql('SELECT payload_hash FROM receipt WHERE sequence = 2')
      await sql('UPDATE receipt SET prev_hash = $1 WHERE sequence = 3', [(forged as { payload_hash: Buffer }).payload_hash])
      expect((await verdictOf(second))['reason']).to.equal('the signature does not verify')
      expect((await verdictOf(third))['valid']).to.equal(false)
    })

    it('the newest rows cut off: seen against the head, and the head cannot be made', async () => {
      await sql('DELETE FROM receipt WHERE sequence > 2')
      expect(await chainOf()).to.deep.include({ valid: false, first_bad_sequence: 3 })
      const facts = { guildId: testGuild, keyId: guildKey.keyId, sequence: 2, hash: second.payloadHash }
      await sql('UPDATE chain_head SET sequence = 2, hash = $1, signature = $2', [buffer(second.payloadHash), buffer(signChainHead(own, facts))])
      expect((await chainOf())['reason']).to.equal('the signature of the head does not verify')
      expect((await verdictOf(second))['valid']).to.equal(false)
    })

    it('with an old head put back it is whole in itself, and any later receipt or posted head contradicts it', async () => {
      const posted = chain.sealed[3]!.chainHeadRow
      const old = chain.sealed[1]!.chainHeadRow
      await sql('DELETE FROM receipt WHERE sequence > 2')
      await sql('UPDATE chain_head SET sequence = $1, hash = $2, signature = $3', [old.sequence, buffer(old.hash), buffer(old.signature)])
      const answer = (await chainOf()) as { valid: boolean; head: { sequence: number } }
      expect(answer.valid).to.equal(true)
      // Who kept the head that was posted in the guild's channel: the chain has become shorter, which it never does.
      expect(answer.head.sequence).to.be.below(posted.sequence)
      // Who kept the receipt: it is genuine, and the chain that must contain it does not.
      const kept = receiptFile({ ...newest, publicKey: guildKey.publicKey })
      expect((await post(kept))['valid']).to.equal(true)
      expect((await fetch(`${api.url}/verify/session/${newest.recordId}`)).status).to.equal(404)
    })
  })

  describe('bits', () => {
    it('every single bit of bytes, signature and key of every type of receipt', function () {
      this.timeout(60_000)
      const forms = sealEveryType(cluster, { alsoVersion1: true }).sealed.flatMap(({ receiptRow, version1Row, key }) =>
        [receiptRow, ...(version1Row === null ? [] : [version1Row])].map(({ signed, signature }) => ({ receiptRow, key, bytes: signed, signature })))
      expect(forms).to.have.length(6)
      for (const { receiptRow, key, bytes, signature } of forms) {
        const { publicKey } = key.signer
        const whole = { publicKey, bytes, signature }
        for (const field of ['bytes', 'signature', 'publicKey'] as const) {
          const changed = whole[field].slice()
          for (let bit = 0; bit < changed.length * 8; bit++) {
            changed[bit >> 3]! ^= 1 << (bit & 7)
            expect(checkSignature({ ...whole, [field]: changed }).kind, `${receiptRow.type}: bit ${bit} of ${field}`).not.to.equal('verified')
            changed[bit >> 3]! ^= 1 << (bit & 7)
          }
        }
        expect(checkSignature(whole).kind).to.equal('verified')
      }
    })
  })

  describe('spellings', () => {
    const text = new TextDecoder().decode(first.signed)
    const signedBy = (bytes: Uint8Array) => receiptFile({ signed: bytes, signature: own.sign(bytes), keyId: guildKey.keyId, publicKey: own.publicKey })
    const readings: readonly (readonly [string, string])[] = [
      ['a key twice', text.replace('"type":', '"sequence":1,"type":')],
      ['a key twice, once escaped', text.replace('"type":', '"\\u0073equence":1,"type":')],
      ['an id as a number above 2^53', text.replace(`"guild_id":"${testGuild}"`, `"guild_id":${testGuild}`)],
      ['a sequence above 2^53', text.replace('"sequence":1', '"sequence":9007199254740993')],
      ['a sequence as 1.0', text.replace('"sequence":1', '"sequence":1.0')],
      ['a sequence as 1e0', text.replace('"sequence":1', '"sequence":1e0')],
      ['white space', text.replace(',', ', ')],
      ['another order of keys', text.replace(/^\{("guild_id":"\d+"),("issued_at":"[^"]+"),/, '{$2,$1,')],
      ['an escape where none is needed', text.replace('voice-session', 'voice\\u002dsession')],
      ['capital escapes', text.replace('voice-session', 'voice\\u002Dsession')],
      ['a byte order mark', `\uFEFF${text}`],
      ['a lone surrogate', text.replace('voice-session', '\\ud800')],
      ['an escaped NUL', text.replace('voice-session', '\\u0000')],
      ['a hash in capitals', text.replace('"prev_hash":"0', '"prev_hash":"A')],
      ['a UUID in capitals', text.replace(first.recordId, first.recordId.toUpperCase())],
      ['a combining character that looks the same', text.replace('voice-session', 'voice-sessio\u006e\u0303')],
      ['digits of another script', text.replace('2700', '２７００')],
    ]
    for (const [what, changed] of readings) {
      it(`bytes with ${what} are no receipt, whoever signed them`, async () => {
        expect(changed).not.to.equal(text)
        const bytes = new TextEncoder().encode(changed)
        expect(parseReceipt(bytes).ok).to.equal(false)
        expect((await post(signedBy(bytes)))['status']).to.equal(400)
      })
    }

    it('overlong UTF-8 and cut characters are no text', () => {
      for (const bytes of [[0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff]]) {
        const at = text.indexOf('voice-session')
        const mixed = Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from(bytes), Buffer.from(text.slice(at))])
        expect(parseReceipt(new Uint8Array(mixed)).ok).to.equal(false)
      }
    })

    it('a genuine receipt in sloppy base64 or hex is malformed', async () => {
      const file = receiptFile({ ...first, publicKey: guildKey.publicKey })
      expect((await post(file))['valid']).to.equal(true)
      for (const change of [
        { signed: file.signed.replace(/=+$/, '') + (file.signed.endsWith('=') ? '' : '==') }, { signed: ` ${file.signed}` }, { signature: `${file.signature}=` },
        { signature: file.signature.replace(/^(.)/, '$1\n') }, { payload_hash: file.payload_hash.toUpperCase().replace(/^\d/, 'A') }, { payload_hash: `0x${file.payload_hash.slice(2)}` },
        { public_key: file.public_key.replace(/=$/, '') }, { key_id: file.key_id.toUpperCase() },
      ]) expect((await post({ ...file, ...change }))['status'], JSON.stringify(change)).to.equal(400)
    })
  })

  it('a receipt under the identity key with a zero signature, key row and all, proves nothing', async () => {
    const identity = new Uint8Array(32).with(0, 1)
    const zero = new Uint8Array(64).with(0, 1)
    const bytes = canonicalBytes({ ...JSON.parse(new TextDecoder().decode(second.signed)) as object })
    await sql('UPDATE guild_key SET public_key = $1', [buffer(identity)])
    await sql('UPDATE receipt SET signature = $1 WHERE sequence = 2', [buffer(zero)])
    expect((await verdictOf(second))['valid']).to.equal(false)
    const file = { ...receiptFile({ signed: bytes, signature: zero, keyId: guildKey.keyId, publicKey: guildKey.publicKey }), public_key: encodeBase64(identity) }
    expect((await post(file))['valid']).not.to.equal(true)
  })
})
