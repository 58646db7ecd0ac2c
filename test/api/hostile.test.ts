/**
 * Hostile HTTP: 10,000 random requests made from the description, long bodies, slow clients, path tricks, header
 * injection. Never a 5xx, never a stack trace, never a header of the asker's, and no memory that grows.
 *
 * Method: a seeded generator walks over the description's operations and fills their places with what attackers send.
 * SEED= replays a run.
 */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import fc from 'fast-check'
import { operations } from '../../api/openapi/operations.ts'
import { receiptFile } from '../../actors/records/receipt-file.ts'
import { startTestApi } from '../support/api-app.ts'
import type { TestApi } from '../support/api-app.ts'
import { sealEveryType } from '../support/every-record.ts'
import { createTestCluster, insertChain, testGuild } from '../support/records.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

const cluster = createTestCluster()
const chain = sealEveryType(cluster)
const row = chain.sealed[0]!.receiptRow
const file = receiptFile({ ...row, publicKey: chain.sealed[0]!.key.signer.publicKey })
const requestCount = Number(process.env['FC_RUNS'] ?? 10_000)

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

const tricks = [
  '', '.', '..', '../../etc/passwd', '..%2f..%2fetc%2fpasswd', '%2e%2e/%2e%2e', '%00', 'a%00b', '%c0%ae%c0%ae', '%E0%A4%A', '%ff', '\u202e', '//evil.example',
  "'; DROP TABLE receipt; --", '1 OR 1=1', '${7*7}', '{{7*7}}', '<script>', '__proto__', 'constructor', 'toString', 'null', 'NaN', '-1', '0', '1e9',
  '9223372036854775807', '9223372036854775808', '99999999999999999999', '0x10', '01', '+1', '１２', ' 1', '1%0d%0aSet-Cookie:%20a=b', 'x'.repeat(4_000),
  row.recordId, row.recordId.toUpperCase(), testGuild,
]
const place = fc.oneof(
  fc.constantFrom(...tricks),
  fc.string({ maxLength: 40 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.uuid(),
  fc.bigInt({ min: -10n, max: 1n << 65n }).map(String),
)
const query = fc.array(fc.tuple(fc.constantFrom('from', 'to', 'x', '__proto__', 'from[]', 'to[a]'), place), { maxLength: 4 })
const field = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(file), ...tricks))
const body = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 200 }),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.tuple(fc.constantFrom(...Object.keys(file)), field).map(([name, value]) => JSON.stringify({ ...file, [name]: value })),
  fc.tuple(fc.constantFrom('event_id', 'guild_id', 'user_id', 'student_id', 'status', 'at', 'x'), field).map(([name, value]) =>
    JSON.stringify({ event_id: 'e', guild_id: testGuild, user_id: '42', status: 'present', at: '2026-11-20T18:00:00Z', [name]: value })),
  fc.nat({ max: 2_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`),
)
const headers = fc.record({
  'content-type': fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/plain', 'multipart/form-data', 'a/b', ''),
  accept: fc.constantFrom('*/*', 'text/html', 'x'.repeat(500)),
  'if-none-match': fc.constantFrom('*', 'W/"x"', '"', 'x,y,"z"'),
  'x-webhook-secret': fc.constantFrom('', 'guess', 'x'.repeat(5_000)),
  'x-forwarded-for': fc.constantFrom('1.2.3.4', 'not an address', '::1, ,,', 'x'.repeat(2_000)),
  'x-forwarded-host': fc.constantFrom('evil.example', 'a\tb'),
  host: fc.constantFrom('localhost', 'evil.example', 'evil.example:99999'),
  range: fc.constantFrom('bytes=0-', 'bytes=-1', 'x'),
}, { requiredKeys: [] })

const sent: fc.Arbitrary<Sent> = fc
  .tuple(fc.constantFrom(...operations, ...operations.map(() => null)), fc.array(place, { minLength: 3, maxLength: 3 }), query, headers, body,
    fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'))
  .map(([operation, places, pairs, given, content, otherMethod]) => {
    const left = [...places]
    const path = operation === null ? `/${places.join('/')}` : operation.path.replaceAll(/\{\w+\}/g, () => left.shift() ?? '')
    const search = pairs.map(([name, value]) => `${name}=${value}`).join('&')
    const method = operation === null ? otherMethod : operation.method.toUpperCase()
    return { method, path: search === '' ? path : `${path}?${search}`, headers: given, body: method === 'GET' || method === 'HEAD' ? null : content }
  })

describe('hostile HTTP', function () {
  this.timeout(240_000)
  let api: TestApi

  before(async function () {
    this.timeout(testServersTimeoutMs)
    const ask = () => Promise.resolve({ status: 'answered', reply: { kind: 'attendance-refused', reason: 'wrong-secret' } } as const)
    api = await startTestApi(cluster, { deps: { ask } })
    await insertChain(api.pool, chain)
  })
  after(() => api?.stop())

  /** What came back; null: the request could not even be written by the client. */
  function send({ method, path, headers: given, body: content }: Sent): Promise<{ status: number; headers: string; text: string } | null> {
    return new Promise((resolve, reject) => {
      try {
        // A path as it is: this client does not tidy it up, as fetch would.
        const raw = path.replaceAll(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character))
        const outgoing = request({ port: api.port, host: '127.0.0.1', method, path: raw, headers: { ...given }, agent: false }, (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: JSON.stringify(response.rawHeaders), text }))
        })
        outgoing.once('error', reject)
        outgoing.end(content ?? undefined)
      } catch {
        resolve(null)
      }
    })
  }

  function judge(one: Sent, answer: { status: number; headers: string; text: string }): void {
    const what = JSON.stringify(one).slice(0, 500)
    expect(answer.status, what).to.be.within(200, 499)
    expect(answer.text, what).not.to.match(/node_modules|\bat .+\.ts:\d|Error:|prisma|postgres/i)
    expect(answer.headers.toLowerCase(), what).not.to.contain('set-cookie').and.not.to.contain('evil.example').and.not.to.contain('x-powered-by')
  }

  it(`${requestCount} random requests from the description: no 5xx, no stack, no foreign header, memory flat`, async () => {
    const seed = Number(process.env['SEED'] ?? 20_261_120)
    const requests = fc.sample(sent, { numRuns: requestCount, seed })
    let heapAfterWarmUp = 0
    const statuses = new Map<number, number>()
    for (let start = 0; start < requests.length; start += 50) {
      await Promise.all(requests.slice(start, start + 50).map(async (one) => {
        const answer = await send(one)
        if (answer === null) return
        judge(one, answer)
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      }))
      if (start === Math.floor(requests.length / 100) * 50) heapAfterWarmUp = heapMegabytes()
    }
    expect(statuses.get(200) ?? 0).to.be.above(requestCount / 100)
    expect(statuses.get(400) ?? 0).to.be.above(requestCount / 100)
    expect(heapMegabytes() - heapAfterWarmUp, 'heap grew by').to.be.below(60)
  })

  /** What is still held after everything that can be collected was: garbage that waits is no growth. */
  function heapMegabytes(): number {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    collect()
    return process.memoryUsage().heapUsed / 1_048_576
  }

  /** Bytes as they are over one connection, and everything that comes back until it ends. */
  async function raw(...pieces: readonly string[]): Promise<string> {
    const socket = connect({ port: api.port, host: '127.0.0.1' })
    let received = ''
    socket.setEncoding('utf8').on('data', (text: string) => (received += text))
    socket.on('error', () => undefined) // A connection that is cut is one of the right answers.
    await once(socket, 'connect')
    for (const piece of pieces) socket.write(piece)
    await once(socket, 'close')
    return received
  }

  for (const [what, pieces] of [
    ['no HTTP at all', ['\x16\x03\x01\x02\x00\x01\x00\r\n\r\n']],
    ['two lengths', ['POST /verify HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello']],
    ['length and chunks', ['POST /verify HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n']],
    ['a bare line feed in a header', ['GET /keys HTTP/1.1\r\nHost: a\r\nX: a\nSet-Cookie: b=c\r\n\r\n']],
    ['a header of 100 kB', [`GET /keys HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`]],
    ['10,000 headers', [`GET /keys HTTP/1.1\r\nHost: a\r\n${'a: b\r\n'.repeat(10_000)}\r\n`]],
    ['an address of 100 kB', [`GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`]],
    ['a chunk without end', ['POST /verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n']],
    ['no host', ['GET /keys HTTP/1.1\r\n\r\n']],
    ['an absolute address of somebody else', ['GET http://evil.example/v/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n']],
  ] as const) {
    it(`is refused on the wire: ${what}`, async () => {
      const received = await raw(...pieces)
      if (received === '') return
      expect(received).to.match(/^HTTP\/1\.1 4\d\d /)
      expect(received.toLowerCase()).not.to.contain('set-cookie').and.not.to.contain('evil.example')
    })
  }

  it('a body that is announced and does not come holds up nobody, and is cut by the server’s own clock', async () => {
    const slow = Array.from({ length: 50 }, () => {
      const socket = connect({ port: api.port, host: '127.0.0.1' })
      socket.on('error', () => undefined) // Cut at the end of the test.
      socket.write('POST /verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 3000000\r\n\r\n{')
      return socket
    })
    const started = performance.now()
    for (let index = 0; index < 20; index++) expect((await fetch(`${api.url}/keys`)).status).to.equal(200)
    expect(performance.now() - started).to.be.below(5_000)
    const [first] = slow
    let received = ''
    first!.setEncoding('utf8').on('data', (text: string) => (received += text))
    await once(first!, 'close')
    expect(received).to.match(/^HTTP\/1\.1 (408|400) /)
    for (const socket of slow) socket.destroy()
  })

  it('long bodies end with 413, also without a length', async () => {
    const long = await send({ method: 'POST', path: '/verify', headers: { 'content-type': 'application/json' }, body: 'x'.repeat(4 * 1024 * 1024) })
    expect(long?.status).to.equal(413)
    const chunk = 'x'.repeat(65_536)
    const chunks = Array.from({ length: 60 }, () => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    const received = await raw('POST /verify HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n', ...chunks, '0\r\n\r\n')
    expect(received === '' || received.startsWith('HTTP/1.1 413 ')).to.equal(true)
  })

  it('assets are served by name alone: no way leads out of their folder', async () => {
    for (const path of ['/assets/../package.json', '/assets/..%2f..%2fpackage.json', '/assets/%2e%2e/page.css', '/assets/', '/assets/page.css', '/assets//etc/passwd']) {
      const answer = await send({ method: 'GET', path, headers: {}, body: null })
      expect(answer?.status, path).to.be.within(400, 404)
    }
  })
})
