/**
 * Verdicts on every type of record over HTTP: attendance with its amendments, periods with counts alone, receipt files by
 * POST, erasure; JWK sets; what browsers of other pages may ask.
 */
import { expect } from 'chai'
import { receiptFile } from '../../actors/records/receipt-file.ts'
import type { ReceiptFile } from '../../actors/records/receipt-file.ts'
import { receiptV1Bytes } from '../../actors/records/receipt-v1.ts'
import { startTestApi } from '../support/api-app.ts'
import type { TestApi } from '../support/api-app.ts'
import { sealEveryType } from '../support/every-record.ts'
import { hasOpenssl, verifyWithOpenssl } from '../support/openssl.ts'
import { createTestCluster, insertChain, sealRotated, seededRandom, sessionDraft, testGuild, testUuid } from '../support/records.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

const cluster = createTestCluster()
const chain = sealEveryType(cluster)
const [session, attendance, period] = chain.sealed.map(({ receiptRow }) => receiptRow) as [Row, Row, Row]
type Row = (typeof chain.sealed)[number]['receiptRow']
const { publicKey } = chain.sealed[0]!.key.signer
const fileOf = ({ signed, signature, keyId }: Row): ReceiptFile => receiptFile({ signed, signature, keyId, publicKey })

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown> & { error?: { code: string; message: string } }
}

describe('api: every type of record', () => {
  let api: TestApi
  let isPublic: boolean

  before(async function () {
    this.timeout(testServersTimeoutMs)
    api = await startTestApi(cluster, { deps: { hasPublicBoards: (guild) => Promise.resolve(isPublic && guild === testGuild) } })
  })
  after(() => api?.stop())
  beforeEach(async () => {
    isPublic = false
    await api.pool.query('TRUNCATE receipt, receipt_version_1, chain_head, guild_key, waiting_record')
    await insertChain(api.pool, chain)
  })

  async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${api.url}${path}`, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) }
  }
  const post = (body: string | Uint8Array, type = 'application/json'): Promise<Answer> =>
    ask('/verify', { method: 'POST', body: body as string, headers: type === '' ? {} : { 'content-type': type } })

  describe('GET /verify/attendance/{uuid}', () => {
    it('is valid, no longer current, and says with signature what changed', async () => {
      const { status, body } = await ask(`/verify/attendance/${attendance.recordId}`)
      expect(status).to.equal(200)
      expect(body).to.deep.include({ valid: true, current: false })
      expect(body).to.have.nested.property('amended_by.receipt.payload.to', 'excused')
      expect(body).to.have.nested.property('amended_by.receipt.payload.of_hash', Buffer.from(attendance.payloadHash).toString('hex'))
      expect(body).to.have.nested.property('amendments.length', 1)
    })

    it('sees an amendment edited in the table, moved to another record, or made of another type', async () => {
      const reasonAfter = async (sql: string): Promise<unknown> => {
        await api.pool.query(sql)
        return (await ask(`/verify/attendance/${attendance.recordId}`)).body['reason']
      }
      expect(await reasonAfter("UPDATE receipt SET issued_at = issued_at + 1 WHERE type = 'amendment'")).to.match(/an amendment of it: the column issued_at/)
      expect(await reasonAfter("UPDATE receipt SET type = 'attendance' WHERE type = 'amendment'")).to.match(/more than one receipt claims this record/)
    })

    it('knows a session only as a session', async () => {
      expect((await ask(`/verify/attendance/${session.recordId}`)).status).to.equal(404)
      expect((await ask(`/verify/session/${attendance.recordId}`)).status).to.equal(404)
    })

    it('gives its receipt file', async () => {
      expect((await ask(`/receipts/${attendance.recordId}`)).body).to.deep.equal({ ...fileOf(attendance) })
    })
  })

  describe('GET /verify/period/{guild}/{index}', () => {
    it('gives counts and the verdict; neither entries nor the bytes that contain them', async () => {
      const { status, body } = await ask(`/verify/period/${testGuild}/3`)
      expect(status).to.equal(200)
      expect(body).to.deep.include({ valid: true, current: true, entries: null, period_index: 3 })
      expect(body['period']).to.deep.include({ members: 3, sessions: 7, duration_seconds: 14_400 })
      expect(JSON.stringify(body)).not.to.contain('1142857142857142860')
      expect(body['signed']).to.equal(null)
      expect((await ask(`/receipts/${period.recordId}`)).status).to.equal(404)
    })

    it('gives entries and their bytes once the server shows its boards; the receipt file too', async () => {
      isPublic = true
      const { body } = await ask(`/verify/period/${testGuild}/3`)
      expect(body['entries']).to.deep.equal([
        { user_id: '1142857142857142860', duration_seconds: 7200, sessions: 2 },
        { user_id: '99', duration_seconds: 3600, sessions: 1 },
        { user_id: '1142857142857142858', duration_seconds: 3600, sessions: 4 },
      ])
      expect(body['signed']).to.equal(Buffer.from(period.signed).toString('base64'))
      expect(body['public_key']).to.equal(Buffer.from(publicKey).toString('base64'))
      expect((await ask(`/receipts/${period.recordId}`)).body).to.deep.equal({ ...fileOf(period) })
      isPublic = false
      expect((await ask(`/verify/period/${testGuild}/3`)).body).to.deep.include({ entries: null, signed: null })
    })

    it('has a page for people: counts for everybody, places only where boards are shown', async () => {
      const page = async (): Promise<string> => (await fetch(`${api.url}/v/${period.recordId}`)).text()
      const hidden = await page()
      expect(hidden).to.contain('This record is genuine').and.contain('4 h 00 min 00 s').and.contain('has not made its boards public')
      expect(hidden).not.to.contain('1142857142857142860').and.not.to.contain('Save the receipt')
      isPublic = true
      expect(await page()).to.contain('1142857142857142860: 2 h 00 min 00 s').and.contain('Save the receipt')
    })

    it('is 400 for what is no index, 404 for an unknown one, and sees an edited row', async () => {
      for (const path of [`${testGuild}/0`, `${testGuild}/x`, `${testGuild}/03`, 'x/3', `${testGuild}/3.0`]) {
        expect((await ask(`/verify/period/${path}`)).status, path).to.equal(400)
      }
      expect((await ask(`/verify/period/${testGuild}/4`)).status).to.equal(404)
      expect((await ask('/verify/period/42/3')).status).to.equal(404)
      await api.pool.query("UPDATE receipt SET signed = convert_to(replace(convert_from(signed, 'UTF8'), '7200', '9200'), 'UTF8') WHERE type = 'period'")
      expect((await ask(`/verify/period/${testGuild}/3`)).body).to.deep.include({ valid: false })
    })

    it('an index edited in the table leads to a verdict that says so', async () => {
      await api.pool.query("UPDATE receipt SET subject = '4' WHERE type = 'period'")
      expect((await ask(`/verify/period/${testGuild}/4`)).body['reason']).to.equal('the column subject does not agree with the signed bytes')
    })
  })

  describe('POST /verify', () => {
    it('judges a file of every type, and version 1', async () => {
      for (const { receiptRow } of chain.sealed) {
        const { status, body, headers } = await post(JSON.stringify(fileOf(receiptRow)))
        expect(status).to.equal(200)
        expect(body).to.deep.include({ valid: true, signing_version: 2, type: receiptRow.type, record_id: receiptRow.recordId })
        expect(headers.get('cache-control')).to.equal('no-store')
      }
      const signed = receiptV1Bytes(testGuild, sessionDraft(testUuid(seededRandom('one'))))!
      const old = receiptFile({ signed, signature: chain.sealed[0]!.key.signer.sign(signed), keyId: session.keyId, publicKey })
      expect((await post(JSON.stringify(old))).body).to.deep.include({
        valid: true, signing_version: 1, receipt: null, signed_text: Buffer.from(signed).toString(),
      })
    })

    it('needs no row, stores nothing, and believes no key of the file or of a forged row', async () => {
      await api.pool.query('DELETE FROM receipt')
      const file = fileOf(session)
      expect((await post(JSON.stringify(file))).body['valid']).to.equal(true)
      expect((await api.pool.query('SELECT * FROM receipt')).rowCount).to.equal(0)
      const stranger = createTestCluster('strangers').cluster.signer
      const own = receiptFile({ signed: session.signed, signature: stranger.sign(session.signed), keyId: session.keyId, publicKey: stranger.publicKey })
      expect((await post(JSON.stringify(own))).body).to.deep.include({ valid: false, reason: 'the key in the file is not the registered one' })
      await api.pool.query('UPDATE guild_key SET public_key = $1', [Buffer.from(stranger.publicKey)])
      expect((await post(JSON.stringify(own))).body['valid']).to.equal(false)
      await api.pool.query('DELETE FROM guild_key')
      expect((await post(JSON.stringify(file))).body).to.deep.include({ valid: false, reason: 'the guild has no such key' })
    })

    it('a file with one bit flipped is refused as malformed or judged not valid', async () => {
      const file = fileOf(session)
      const flip = (text: string): string => Buffer.from(Buffer.from(text, 'base64').map((byte, at) => (at === 40 ? byte ^ 4 : byte))).toString('base64')
      expect((await post(JSON.stringify({ ...file, signature: flip(file.signature) }))).body['valid']).to.equal(false)
      expect((await post(JSON.stringify({ ...file, signed: flip(file.signed) }))).body.error?.code).to.equal('not-a-receipt-file')
    })

    it('takes JSON under common names, refuses other types, long bodies and other methods', async () => {
      const text = JSON.stringify(fileOf(session))
      for (const type of ['application/json; charset=utf-8', 'application/octet-stream', 'text/plain']) expect((await post(text, type)).status, type).to.equal(200)
      expect((await post(text, 'application/x-www-form-urlencoded')).status).to.equal(415)
      expect((await post(text, 'multipart/form-data; boundary=x')).status).to.equal(415)
      expect((await ask('/verify', { method: 'POST', body: text, headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } })).status).to.equal(415)
      expect((await post(`${text}${' '.repeat(3 * 1024 * 1024)}`)).body.error?.code).to.equal('too-large')
      expect((await post('')).status).to.equal(400)
      const got = await ask('/verify')
      expect([got.status, got.headers.get('allow')]).to.deep.equal([405, 'POST, OPTIONS'])
    })

    it('may be asked by any web page', async () => {
      const preflight = await ask('/verify', { method: 'OPTIONS', headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' } })
      expect(preflight.status).to.equal(204)
      expect(preflight.headers.get('access-control-allow-origin')).to.equal('*')
      expect(preflight.headers.get('access-control-allow-methods')).to.equal('POST')
    })
  })

  describe('signing version 1 beside version 2', () => {
    const both = sealEveryType(cluster, { alsoVersion1: true })
    beforeEach(async () => {
      isPublic = true
      await api.pool.query('TRUNCATE receipt, receipt_version_1, chain_head, guild_key')
      await insertChain(api.pool, both)
    })
    const paths = [`/verify/session/${session.recordId}`, `/verify/period/${testGuild}/3`]
    const idOf = [session.recordId, period.recordId]

    it('is served with the verdict and as a receipt file, which verifies', async () => {
      for (const [index, path] of paths.entries()) {
        const { body } = await ask(path)
        expect(body['valid'], path).to.equal(true)
        const old = body['signing_version_1'] as { signed: string; signature: string; payload_hash: string }
        const file = (await ask(`/receipts/${idOf[index]}?signing_version=1`)).body as unknown as ReceiptFile
        expect(file).to.deep.include({ signed: old.signed, signature: old.signature, payload_hash: old.payload_hash })
        expect((await post(JSON.stringify(file))).body).to.deep.include({ valid: true, signing_version: 1, record_id: idOf[index] })
        if (hasOpenssl()) expect((await verifyWithOpenssl(file)).isAccepted).to.equal(true)
      }
    })

    it('is null and 404 of a type it does not know and where nobody asked for it; 400 for another version', async () => {
      expect((await ask(`/verify/attendance/${attendance.recordId}`)).body['signing_version_1']).to.equal(null)
      expect((await ask(`/receipts/${attendance.recordId}?signing_version=1`)).status).to.equal(404)
      expect((await ask(`/receipts/${session.recordId}?signing_version=3`)).status).to.equal(400)
      expect((await ask(`/receipts/${session.recordId}?signing_version=2`)).status).to.equal(200)
    })

    it('one bit of its bytes or signature, or another record’s in its place, makes the verdict invalid', async () => {
      const reasonAfter = async (sql: string): Promise<unknown> => {
        await api.pool.query(sql)
        return (await ask(paths[0]!)).body['reason']
      }
      const flip = (column: string, bit: number): string => `UPDATE receipt_version_1 SET ${column} = set_bit(${column}, ${bit}, 1 - get_bit(${column}, ${bit})) WHERE sequence = 1`
      for (const bit of [0, 77, 1_500]) {
        expect(await reasonAfter(flip('signed', bit))).to.equal('its form of signing version 1 says something else')
        expect(await reasonAfter(flip('signed', bit))).to.equal(undefined)
      }
      for (const bit of [0, 100, 511]) {
        expect(await reasonAfter(flip('signature', bit))).to.equal('the signature of its form of signing version 1 does not verify')
        expect(await reasonAfter(flip('signature', bit))).to.equal(undefined)
      }
      expect(await reasonAfter('UPDATE receipt_version_1 o SET signed = p.signed, signature = p.signature FROM receipt_version_1 p WHERE o.sequence = 1 AND p.sequence = 3')).to.match(/says something else/)
    })
  })

  it('erasure keeps hash and signature: the chain stays whole, the record says that it was erased', async () => {
    await api.pool.query('UPDATE receipt SET signed = NULL WHERE sequence = 2')
    expect((await ask(`/verify/attendance/${attendance.recordId}`)).body['reason']).to.match(/nothing signed says that they were erased/)
    const page = await ask(`/verify/chain/${testGuild}`)
    expect(page.body['valid']).to.equal(true)
    expect((page.body['receipts'] as { erased?: boolean }[]).map(({ erased }) => erased ?? false)).to.deep.equal([false, true, false, false])
  })

  it('what a replaced key and its successor signed is valid, is given with its key, and verifies as a file', async () => {
    const rotated = sealRotated(cluster)
    await api.pool.query('TRUNCATE receipt, receipt_version_1, chain_head, guild_key')
    await insertChain(api.pool, rotated)
    for (const { receiptRow, key } of rotated.sealed) {
      const { body } = await ask(`/verify/session/${receiptRow.recordId}`)
      expect(body).to.deep.include({ valid: true, public_key: Buffer.from(key.signer.publicKey).toString('base64') })
      const file = await ask(`/receipts/${receiptRow.recordId}`)
      expect(file.status).to.equal(200)
      expect((await post(JSON.stringify(file.body))).body['valid']).to.equal(true)
      expect(await (await fetch(`${api.url}/v/${receiptRow.recordId}`)).text()).to.contain('Save the receipt')
    }
  })

  it('keys are given as JWK sets too', async () => {
    const { body, headers } = await ask(`/keys/${testGuild}/jwks`)
    expect(body).to.deep.equal({ keys: [{ kty: 'OKP', crv: 'Ed25519', use: 'sig', kid: session.keyId, x: Buffer.from(publicKey).toString('base64url') }] })
    expect(headers.get('content-type')).to.contain('application/jwk-set+json')
    expect((await ask('/keys/jwks')).body).to.have.nested.property('keys[0].kid', cluster.cluster.clusterKeyId)
    expect((await ask('/keys/x/jwks')).status).to.equal(400)
  })

  it('the verdict’s ETag stays while the verdict does, on pages too', async () => {
    for (const path of [`/verify/attendance/${attendance.recordId}`, `/verify/period/${testGuild}/3`, `/v/${attendance.recordId}`]) {
      const first = await fetch(`${api.url}${path}`)
      const again = await fetch(`${api.url}${path}`, { headers: { 'if-none-match': first.headers.get('etag')!, 'cache-control': 'max-age=0' } })
      expect([again.status, again.headers.get('etag'), first.headers.get('cache-control')], path).to.deep.equal([
        304, first.headers.get('etag'), 'public, max-age=60, must-revalidate',
      ])
    }
  })
})
