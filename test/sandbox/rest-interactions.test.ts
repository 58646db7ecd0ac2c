/**
 * Answering interactions over REST: once, in time, in every kind, without the bot's token.
 */
import { expect } from 'chai'
import { InteractionType, MessageFlags } from 'discord-api-types/v10'
import type { InteractionRecord } from '../../sandbox/interactions/interaction.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { expectNoViolations, startRest } from './rest-harness.ts'
import type { Call, RestHarness } from './rest-harness.ts'

const loose = { globalPerSecond: 10_000, bucketFactor: 1_000 }

describe('sandbox/rest: interactions (limits loosened)', () => {
  let clock: ManualClock
  let rest: RestHarness
  let record: InteractionRecord
  let webhook: string
  beforeEach(async () => {
    clock = createManualClock()
    rest = await startRest({ clock, limits: loose })
    record = rest.interact(rest.ownerId)
    webhook = `/webhooks/${rest.world.application.id}/${record.token}`
  })
  afterEach(async () => {
    expectNoViolations(rest)
    await rest.stop()
  })
  /** As clients do it: no authorization. */
  const free = (method: string, path: string, body?: unknown): Promise<Call> => rest.call(method, path, body, { authorization: '' })
  const respond = (body: unknown, query = '', to = record): Promise<Call> =>
    free('POST', `/interactions/${to.id}/${to.token}/callback${query}`, body)
  const refusal = ({ status, body }: Call): [number, number] => [status, body.code]

  it('the first answer is 204, the second 400 with 40060', async () => {
    expect((await respond({ type: 4, data: { content: 'hi' } })).status).to.equal(204)
    expect(refusal(await respond({ type: 4, data: { content: 'hi' } }))).to.deep.equal([400, 40060])
    expect(rest.dispatches.filter((one) => one.t === 'MESSAGE_CREATE')).to.have.length(1)
  })

  it('an unknown id or token, and an answer after three seconds, are 404 with 10062', async () => {
    const answer = { type: 4, data: { content: 'hi' } }
    expect(refusal(await respond(answer, '', { ...record, token: 'nothing' }))).to.deep.equal([404, 10062])
    expect(refusal(await respond(answer, '', { ...record, id: '100000000000000001' }))).to.deep.equal([404, 10062])
    clock.advance(3_001)
    expect(refusal(await respond(answer))).to.deep.equal([404, 10062])
  })

  it('an answer that is refused for its form leaves the interaction unanswered', async () => {
    const wrong = await respond({ type: 4, data: { content: 'x'.repeat(2_001) } })
    expect(refusal(wrong)).to.deep.equal([400, 50035])
    expect(wrong.body.errors.data.content._errors[0].code).to.equal('BASE_TYPE_MAX_LENGTH')
    expect(refusal(await respond({ type: 4, data: {} }))).to.deep.equal([400, 50006])
    expect((await respond({ type: 4, data: { content: 'hi' } })).status).to.equal(204)
  })

  it('with_response tells the message that was made', async () => {
    const { status, body } = await respond({ type: 4, data: { content: 'hi', flags: MessageFlags.Ephemeral } }, '?with_response=true')
    expect(status).to.equal(200)
    expect(body.interaction).to.include({ id: record.id, response_message_ephemeral: true, response_message_loading: false })
    expect(body.resource.message).to.include({ id: body.interaction.response_message_id, content: 'hi', flags: 64 })
  })

  it('the first followup after a deferral fills the waiting message, the next is a new one', async () => {
    const deferred = await respond({ type: 5 }, '?with_response=true')
    const first = await free('POST', webhook, { content: 'done' })
    expect(first.body.id).to.equal(deferred.body.resource.message.id)
    expect(first.body.flags & MessageFlags.Loading).to.equal(0)
    const second = await free('POST', `${webhook}?wait=true`, { content: 'more' })
    expect(second.body.id).to.not.equal(first.body.id)
  })

  it('editing the waiting original with flags ends the waiting', async () => {
    await respond({ type: 5, data: { flags: MessageFlags.Ephemeral } })
    const layout = { flags: MessageFlags.IsComponentsV2, components: [{ type: 10, content: 'text' }] }
    const edited = await free('PATCH', `${webhook}/messages/%40original`, layout)
    expect(edited.body.flags).to.equal(MessageFlags.IsComponentsV2 | MessageFlags.Ephemeral)
  })

  it('a deleted original is 10008, a token of more than 15 minutes 50027, an unknown one 10015', async () => {
    await respond({ type: 4, data: { content: 'hi' } })
    expect((await free('DELETE', `${webhook}/messages/@original`)).status).to.equal(204)
    expect(refusal(await free('PATCH', `${webhook}/messages/@original`, { content: 'x' }))).to.deep.equal([404, 10008])
    clock.advance(15 * 60_000)
    expect(refusal(await free('POST', webhook, { content: 'x' }))).to.deep.equal([401, 50027])
    const unknown = `/webhooks/${rest.world.application.id}/nothing`
    expect(refusal(await free('POST', unknown, { content: 'x' }))).to.deep.equal([404, 10015])
  })

  it('a click updates its message: 7 at once, 6 and an edit later', async () => {
    const source = rest.world.messages.create(rest.channelId, { authorId: rest.world.bot().id, content: 'before' })
    const click = () =>
      rest.interactions.create({
        guildId: rest.guildId, channelId: rest.channelId, userId: rest.ownerId, messageId: source.id,
        type: InteractionType.MessageComponent,
        data: { custom_id: 'go', component_type: 2 },
      })
    expect((await respond({ type: 7, data: { content: 'now' } }, '', click())).status).to.equal(204)
    expect(rest.world.messages.get(rest.channelId, source.id)?.message.content).to.equal('now')
    const later = click()
    expect((await respond({ type: 6 }, '', later)).status).to.equal(204)
    const address = `/webhooks/${rest.world.application.id}/${later.token}/messages/@original`
    const edited = await free('PATCH', address, { content: 'later' })
    expect([edited.body.id, edited.body.content]).to.deep.equal([source.id, 'later'])
  })

  it('a command cannot be answered as a click is', async () => {
    expect(refusal(await respond({ type: 7, data: { content: 'x' } }))).to.deep.equal([400, 50035])
  })

  it('autocomplete takes 25 choices and no more', async () => {
    const ask = () =>
      rest.interactions.create({
        guildId: rest.guildId, channelId: rest.channelId, userId: rest.ownerId,
        type: InteractionType.ApplicationCommandAutocomplete,
        data: { id: rest.world.newId(), name: 'ping', type: 1, options: [] },
      })
    const choices = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `n${index}`, value: `v${index}` }))
    const asked = ask()
    expect(refusal(await respond({ type: 8, data: { choices: choices(26) } }, '', asked))).to.deep.equal([400, 50035])
    expect((await respond({ type: 8, data: { choices: choices(25) } }, '', asked)).status).to.equal(204)
    expect(refusal(await respond({ type: 4, data: { content: 'x' } }, '', ask()))).to.deep.equal([400, 50035])
  })

  it('a modal has one to five inputs with unique ids, a title of 45 and labels', async () => {
    const input = (customId: string, extra: object = {}) => ({
      type: 1,
      components: [{ type: 4, style: 1, custom_id: customId, label: 'L', ...extra }],
    })
    const modal = (components: object[], title = 'T') => ({ type: 9, data: { custom_id: 'm', title, components } })
    const six = ['1', '2', '3', '4', '5', '6'].map((id) => input(id))
    for (const wrong of [six, [], [input('a'), input('a')], [input('a', { label: null })]]) {
      expect(refusal(await respond(modal(wrong))), JSON.stringify(wrong)).to.deep.equal([400, 50035])
    }
    expect(refusal(await respond(modal([input('a')], 'x'.repeat(46))))).to.deep.equal([400, 50035])
    const labelled = { type: 18, label: 'L', component: { type: 4, style: 2, custom_id: 'b' } }
    expect((await respond(modal([input('a'), labelled]))).status).to.equal(204)
    expect(record.state.kind).to.equal('modal')
  })

  it('an answer may bring files', async () => {
    const form = new FormData()
    form.set('payload_json', JSON.stringify({ type: 4, data: { embeds: [{ image: { url: 'attachment://card.png' } }] } }))
    form.set('files[0]', new Blob([new Uint8Array([1, 2, 3])]), 'card.png')
    expect((await rest.send('POST', `/interactions/${record.id}/${record.token}/callback`, form)).status).to.equal(204)
    const original = (await free('GET', `${webhook}/messages/@original`)).body
    expect(original.embeds[0].image.url).to.equal(original.attachments[0].url)
    expect((await fetch(original.attachments[0].url)).status).to.equal(200)
  })
})
