/**
 * The application over a real database whose rows were put there by plain SQL: what it answers, what it refuses, and
 * what it says after somebody edited a table.
 */
import { expect } from 'chai'
import type pg from 'pg'
import type { HealthReport } from '../../kernel/health.ts'
import { startTestApi } from '../support/api-app.ts'
import type { TestApi } from '../support/api-app.ts'
import { createTestCluster, insertChain, sealChain, seededRandom, testGuild, testUuid } from '../support/records.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

const cluster = createTestCluster()
const chain = sealChain(cluster, 4)
const recordIds = chain.sealed.map(({ receiptRow }) => receiptRow.recordId)

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown> & { error?: { code: string; message: string } }
}

describe('api', () => {
  let api: TestApi
  let pool: pg.Pool
  let report: HealthReport = { parts: { database: 'up', redis: 'not-configured' }, missing: [], draining: false, uptimeSeconds: 1.5 }

  before(async function () {
    this.timeout(testServersTimeoutMs)
    const health = { check: () => Promise.resolve(report) }
    api = await startTestApi(cluster, { deps: { health }, options: { publicUrl: 'https://muster.example' } })
    pool = api.pool
  })

  after(() => api?.stop())

  beforeEach(async () => {
    await pool.query('TRUNCATE receipt, receipt_version_1, chain_head, guild_key, waiting_record')
    await insertChain(pool, chain)
  })

  async function get(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${api.url}${path}`, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) }
  }

  describe('GET /verify/session/{uuid}', () => {
    it('computes the verdict and gives everything to check it', async () => {
      const { status, body } = await get(`/verify/session/${recordIds[1]}`)
      const row = chain.sealed[1]!.receiptRow
      expect(status).to.equal(200)
      expect(body).to.deep.include({
        valid: true,
        current: true,
        receipt: JSON.parse(Buffer.from(row.signed).toString()),
        signed: Buffer.from(row.signed).toString('base64'),
        signature: Buffer.from(row.signature).toString('base64'),
        payload_hash: Buffer.from(row.payloadHash).toString('hex'),
        key_id: row.keyId,
        public_key: Buffer.from(chain.keys[0]!.publicKey).toString('base64'),
        chain: {
          sequence: 2,
          prev_hash: Buffer.from(row.prevHash).toString('hex'),
          previous: { sequence: 1, payload_hash: Buffer.from(row.prevHash).toString('hex') },
          next: { sequence: 3, payload_hash: Buffer.from(chain.sealed[2]!.receiptRow.payloadHash).toString('hex') },
        },
        page_url: `https://muster.example/v/${recordIds[1]}`,
        receipt_url: `https://muster.example/receipts/${recordIds[1]}`,
      })
      expect(body).not.to.have.property('reason')
    })

    it('takes an id in capitals', async () => {
      expect((await get(`/verify/session/${recordIds[0]!.toUpperCase()}`)).body['valid']).to.equal(true)
    })

    for (const id of ['1', 'session', `${recordIds[0]}0`, '%00', `${recordIds[0]!.slice(0, -1)}g`, "'%20OR%201=1--", '%F0%9F%98%80']) {
      it(`answers 400 to ${id}`, async () => {
        const { status, body } = await get(`/verify/session/${id}`)
        expect(status).to.equal(400)
        expect(body.error?.code).to.equal('not-a-uuid')
      })
    }

    it('answers 404 to an unknown id, and lets nobody remember it', async () => {
      const { status, body, headers } = await get(`/verify/session/${testUuid(seededRandom('unknown'))}`)
      expect(status).to.equal(404)
      expect(body.error?.code).to.equal('unknown-record')
      expect(headers.get('cache-control')).to.equal('no-store')
    })

    it('says that a waiting record is not signed yet', async () => {
      const id = testUuid(seededRandom('waiting'))
      await pool.query("INSERT INTO waiting_record (guild_id, seq, ordinal, record_id, type, payload) VALUES (1, 1, 0, $1, 'voice-session', '{}')", [id])
      const { status, body } = await get(`/verify/session/${id}`)
      expect(status).to.equal(200)
      expect(body).to.deep.equal({ valid: false, reason: 'not signed yet' })
    })

    it('is cached for a minute, asked again by ETag, and changes with the verdict', async () => {
      const path = `/verify/session/${recordIds[0]}`
      const { headers } = await get(path)
      expect(headers.get('cache-control')).to.equal('public, max-age=60, must-revalidate')
      const etag = headers.get('etag')!
      // Without a Cache-Control of its own fetch would add no-cache, which asks for a whole answer.
      const again = { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } }
      expect((await get(path, again)).status).to.equal(304)
      await pool.query('DELETE FROM receipt WHERE sequence = 2')
      const changed = await get(path, again)
      expect(changed.status).to.equal(200)
      expect(changed.body).to.deep.include({ valid: false, current: false, reason: 'the receipt after it is missing' })
    })

    const seen = (what: string, sql: string, reason: RegExp) =>
      it(`sees ${what}: 200 with valid false`, async () => {
        await pool.query(sql)
        const { status, body } = await get(`/verify/session/${recordIds[1]}`)
        expect(status).to.equal(200)
        expect(body['valid']).to.equal(false)
        expect(body['reason']).to.match(reason)
      })
    seen('edited bytes', "UPDATE receipt SET signed = set_byte(signed, 40, get_byte(signed, 40) # 1) WHERE sequence = 2", /hash/)
    seen(
      'edited bytes with a hash made to fit',
      "UPDATE receipt SET signed = convert_to(replace(convert_from(signed, 'UTF8'), '2700', '9999'), 'UTF8'), " +
        "payload_hash = sha256(convert_to(replace(convert_from(signed, 'UTF8'), '2700', '9999'), 'UTF8')) WHERE sequence = 2",
      /signature does not verify/,
    )
    seen('bytes that are no receipt at all', "UPDATE receipt SET signed = '\\x00ff'", /hash/)
    seen('empty bytes', "UPDATE receipt SET signed = '', signature = '', payload_hash = '', prev_hash = ''", /hash/)
    seen('an edited column', "UPDATE receipt SET subject = '1' WHERE sequence = 2", /column subject/)
    seen('an edited time', 'UPDATE receipt SET issued_at = issued_at + 1 WHERE sequence = 2', /column issued_at/)
    seen('a time beyond numbers', 'UPDATE receipt SET issued_at = 9223372036854775807 WHERE sequence = 2', /column issued_at/)
    seen('a deleted row before', 'DELETE FROM receipt WHERE sequence = 1', /before it is missing/)
    seen('a deleted row after', 'DELETE FROM receipt WHERE sequence = 3', /after it is missing/)
    seen('newest rows cut off', 'DELETE FROM receipt WHERE sequence > 2', /signed head are missing/)
    seen('a deleted head', 'DELETE FROM chain_head', /signed head is missing/)
    seen('a deleted key', 'DELETE FROM guild_key', /no such key/)
    seen('a key with another public key', "UPDATE guild_key SET public_key = sha256('x')", /statement/)
    seen('a key without its statement', "UPDATE guild_key SET statement = ''", /statement/)
    seen(
      'a second row that claims the record',
      'INSERT INTO receipt SELECT guild_id + 1, sequence, record_id, type, key_id, signed, signature, payload_hash, prev_hash, issued_at, subject FROM receipt WHERE sequence = 2',
      /more than one/,
    )
    seen('bytes taken away', 'UPDATE receipt SET signed = NULL WHERE sequence = 2', /gone, and nothing signed/)
  })

  describe('GET /receipts/{uuid}', () => {
    it('gives the receipt file to keep', async () => {
      const { status, body, headers } = await get(`/receipts/${recordIds[0]}`)
      expect(status).to.equal(200)
      expect(headers.get('content-disposition')).to.equal(`attachment; filename="receipt-${recordIds[0]}.json"`)
      expect(Object.keys(body)).to.deep.equal([
        'receipt_format', 'signed', 'signature', 'payload_hash', 'key_id', 'public_key', 'public_key_pem',
      ])
    })

    it('refuses what is malformed, unknown, erased, or under a key that is not believed', async () => {
      expect((await get('/receipts/1')).status).to.equal(400)
      expect((await get(`/receipts/${testUuid(seededRandom('unknown'))}`)).status).to.equal(404)
      await pool.query('UPDATE receipt SET signed = NULL WHERE sequence = 2')
      expect((await get(`/receipts/${recordIds[1]}`)).status).to.equal(410)
      await pool.query("UPDATE guild_key SET statement_signature = ''")
      expect((await get(`/receipts/${recordIds[0]}`)).body.error?.code).to.equal('key-not-believed')
    })
  })

  describe('GET /keys and /keys/{guild}', () => {
    it('lists the keys of the cluster from configuration', async () => {
      const { body } = await get('/keys')
      expect(body['keys']).to.have.length(1)
      expect(body['keys']).to.have.nested.property('[0].cluster_key_id', cluster.cluster.clusterKeyId)
    })

    it('lists a guild with its statement, and nothing of the private half', async () => {
      const { body } = await get(`/keys/${testGuild}`)
      const row = chain.keys[0]!
      expect(body).to.have.nested.property('keys[0].key_id', row.keyId)
      expect(body).to.have.nested.property('keys[0].statement', Buffer.from(row.statement).toString('base64'))
      expect(body).to.have.nested.property('jwks.keys[0].x', Buffer.from(row.publicKey).toString('base64url'))
      expect(JSON.stringify(body)).not.to.contain(Buffer.from(row.sealedPrivateKey).toString('base64'))
      expect(JSON.stringify(body)).not.to.contain('wrap')
    })

    it('does not list a row without a statement that verifies', async () => {
      await pool.query("UPDATE guild_key SET statement_signature = set_byte(statement_signature, 3, 7)")
      expect((await get(`/keys/${testGuild}`)).body['keys']).to.deep.equal([])
    })

    it('answers 400 to what is no guild id and 404 to an unknown one', async () => {
      for (const id of ['x', '-1', '01', '9223372036854775808', '1e3']) expect((await get(`/keys/${id}`)).status).to.equal(400)
      expect((await get('/keys/42')).status).to.equal(404)
    })
  })

  describe('GET /verify/chain/{guild}', () => {
    it('gives hashes in order and the signed head, and no record ids', async () => {
      const { body } = await get(`/verify/chain/${testGuild}`)
      expect(body['valid']).to.equal(true)
      expect(body['receipts']).to.have.length(4)
      expect(body).to.have.nested.property('head.sequence', 4)
      for (const id of recordIds) expect(JSON.stringify(body)).not.to.contain(id)
    })

    it('gives pages', async () => {
      const { body } = await get(`/verify/chain/${testGuild}?from=2&to=3`)
      expect(body['valid']).to.equal(true)
      expect((body['receipts'] as { sequence: number }[]).map(({ sequence }) => sequence)).to.deep.equal([2, 3])
    })

    it('names the first bad sequence', async () => {
      await pool.query('DELETE FROM receipt WHERE sequence = 3')
      expect((await get(`/verify/chain/${testGuild}`)).body).to.deep.include({ valid: false, first_bad_sequence: 3 })
    })

    it('sees two swapped rows', async () => {
      await pool.query('UPDATE receipt SET sequence = -sequence WHERE sequence IN (2, 3)')
      await pool.query('UPDATE receipt SET sequence = 5 + sequence WHERE sequence < 0')
      expect((await get(`/verify/chain/${testGuild}`)).body).to.deep.include({ valid: false, first_bad_sequence: 2 })
    })

    it('answers 400 to what is no range and 404 to an unknown guild', async () => {
      for (const query of ['from=0', 'from=x', 'from=2&to=1', 'to=1001', 'from=1&from=2', 'from=1e3', 'from[]=1&to=-1', 'from=9999999999999999']) {
        expect((await get(`/verify/chain/${testGuild}?${query}`)).status, query).to.equal(400)
      }
      expect((await get('/verify/chain/42')).status).to.equal(404)
    })
  })

  describe('every answer', () => {
    it('has strict headers and does not tell what it runs on', async () => {
      for (const path of ['/nothing', '/keys', `/verify/session/${recordIds[0]}`, '/verify/session/x']) {
        const { headers } = await get(path)
        expect(headers.get('content-security-policy')).to.contain("default-src 'none'")
        expect(headers.get('x-content-type-options')).to.equal('nosniff')
        expect(headers.get('x-powered-by')).to.equal(null)
      }
    })

    it('is 404 at an unknown address, 405 with another method, 400 for a path that cannot be read', async () => {
      expect((await get('/nothing')).body.error?.code).to.equal('unknown-route')
      const posted = await get('/keys', { method: 'POST', body: '{}' })
      expect(posted.status).to.equal(405)
      expect(posted.headers.get('allow')).to.equal('GET, HEAD, OPTIONS')
      expect((await get('/keys/%E0%A4%A')).status).to.equal(400)
      expect((await get('/keys', { method: 'HEAD' })).status).to.equal(200)
    })

    it('is 503 with Retry-After and no stack when the database refuses', async () => {
      await pool.query('ALTER TABLE chain_head RENAME TO chain_head_away')
      try {
        for (const path of [`/verify/session/${recordIds[0]}`, `/verify/chain/${testGuild}`]) {
          const { status, body, headers } = await get(path)
          expect(status).to.equal(503)
          expect(headers.get('retry-after')).to.equal('2')
          expect(body).to.deep.equal({
            error: { code: 'database-unavailable', message: 'the records cannot be read at the moment; try again shortly' },
          })
        }
      } finally {
        await pool.query('ALTER TABLE chain_head_away RENAME TO chain_head')
      }
    })
  })

  describe('health', () => {
    const up = report
    afterEach(() => (report = up))

    it('is live, ready, and tells its parts', async () => {
      expect((await get('/health/live')).body).to.deep.equal({ status: 'live' })
      expect(await get('/health/ready')).to.deep.include({ status: 200, body: { status: 'ready' } })
      expect((await get('/health')).body).to.deep.equal({
        status: 'ready', missing: [], database: 'up', redis: 'not-configured', draining: false, uptime_seconds: 1,
      })
    })

    it('is degraded and still ready without Redis', async () => {
      report = { ...up, parts: { ...up.parts, redis: 'down' } }
      expect(await get('/health/ready')).to.deep.include({ status: 200, body: { status: 'degraded' } })
    })

    it('is 503 and names what is missing', async () => {
      report = { ...up, parts: { ...up.parts, database: 'down' }, missing: ['database', 'draining'], draining: true }
      const answer = await get('/health/ready')
      expect(answer).to.deep.include({ status: 503, body: { status: 'unready', missing: ['database', 'draining'] } })
      expect((await get('/health')).status).to.equal(200)
    })
  })
})
