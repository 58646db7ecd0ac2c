/**
 * Rate limits, by a clock the test owns: what passes, what is refused, with which headers and for how long.
 */
import { expect } from 'chai'
import type { ManualClock } from '../support/manual-clock.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { expectNoViolations, startRest } from './rest-harness.ts'
import type { Call, RestHarness } from './rest-harness.ts'

describe('sandbox/rest: rate limits', () => {
  let clock: ManualClock
  let rest: RestHarness
  beforeEach(async () => {
    clock = createManualClock()
    rest = await startRest({ clock })
  })
  afterEach(async () => {
    expectNoViolations(rest)
    await rest.stop()
  })
  const post = (channelId = rest.channelId): Promise<Call> => rest.call('POST', `/channels/${channelId}/messages`, { content: 'x' })
  const many = (count: number, make: () => Promise<Call>): Promise<Call[]> => Promise.all(Array.from({ length: count }, make))

  it('a bucket counts down, refuses at zero with all headers, and opens again after its window', async () => {
    const first = await post()
    expect(first.status).to.equal(200)
    expect(first.headers.get('x-ratelimit-limit')).to.equal('5')
    expect(first.headers.get('x-ratelimit-remaining')).to.equal('4')
    expect(first.headers.get('x-ratelimit-reset-after')).to.equal('5.000')
    expect(Number(first.headers.get('x-ratelimit-reset'))).to.equal(clock.wallMs() / 1_000 + 5)
    await many(4, post)
    clock.advance(2_500)
    const refused = await post()
    expect(refused.status).to.equal(429)
    expect(refused.body).to.deep.include({ retry_after: 2.5, global: false, message: 'You are being rate limited.' })
    expect(refused.headers.get('retry-after')).to.equal('3')
    expect(refused.headers.get('x-ratelimit-scope')).to.equal('user')
    expect(refused.headers.get('x-ratelimit-remaining')).to.equal('0')
    expect(refused.headers.get('x-ratelimit-bucket')).to.equal(first.headers.get('x-ratelimit-bucket'))
    expect(refused.headers.has('x-ratelimit-global')).to.equal(false)
    clock.advance(2_500)
    expect((await post()).status).to.equal(200)
  })

  it('each channel has its own count under one bucket name', async () => {
    const other = rest.world.channels.create(rest.guildId, { name: 'other' }).id
    await many(5, post)
    const elsewhere = await post(other)
    expect(elsewhere.status).to.equal(200)
    expect(elsewhere.headers.get('x-ratelimit-remaining')).to.equal('4')
  })

  it('giving and taking roles share 10 in 10 seconds a guild', async () => {
    const role = rest.world.roles.create(rest.guildId, { name: 'r' })
    const ada = rest.member('ada')
    const path = `/guilds/${rest.guildId}/members/${ada}/roles/${role.id}`
    const answers = await many(6, () => rest.call('PUT', path))
    answers.push(...(await many(5, () => rest.call('DELETE', path))))
    expect(answers.filter((one) => one.status === 204)).to.have.length(10)
    expect(answers.filter((one) => one.status === 429)).to.have.length(1)
  })

  it('a third change of a channel’s name within 10 minutes is refused, other changes are not', async () => {
    const path = `/channels/${rest.channelId}`
    expect((await rest.call('PATCH', path, { name: 'one' })).status).to.equal(200)
    expect((await rest.call('PATCH', path, { topic: 'two' })).status).to.equal(200)
    const third = await rest.call('PATCH', path, { name: 'three' })
    expect(third.status).to.equal(429)
    expect(third.body.retry_after).to.equal(600)
    expect(third.headers.get('x-ratelimit-scope')).to.equal('shared')
    expect((await rest.call('PATCH', path, { nsfw: true })).status).to.equal(200)
    clock.advance(600_000)
    expect((await rest.call('PATCH', path, { name: 'three' })).status).to.equal(200)
  })

  it('51 requests of one token within a second meet the global limit, whatever their routes', async () => {
    const paths = ['/users/@me', '/applications/@me', `/guilds/${rest.guildId}`, '/gateway/bot', `/channels/${rest.channelId}`]
    const answers = await Promise.all(Array.from({ length: 51 }, (_, index) => rest.call('GET', paths[index % 5]!)))
    const refused = answers.filter((one) => one.status === 429)
    expect(refused).to.have.length(1)
    expect(refused[0]!.body.global).to.equal(true)
    expect(refused[0]!.headers.get('x-ratelimit-global')).to.equal('true')
    expect(refused[0]!.headers.get('x-ratelimit-scope')).to.equal('global')
    expect(refused[0]!.headers.get('retry-after')).to.equal('1')
    clock.advance(1_000)
    expect((await rest.call('GET', '/users/@me')).status).to.equal(200)
  })

  it('answers to interactions pass while the global limit is used up', async () => {
    await many(50, () => rest.call('GET', '/gateway/bot'))
    const { id, token } = rest.interact(rest.ownerId)
    const answer = await rest.call('POST', `/interactions/${id}/${token}/callback`, { type: 5 }, { authorization: '' })
    expect(answer.status).to.equal(204)
    const followup = await rest.call('POST', `/webhooks/${rest.world.application.id}/${token}`, { content: 'x' })
    expect(followup.status).to.equal(200)
  })

  it('counts 401, 403 and 429 of ten minutes, shared limits excepted', async () => {
    await rest.call('GET', '/users/@me', undefined, { authorization: 'Bot wrong' })
    rest.world.guilds.create({ name: 'elsewhere', ownerId: rest.ownerId, inviteBot: false, id: '123456789012345678' })
    await rest.call('GET', '/guilds/123456789012345678')
    rest.faults.rateLimitNext({ scope: 'user' })
    await rest.call('GET', '/users/@me')
    rest.faults.rateLimitNext({ scope: 'shared' })
    await rest.call('GET', '/users/@me')
    await rest.call('GET', '/users/1')
    expect(rest.invalidRequests()).to.equal(3)
    clock.advance(600_000)
    expect(rest.invalidRequests()).to.equal(0)
  })
})

describe('sandbox/rest: rate limits loosened', () => {
  it('named buckets and the global limit follow the options, the others stay', async () => {
    const buckets = { 'message-post': { requests: 2, windowMs: 1_000 } }
    const rest = await startRest({ limits: { globalPerSecond: 4, buckets } })
    const post = () => rest.call('POST', `/channels/${rest.channelId}/messages`, { content: 'x' })
    expect((await post()).headers.get('x-ratelimit-limit')).to.equal('2')
    await post()
    expect((await post()).body.global).to.equal(false)
    expect((await rest.call('GET', '/users/@me')).headers.get('x-ratelimit-limit')).to.equal('60')
    expect((await rest.call('GET', '/users/@me')).body.global).to.equal(true)
    await rest.stop()
  })
})
