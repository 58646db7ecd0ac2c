/**
 * Registering commands: ids that stay, versions that change, and definitions Discord would refuse.
 */
import { expect } from 'chai'
import { expectNoViolations, startRest } from './rest-harness.ts'
import type { RestHarness } from './rest-harness.ts'

const loose = { globalPerSecond: 10_000, bucketFactor: 1_000 }
const named = (name: string, extra: object = {}) => ({ name, description: 'd', ...extra })

describe('sandbox/rest: commands (limits loosened)', () => {
  let rest: RestHarness
  let commands: string
  let guildCommands: string
  beforeEach(async () => {
    rest = await startRest({ limits: loose })
    commands = `/applications/${rest.world.application.id}/commands`
    guildCommands = `/applications/${rest.world.application.id}/guilds/${rest.guildId}/commands`
  })
  afterEach(async () => {
    expectNoViolations(rest)
    await rest.stop()
  })
  const refused = async (body: unknown): Promise<number> => {
    const answer = await rest.call('PUT', commands, body)
    expect(answer.status, JSON.stringify(answer.body)).to.equal(400)
    return answer.body.code
  }

  it('overwriting all keeps the id of the same name and kind, gives a new version, and removes the rest', async () => {
    const [ping, old] = (await rest.call('PUT', commands, [named('ping'), named('old')])).body
    const [again, other] = (await rest.call('PUT', commands, [named('ping', { description: 'new' }), { name: 'ping', type: 2 }])).body
    expect(again).to.include({ id: ping.id, description: 'new' })
    expect(again.version).to.not.equal(ping.version)
    expect(other.id).to.not.equal(ping.id)
    expect((await rest.call('GET', `${commands}/${old.id}`)).body.code).to.equal(10063)
    expect((await rest.call('GET', commands)).body).to.have.length(2)
  })

  it('POST makes with 201 and overwrites with 200', async () => {
    const first = await rest.call('POST', commands, named('ping'))
    const second = await rest.call('POST', commands, named('ping', { description: 'new' }))
    expect([first.status, second.status]).to.deep.equal([201, 200])
    expect(second.body.id).to.equal(first.body.id)
  })

  it('a guild’s commands and the global ones are two sets', async () => {
    await rest.call('PUT', commands, [named('ping')])
    const [own] = (await rest.call('PUT', guildCommands, [named('ping')])).body
    expect(own.guild_id).to.equal(rest.guildId)
    expect((await rest.call('GET', commands)).body).to.have.length(1)
    expect((await rest.call('GET', `${commands}/${own.id}`)).body.code).to.equal(10063)
    await rest.call('PUT', guildCommands, [])
    expect((await rest.call('GET', commands)).body).to.have.length(1)
  })

  it('PATCH changes what is given and keeps the rest', async () => {
    const option = { type: 3, name: 'text', description: 'd', required: true }
    const { id } = (await rest.call('POST', commands, named('ping', { options: [option], default_member_permissions: '8' }))).body
    const patched = (await rest.call('PATCH', `${commands}/${id}`, { name: 'pong' })).body
    expect(patched).to.deep.include({ id, name: 'pong', description: 'd', options: [option], default_member_permissions: '8' })
  })

  it('equal names, names with capitals or spaces, missing descriptions are refused', async () => {
    expect(await refused([named('a'), named('a')])).to.equal(50035)
    expect(await refused([named('Ping')])).to.equal(50035)
    expect(await refused([named('two words')])).to.equal(50035)
    expect(await refused([{ name: 'a' }])).to.equal(50035)
    expect(await refused([named('a', { type: 2 })])).to.equal(50035)
    expect((await rest.call('PUT', commands, [named('größe'), named('名前'), { name: 'Two Words', type: 3 }])).status).to.equal(200)
  })

  it('a required option after an optional one, choices beside autocomplete, groups in groups are refused', async () => {
    const option = (name: string, extra: object = {}) => ({ type: 3, name, description: 'd', ...extra })
    const group = (name: string, options: object[]) => ({ type: 2, name, description: 'd', options })
    expect(await refused([named('a', { options: [option('x'), option('y', { required: true })] })])).to.equal(50035)
    const choices = [{ name: 'n', value: 'v' }]
    expect(await refused([named('a', { options: [option('x', { choices, autocomplete: true })] })])).to.equal(50035)
    expect(await refused([named('a', { options: [group('g', [group('h', [])])] })])).to.equal(50035)
    expect(await refused([named('a', { options: [option('x'), { type: 1, name: 's', description: 'd' }] })])).to.equal(50035)
    const tree = group('g', [{ type: 1, name: 's', description: 'd', options: [option('x')] }])
    expect((await rest.call('PUT', commands, [named('a', { options: [tree] })])).status).to.equal(200)
  })

  it('100 slash commands and 5 of a menu kind are the most', async () => {
    const many = Array.from({ length: 101 }, (_, index) => named(`c${index}`))
    expect(await refused(many)).to.equal(50035)
    expect((await rest.call('PUT', commands, many.slice(1))).status).to.equal(200)
    expect((await rest.call('POST', commands, named('one-more'))).status).to.equal(400)
    expect((await rest.call('POST', commands, named('c5', { description: 'again' }))).status).to.equal(200)
    expect(await refused(Array.from({ length: 6 }, (_, index) => ({ name: `m${index}`, type: 2 })))).to.equal(50035)
  })

  it('nothing changes when one of many is refused', async () => {
    await rest.call('PUT', commands, [named('ping')])
    await refused([named('pong'), named('BAD')])
    expect((await rest.call('GET', commands)).body.map((one: { name: string }) => one.name)).to.deep.equal(['ping'])
  })
})
