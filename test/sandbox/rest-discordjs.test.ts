/**
 * The unmodified REST client of discord.js against the sandbox: it must be able to live here without noticing.
 *
 * The client waits by the machine's clock, so this file uses it too, with windows of some hundred milliseconds where
 * limits are the subject; nothing sleeps but the client itself.
 */
import { expect } from 'chai'
import { DiscordAPIError, RateLimitError, REST, RESTEvents, Routes } from 'discord.js'
import type { APIMessage, APIUser, RateLimitData } from 'discord.js'
import { createSystemClock } from '../../kernel/clock.ts'
import { expectNoViolations, startRest, token } from './rest-harness.ts'
import type { RestHarness } from './rest-harness.ts'

describe('sandbox/rest: the client of discord.js', () => {
  let rest: RestHarness
  const opened: REST[] = []
  const start = async (options: Parameters<typeof startRest>[0] = {}): Promise<void> => {
    rest = await startRest({ clock: createSystemClock({ keepAlive: false }), ...options })
  }
  const connect = (options: ConstructorParameters<typeof REST>[0] = {}): REST => {
    const client = new REST({ api: rest.api, ...options }).setToken(token)
    opened.push(client)
    return client
  }
  afterEach(async () => {
    for (const client of opened.splice(0)) {
      client.clearHandlerSweeper()
      client.clearHashSweeper()
    }
    expectNoViolations(rest)
    await rest.stop()
  })
  const statuses = (status: number): number => rest.requestLog.requests().filter((one) => one.status === status).length

  it('reads @me although it encodes the @', async () => {
    await start()
    const user = (await connect().get(Routes.user('@me'))) as APIUser
    expect(user.id).to.equal(rest.world.bot().id)
  })

  it('obeys the headers of a bucket: more requests than it holds, and no 429 (message bucket shortened)', async () => {
    await start({ limits: { buckets: { 'message-post': { requests: 5, windowMs: 200 } } } })
    const client = connect()
    const body = { content: 'x' }
    await Promise.all(Array.from({ length: 12 }, () => client.post(Routes.channelMessages(rest.channelId), { body })))
    expect([statuses(200), statuses(429)]).to.deep.equal([12, 0])
  })

  it('two clients on one bucket meet real 429s and recover (message bucket shortened)', async () => {
    await start({ limits: { buckets: { 'message-post': { requests: 5, windowMs: 1_000 } } } })
    const clients = [connect(), connect()]
    const limited: RateLimitData[] = []
    for (const client of clients) client.on(RESTEvents.RateLimited, (data) => limited.push(data))
    const body = { content: 'x' }
    await Promise.all(clients.flatMap((client) => Array.from({ length: 4 }, () => client.post(Routes.channelMessages(rest.channelId), { body }))))
    expect(statuses(200)).to.equal(8)
    expect(statuses(429)).to.be.greaterThan(0)
    expect(limited.every((one) => !one.global)).to.equal(true)
  }).timeout(10_000)

  it('the global limit stops a client that keeps no count of its own; it waits and goes on', async () => {
    await start()
    const client = connect({ globalRequestsPerSecond: Infinity })
    const limited: RateLimitData[] = []
    client.on(RESTEvents.RateLimited, (data) => limited.push(data))
    await Promise.all(Array.from({ length: 55 }, () => client.get(Routes.gatewayBot())))
    expect(statuses(200)).to.equal(55)
    expect(statuses(429)).to.be.greaterThan(0)
    expect(limited.some((one) => one.global)).to.equal(true)
  }).timeout(10_000)

  it('a client that does not want to wait is told', async () => {
    await start()
    rest.faults.rateLimitNext({ retryAfterMs: 60_000 })
    const client = connect({ rejectOnRateLimit: () => true })
    let thrown: unknown
    await client.get(Routes.user('@me')).catch((error: unknown) => (thrown = error))
    expect(thrown).to.be.instanceOf(RateLimitError)
    expect((thrown as RateLimitError).retryAfter).to.be.greaterThan(59_000)
  })

  it('a lost answer makes the client send twice: the message is there twice, unless a nonce forbids it', async () => {
    await start()
    const client = connect()
    const path = Routes.channelMessages(rest.channelId)
    rest.faults.failNext({ method: 'POST', status: 502, afterEffect: true })
    await client.post(path, { body: { content: 'plain' } })
    rest.faults.failNext({ method: 'POST', status: 502, afterEffect: true })
    await client.post(path, { body: { content: 'once', nonce: 'op-1', enforce_nonce: true } })
    const contents = rest.world.messages.list(rest.channelId).map((stored) => stored.message.content)
    expect(contents).to.deep.equal(['plain', 'plain', 'once'])
  })

  it('files go out as multipart and come back whole', async () => {
    await start()
    const data = Buffer.from('a,b\n1,2\n')
    const body = { content: 'report', attachments: [{ id: '0', description: 'd', title: null, waveform: null, duration_secs: null }] }
    const sent = (await connect().post(Routes.channelMessages(rest.channelId), {
      body,
      files: [{ name: 'report.csv', data }],
    })) as APIMessage
    expect(sent.attachments[0]).to.include({ filename: 'report.csv', size: data.length, description: 'd' })
    expect(await (await fetch(sent.attachments[0]!.url)).text()).to.equal(data.toString())
  })

  it('a refused form arrives as an error with the places named', async () => {
    await start()
    let thrown: unknown
    const body = { embeds: [{ title: 'x'.repeat(257) }] }
    await connect().post(Routes.channelMessages(rest.channelId), { body }).catch((error: unknown) => (thrown = error))
    expect(thrown).to.be.instanceOf(DiscordAPIError)
    expect(thrown).to.include({ code: 50035, status: 400 })
    expect((thrown as Error).message).to.include('embeds[0].title[BASE_TYPE_MAX_LENGTH]')
  })

  it('a reason outside Latin-1 arrives as it was written', async () => {
    await start()
    const ada = rest.member('ada')
    await connect().delete(Routes.guildMember(rest.guildId, ada), { reason: '出席 ✓' })
    expect(rest.world.auditLog.list(rest.guildId)[0]?.reason).to.equal('出席 ✓')
  })

  it('interaction callbacks go without authorization and are accepted', async () => {
    await start()
    const { id, token: interactionToken } = rest.interact(rest.ownerId)
    const client = connect()
    await client.post(Routes.interactionCallback(id, interactionToken), { body: { type: 5 }, auth: false })
    const path = Routes.webhookMessage(rest.world.application.id, interactionToken, '@original')
    const message = (await client.patch(path, { body: { content: 'done' }, auth: false })) as APIMessage
    expect(message.content).to.equal('done')
  })
})
