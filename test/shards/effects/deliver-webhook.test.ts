/** Deliveries against receivers of this machine, which the allow-list names: what each answer means, and what is refused. */
import { createHmac } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { EffectResult } from '../../../actors/protocol/effect.ts'
import { createKeyEncryptionKey } from '../../../actors/records/cluster-key.ts'
import { openWebhookSecret, sealWebhookSecret } from '../../../actors/records/webhook-secret.ts'
import type { EffectAttempt } from '../../../actors/runtime/outbox.ts'
import { retryPolicies } from '../../../actors/runtime/outbox.ts'
import { guildId, opId } from '../../../kernel/ids.ts'
import { deliverWebhook } from '../../../shards/effects/deliver-webhook.ts'
import { checkAddress } from '../../../shards/effects/webhook-request.ts'
import { isPublicAddress, parseWebhookUrl } from '../../../shards/effects/webhook-target.ts'
import { seededRandom } from '../../support/records.ts'

const guild = guildId('1142857142857142857')
const random = seededRandom('webhook')
const keks = [createKeyEncryptionKey(random(32))] as const
const secret = 'what the admin was shown once'
const sealed = sealWebhookSecret({ guildId: guild, secret, keks, random })
const now = Date.UTC(2026, 0, 1)

interface Received {
  readonly url: string
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void

interface Receiver {
  readonly url: string
  readonly host: string
  readonly received: Received[]
  answer: Answer
  close(): Promise<void>
}

async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const receiver = { answer: ((_, response) => response.writeHead(204).end()) as Answer }
  const server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      received.push({ url: request.url ?? '', body, headers: request.headers })
      receiver.answer(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(receiver, {
    url: `http://${host}/hook`,
    host,
    received,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  })
}

describe('webhook deliveries', () => {
  let receiver: Receiver
  let other: Receiver

  beforeEach(async () => {
    receiver = await startReceiver()
    other = await startReceiver()
  })
  afterEach(async () => {
    await receiver.close()
    await other.close()
  })

  function deliver(url = receiver.url, options: { readonly allowed?: readonly string[]; readonly signal?: AbortSignal; readonly timeoutMs?: number } = {}): Promise<EffectResult> {
    const attempt: EffectAttempt = {
      feature: 'voice-attendance', kind: 'deliver-webhook', target: 'webhook', guildId: guild, opId: opId('outbox:7:12:0'), attempt: 1, trace: null, createdAt: now,
      payload: { url, sealedSecret: sealed, event: 'session.completed', at: now, items: [{ session_id: 'a' }] },
    }
    const deps = { allowed: options.allowed ?? [receiver.host], now: () => now, timeoutMs: options.timeoutMs ?? 10_000, openSecret: (id: string, text: string) => openWebhookSecret(id, text, keks) }
    return deliverWebhook(deps, attempt, options.signal ?? new AbortController().signal)
  }

  const failureOf = (delivery: Promise<EffectResult>): Promise<string> => delivery.then((result) => `was ${result.kind}`, (thrown: Error) => thrown.message)
  const redirectTo = (to: string, status = 307): Answer => (_, response) => response.writeHead(status, { location: to }).end()

  it('2xx: delivered, signed over timestamp and body, under an id that is the same for every attempt', async () => {
    expect(await deliver()).to.deep.equal({ kind: 'done', answer: { status: 204 } })
    await deliver()
    const [first, second] = receiver.received
    expect(JSON.parse(first!.body)).to.deep.equal({
      delivery_id: 'outbox:7:12:0', event: 'session.completed', guild_id: guild, at: '2026-01-01T00:00:00.000Z', items: [{ session_id: 'a' }],
    })
    const timestamp = String(first!.headers['x-muster-timestamp'])
    expect(timestamp).to.equal(String(now / 1000))
    const wanted = createHmac('sha256', secret).update(`${timestamp}.${first!.body}`).digest('hex')
    expect(first!.headers['x-muster-signature']).to.equal(`sha256=${wanted}`)
    expect([first, second].map((one) => one!.headers['x-muster-delivery'])).to.deep.equal(['outbox:7:12:0', 'outbox:7:12:0'])
  })

  it('5xx, 4xx and a cut connection are thrown, so that the outbox tries again, with backoff, for 24 hours', async () => {
    for (const status of [500, 503, 429, 404]) {
      receiver.answer = (_, response) => response.writeHead(status).end()
      expect(await failureOf(deliver())).to.equal(`the receiver answered ${status}`)
    }
    receiver.answer = (request) => request.socket.destroy()
    expect(await failureOf(deliver())).to.match(/socket hang up|ECONNRESET/)
    expect(retryPolicies['deliver-webhook']).to.deep.equal({ delayMsMin: 5_000, delayMsMax: 3_600_000, ageMsMax: 24 * 3_600_000 })
  })

  it('a receiver that never answers ends with the signal: the wait is bounded, and a lost slot cuts it short', async () => {
    receiver.answer = () => undefined
    expect(await failureOf(deliver(receiver.url, { timeoutMs: 50 }))).to.equal('no answer within 0.05 s')
    receiver.received.length = 0
    const slot = new AbortController()
    const delivery = failureOf(deliver(receiver.url, { signal: slot.signal }))
    while (receiver.received.length === 0) await new Promise((resolve) => setImmediate(resolve))
    slot.abort(new Error('the slot is no longer ours'))
    expect(await delivery).to.contain('abort')
  })

  it('410: the receiver is gone, nothing is tried again', async () => {
    receiver.answer = (_, response) => response.writeHead(410).end()
    expect(await deliver()).to.deep.equal({ kind: 'impossible', reason: '410: the receiver is gone.' })
  })

  it('a redirect to an allowed target is followed with the same body; four in a row are refused', async () => {
    receiver.answer = redirectTo(other.url)
    expect(await deliver(receiver.url, { allowed: [receiver.host, other.host] })).to.include({ kind: 'done' })
    expect(other.received[0]?.body).to.equal(receiver.received[0]?.body)
    receiver.answer = redirectTo(receiver.url)
    expect(await deliver()).to.deep.equal({ kind: 'impossible', reason: 'Refused: more than 3 redirects.' })
  })

  it('a redirect to loopback, to a private network, to another scheme or to nowhere is refused and never connected to', async () => {
    for (const to of [other.url, 'https://127.0.0.1/', 'https://[::1]/', 'https://10.0.0.7/', 'https://169.254.169.254/latest/meta-data', 'http://example.org/', 'ftp://example.org/', 'https://user:pass@example.org/']) {
      receiver.answer = redirectTo(to)
      expect(await deliver(), to).to.deep.equal({ kind: 'impossible', reason: 'Refused: it redirects to an address that is private, or not https.' })
    }
    receiver.answer = (_, response) => response.writeHead(302).end()
    expect(await deliver()).to.include({ kind: 'impossible' })
    expect(other.received).to.deep.equal([])
  })

  it('a name that means loopback is refused where the allow-list does not have it, at once and after a redirect', async () => {
    expect(await deliver('https://localhost/hook')).to.deep.equal({
      kind: 'impossible', reason: 'Refused: the address is private: deliveries go to public addresses only.',
    })
    receiver.answer = redirectTo('https://localhost/hook')
    expect(await deliver()).to.include({ kind: 'impossible' })
  })

  it('the address that was checked is the one connected to: the name is asked once', async () => {
    const target = parseWebhookUrl(receiver.url.replace('127.0.0.1', 'localhost'), [receiver.host.replace('127.0.0.1', 'localhost')])
    expect((await checkAddress(target!)).address).to.match(/^(127\.0\.0\.1|::1)$/)
    expect(await deliver(target!.url.href, { allowed: [target!.url.host] }).catch((thrown: Error) => thrown.message)).to.satisfy(
      (result: EffectResult | string) => typeof result === 'object' || result.includes('ECONNREFUSED'),
    )
  })

  it('a secret of another guild, or of a key that is not configured, does not open', () => {
    expect(openWebhookSecret(guild, sealed, keks)).to.equal(secret)
    expect(() => openWebhookSecret('1', sealed, keks)).to.throw('belongs to another guild')
    expect(() => openWebhookSecret(guild, sealed, [createKeyEncryptionKey(random(32))])).to.throw('is not configured')
    expect(sealed).to.not.contain(secret)
  })
})

describe('webhook targets', () => {
  it('public https addresses only; the allow-list names exceptions, by host or by host and port', () => {
    const allowed = (url: string, list: readonly string[] = []): boolean => parseWebhookUrl(url, list) !== null
    expect(['https://example.org/a', 'https://example.org:8443/', 'https://8.8.8.8/'].map((url) => allowed(url))).to.deep.equal([true, true, true])
    for (const url of ['http://example.org/', 'https://a:b@example.org/', 'https://127.1/', 'https://0x7f000001/', 'https://2130706433/', 'https://[::ffff:127.0.0.1]/', 'javascript:1', 'x', `https://example.org/${'x'.repeat(500)}`]) {
      expect(allowed(url), url).to.equal(false)
    }
    expect(allowed('http://intranet:9000/', ['intranet:9000'])).to.equal(true)
    expect(allowed('http://intranet:9001/', ['intranet:9000'])).to.equal(false)
    expect(allowed('https://10.1.2.3/', ['10.1.2.3'])).to.equal(true)
  })

  it('every special network is private, its neighbours are public', () => {
    const privates = ['0.1.2.3', '10.255.0.1', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.31.0.1', '192.168.1.1', '198.18.0.1', '203.0.113.9', '224.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fc00::1', 'fd12::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', '2001:db8::1', '2001::1', 'ff02::1', 'not an address']
    expect(privates.filter(isPublicAddress)).to.deep.equal([])
    const publics = ['1.1.1.1', '11.0.0.1', '100.128.0.1', '172.32.0.1', '192.169.0.1', '2606:4700:4700::1111', '2a00:1450::1']
    expect(publics.filter((address) => !isPublicAddress(address))).to.deep.equal([])
  })
})
