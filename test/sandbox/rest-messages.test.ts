/**
 * Messages: what is refused and why, files in both directions, nonces, replies, edits.
 */
import { expect } from 'chai'
import type { ManualClock } from '../support/manual-clock.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { expectNoViolations, startRest } from './rest-harness.ts'
import type { RestHarness } from './rest-harness.ts'

const loose = { globalPerSecond: 10_000, bucketFactor: 1_000 }
const button = (extra: object = {}) => ({ type: 2, style: 1, label: 'Go', custom_id: 'go', ...extra })
const row = (...components: object[]) => ({ type: 1, components })

describe('sandbox/rest: messages (limits loosened)', () => {
  let clock: ManualClock
  let rest: RestHarness
  let path: string
  beforeEach(async () => {
    clock = createManualClock()
    rest = await startRest({ clock, limits: loose })
    path = `/channels/${rest.channelId}/messages`
  })
  afterEach(async () => {
    expectNoViolations(rest)
    await rest.stop()
  })
  const post = (body: unknown) => rest.call('POST', path, body)
  /** Path and code of each complaint: `embeds.0.title BASE_TYPE_MAX_LENGTH`. */
  const complaints = async (body: unknown): Promise<string[]> => {
    const answer = await post(body)
    expect([answer.status, answer.body.code]).to.deep.equal([400, 50035])
    return flatten(answer.body.errors)
  }
  const form = (payload: unknown, ...files: { name: string; bytes: Uint8Array<ArrayBuffer>; type?: string }[]): FormData => {
    const data = new FormData()
    data.set('payload_json', JSON.stringify(payload))
    files.forEach(({ name, bytes, type = '' }, index) => data.set(`files[${index}]`, new Blob([bytes], { type }), name))
    return data
  }

  describe('refuses', () => {
    it('content over 2000', async () => {
      expect(await complaints({ content: 'x'.repeat(2_001) })).to.deep.equal(['content BASE_TYPE_MAX_LENGTH'])
      expect((await post({ content: 'x'.repeat(2_000) })).status).to.equal(200)
    })
    it('11 embeds, long titles, 6000 characters in all', async () => {
      const embed = { description: 'x'.repeat(3_000) }
      expect(await complaints({ embeds: Array(11).fill({ title: 'x' }) })).to.deep.equal(['embeds BASE_TYPE_MAX_LENGTH'])
      expect(await complaints({ embeds: [{ title: 'x'.repeat(257) }] })).to.deep.equal(['embeds.0.title BASE_TYPE_MAX_LENGTH'])
      expect(await complaints({ embeds: [embed, embed, { title: 'x' }] })).to.deep.equal(['embeds MAX_EMBED_SIZE_EXCEEDED'])
      expect((await post({ embeds: [embed, embed] })).status).to.equal(200)
    })
    it('six rows, six buttons in a row, a menu beside a button', async () => {
      const rows = Array.from({ length: 6 }, (_, index) => row(button({ custom_id: `b${index}` })))
      expect(await complaints({ components: rows })).to.deep.equal(['components BASE_TYPE_BAD_LENGTH'])
      const buttons = Array.from({ length: 6 }, (_, index) => button({ custom_id: `b${index}` }))
      expect(await complaints({ components: [row(...buttons)] })).to.deep.equal(['components.0.components BASE_TYPE_MAX_LENGTH'])
      const menu = { type: 3, custom_id: 'm', options: [{ label: 'a', value: 'a' }] }
      expect(await complaints({ components: [row(button(), menu)] })).to.deep.equal([
        'components.0.components.1 COMPONENT_LAYOUT_WIDTH_EXCEEDED',
      ])
    })
    it('26 options, equal options, more choices than options', async () => {
      const menu = (count: number, extra: object = {}) => ({
        type: 3, custom_id: 'm', ...extra,
        options: Array.from({ length: count }, (_, index) => ({ label: 'l', value: `${index % 25}` })),
      })
      expect(await complaints({ components: [row(menu(26))] })).to.deep.equal(['components.0.components.0.options BASE_TYPE_MAX_LENGTH'])
      const twice = { ...menu(1), options: [{ label: 'a', value: 'v' }, { label: 'b', value: 'v' }] }
      expect(await complaints({ components: [row(twice)] })).to.deep.equal([
        'components.0.components.0.options.1.value SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
      ])
      expect(await complaints({ components: [row(menu(2, { max_values: 3 }))] })).to.deep.equal([
        'components.0.components.0.max_values SELECT_COMPONENT_MAX_VALUES_INVALID',
      ])
    })
    it('long custom ids and labels, equal custom ids, buttons without what their style needs', async () => {
      const at = 'components.0.components'
      expect(await complaints({ components: [row(button({ custom_id: 'x'.repeat(101) }))] })).to.deep.equal([`${at}.0.custom_id BASE_TYPE_MAX_LENGTH`])
      expect(await complaints({ components: [row(button({ label: 'x'.repeat(81) }))] })).to.deep.equal([`${at}.0.label BASE_TYPE_MAX_LENGTH`])
      expect(await complaints({ components: [row(button(), button())] })).to.deep.equal([`${at}.1.custom_id COMPONENT_CUSTOM_ID_DUPLICATED`])
      expect(await complaints({ components: [row(button({ custom_id: null }))] })).to.deep.equal([`${at}.0.custom_id BUTTON_COMPONENT_CUSTOM_ID_REQUIRED`])
      expect(await complaints({ components: [row(button({ style: 5, custom_id: null }))] })).to.deep.equal([`${at}.0.url BUTTON_COMPONENT_URL_REQUIRED`])
    })
    it('content beside the new layout, the new layout’s parts without its flag', async () => {
      const text = { type: 10, content: 'x' }
      expect(await complaints({ flags: 32_768, content: 'x', components: [text] })).to.deep.equal([
        'content MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      ])
      expect(await complaints({ components: [text] })).to.deep.equal(['components.0 UNION_TYPE_CHOICES'])
      expect((await post({ flags: 32_768, components: [text] })).body.components[0]).to.deep.equal({ ...text, id: 1 })
    })
    it('an empty message (50006), also by an edit that would leave nothing', async () => {
      expect((await post({ content: '' })).body.code).to.equal(50006)
      const { id } = (await post({ content: 'x' })).body
      expect((await rest.call('PATCH', `${path}/${id}`, { content: null })).body.code).to.equal(50006)
      expect(rest.world.messages.get(rest.channelId, id)?.message.content).to.equal('x')
    })
    it('JSON that is none (50109)', async () => {
      const headers = { authorization: 'Bot bot.token.of-tests', 'content-type': 'application/json' }
      const response = await fetch(`${rest.api}/v10${path}`, { method: 'POST', headers, body: '{' })
      const { code } = (await response.json()) as { code: number }
      expect([response.status, code]).to.deep.equal([400, 50109])
    })
    it('messages to people who take none, or share no guild (50007)', async () => {
      const dm = (await rest.call('POST', '/users/@me/channels', { recipient_id: rest.ownerId })).body
      expect((await rest.call('POST', `/channels/${dm.id}/messages`, { content: 'x' })).status).to.equal(200)
      rest.world.users.setDmsClosed(rest.ownerId, true)
      expect((await rest.call('POST', `/channels/${dm.id}/messages`, { content: 'x' })).body.code).to.equal(50007)
      const stranger = rest.world.users.create({ username: 'stranger' }).id
      const far = (await rest.call('POST', '/users/@me/channels', { recipient_id: stranger })).body
      expect((await rest.call('POST', `/channels/${far.id}/messages`, { content: 'x' })).body.code).to.equal(50007)
    })
  })

  it('an enforced nonce answers the message that is there, for five minutes', async () => {
    const body = { content: 'once', nonce: 'op-1', enforce_nonce: true }
    const first = (await post(body)).body
    expect(first.nonce).to.equal('op-1')
    expect((await post(body)).body.id).to.equal(first.id)
    expect((await post({ ...body, nonce: 'op-2' })).body.id).to.not.equal(first.id)
    expect((await post({ ...body, enforce_nonce: false })).body.id).to.not.equal(first.id)
    expect(rest.dispatches.filter((one) => one.t === 'MESSAGE_CREATE')).to.have.length(3)
    clock.advance(5 * 60_000 + 1)
    expect((await post({ content: 'once', nonce: 'op-1', enforce_nonce: true })).body.id).to.not.equal(first.id)
  })

  it('a reply carries what it answers; to nothing it is refused unless told otherwise', async () => {
    const first = (await post({ content: 'first' })).body
    const reply = (await post({ content: 'reply', message_reference: { message_id: first.id } })).body
    expect(reply.type).to.equal(19)
    expect(reply.referenced_message.id).to.equal(first.id)
    expect(reply.mentions.map((user: { id: string }) => user.id)).to.deep.equal([rest.world.bot().id])
    const gone = { message_id: '100000000000000001' }
    expect(await complaints({ content: 'x', message_reference: gone })).to.deep.equal(['message_reference MESSAGE_REFERENCE_UNKNOWN_MESSAGE'])
    const lenient = await post({ content: 'x', message_reference: { ...gone, fail_if_not_exists: false } })
    expect(lenient.body.type).to.equal(0)
  })

  it('mentions are found in the text and limited by allowed_mentions', async () => {
    const content = `<@${rest.ownerId}> @everyone`
    const all = (await post({ content })).body
    expect([all.mentions.length, all.mention_everyone]).to.deep.equal([1, true])
    const none = (await post({ content, allowed_mentions: { parse: [] } })).body
    expect([none.mentions.length, none.mention_everyone]).to.deep.equal([0, false])
  })

  it('a file comes back byte for byte under the URL of its attachment', async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256)
    const attachments = [{ id: '0', description: 'card', title: null, waveform: null, duration_secs: null }]
    const sent = await rest.send('POST', path, form({ content: 'file', attachments }, { name: 'my card.png', bytes }))
    const [attachment] = sent.body.attachments
    expect(attachment).to.include({ filename: 'my_card.png', size: 300, description: 'card', content_type: 'image/png' })
    expect(attachment.url).to.include(`${rest.origin}/attachments/${rest.channelId}/${attachment.id}/`)
    const response = await fetch(attachment.url)
    expect(response.headers.get('content-type')).to.equal('image/png')
    expect(new Uint8Array(await response.arrayBuffer())).to.deep.equal(bytes)
  })

  it('attachment:// becomes the URL, in embeds and in the new layout; to nothing it is refused there', async () => {
    const bytes = new Uint8Array([1])
    const embed = await rest.send('POST', path, form({ embeds: [{ image: { url: 'attachment://a.png' } }] }, { name: 'a.png', bytes }))
    expect(embed.body.embeds[0].image.url).to.equal(embed.body.attachments[0].url)
    const gallery = (name: string) => ({ flags: 32_768, components: [{ type: 12, items: [{ media: { url: `attachment://${name}` } }] }] })
    const layout = await rest.send('POST', path, form(gallery('a.png'), { name: 'a.png', bytes }))
    expect(layout.body.components[0].items[0].media.attachment_id).to.equal(layout.body.attachments[0].id)
    const missing = await rest.send('POST', path, form(gallery('b.png'), { name: 'a.png', bytes }))
    expect(flatten(missing.body.errors)).to.deep.equal([
      'components.0.items.0.media.url UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
    ])
  })

  it('an edit without a list keeps and appends; with one it keeps exactly what is listed', async () => {
    const bytes = new Uint8Array([1])
    const { id, attachments } = (await rest.send('POST', path, form({}, { name: 'a.txt', bytes }, { name: 'b.txt', bytes }))).body
    const names = (message: { attachments: { filename: string }[] }) => message.attachments.map((one) => one.filename)
    const appended = await rest.send('PATCH', `${path}/${id}`, form({ content: 'x' }, { name: 'c.txt', bytes }))
    expect(names(appended.body)).to.deep.equal(['a.txt', 'b.txt', 'c.txt'])
    const listed = { attachments: [{ id: attachments[1].id }, { id: '0' }] }
    const replaced = await rest.send('PATCH', `${path}/${id}`, form(listed, { name: 'd.txt', bytes }))
    expect(names(replaced.body)).to.deep.equal(['b.txt', 'd.txt'])
    const untouched = await rest.call('PATCH', `${path}/${id}`, { content: 'y' })
    expect(names(untouched.body)).to.deep.equal(['b.txt', 'd.txt'])
    expect(names((await rest.call('PATCH', `${path}/${id}`, { attachments: [] })).body)).to.deep.equal([])
  })

  it('a file over 10 MiB, and a request over 25, are 413 with code 40005', async () => {
    const large = new Uint8Array(10 * 1_024 * 1_024 + 1)
    const one = await rest.send('POST', path, form({}, { name: 'large.bin', bytes: large }))
    expect([one.status, one.body.code]).to.deep.equal([413, 40005])
    const nine = new Uint8Array(9 * 1_024 * 1_024)
    const many = await rest.send('POST', path, form({}, { name: '1', bytes: nine }, { name: '2', bytes: nine }, { name: '3', bytes: nine }))
    expect([many.status, many.body.code]).to.deep.equal([413, 40005])
  })

  it('pages are newest first; around, before and after pick their part', async () => {
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1) ids.push((await post({ content: `${index}` })).body.id)
    const page = async (query: string) => (await rest.call('GET', `${path}?${query}`)).body.map((one: { content: string }) => one.content).join('')
    expect(await page('limit=3')).to.equal('432')
    expect(await page(`before=${ids[2]}`)).to.equal('10')
    expect(await page(`after=${ids[2]}&limit=1`)).to.equal('3')
    expect(await page(`around=${ids[2]}&limit=3`)).to.equal('321')
    expect((await rest.call('GET', `${path}?limit=101`)).body.code).to.equal(50035)
  })

  it('bulk delete takes 2 to 100 (50016), none older than 14 days (50034), and tells once', async () => {
    const bulk = (messages: string[]) => rest.call('POST', `${path}/bulk-delete`, { messages })
    const one = (await post({ content: '1' })).body.id
    const two = (await post({ content: '2' })).body.id
    expect((await bulk([one])).body.code).to.equal(50016)
    expect((await bulk([one, two])).status).to.equal(204)
    expect(rest.dispatches.filter((each) => each.t === 'MESSAGE_DELETE_BULK')).to.have.length(1)
    const old = (await post({ content: 'old' })).body.id
    clock.advance(15 * 86_400_000)
    const young = (await post({ content: 'young' })).body.id
    expect((await bulk([old, young])).body.code).to.equal(50034)
  })

  it('pictures of the CDN are drawn when nobody stored them', async () => {
    const response = await fetch(`${rest.origin}/cdn/embed/avatars/0.png`)
    expect(response.headers.get('content-type')).to.equal('image/png')
    expect(Buffer.from(await response.arrayBuffer()).subarray(1, 4).toString()).to.equal('PNG')
    expect((await fetch(`${rest.origin}/attachments/1/2/gone.png`)).status).to.equal(404)
  })
})

function flatten(errors: Record<string, unknown>, path: readonly string[] = []): string[] {
  return Object.entries(errors).flatMap(([key, inner]) =>
    key === '_errors'
      ? (inner as { code: string }[]).map((one) => `${path.join('.')} ${one.code}`)
      : flatten(inner as Record<string, unknown>, [...path, key]),
  )
}
