/**
 * Goal: every route answers something, and every answer fits Discord's description. Method: a walk through all
 * operations with a bot that may do everything; afterwards the log must know of no violation, and every operation of
 * the table must have been answered with success at least once.
 */
import { expect } from 'chai'
import { operations } from '../../sandbox/rest/operations.ts'
import { expectNoViolations, startRest } from './rest-harness.ts'
import type { RestHarness } from './rest-harness.ts'

const loose = { globalPerSecond: 10_000, bucketFactor: 1_000 }

describe('sandbox/rest: all operations (limits loosened)', () => {
  let rest: RestHarness
  beforeEach(async () => {
    rest = await startRest({ limits: loose })
  })
  afterEach(async () => {
    await rest.stop()
  })

  it('every operation of the table succeeds and fits the description', async () => {
    await walkApplication(rest)
    await walkGuild(rest)
    await walkMessages(rest)
    await walkInteractions(rest)
    expectNoViolations(rest)
    const answered = new Set(
      rest.requestLog.requests().filter((one) => one.status < 300).map((one) => `${one.method} ${one.route}`),
    )
    expect(Object.keys(operations).filter((name) => !answered.has(name))).to.deep.equal([])
  })
})

async function must(rest: RestHarness, method: string, path: string, body?: unknown) {
  const answer = await rest.call(method, path, body)
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).to.be.below(300)
  return answer.body
}

async function walkApplication(rest: RestHarness): Promise<void> {
  const app = rest.world.application.id
  await must(rest, 'GET', '/gateway')
  await must(rest, 'GET', '/gateway/bot')
  await must(rest, 'GET', '/users/%40me')
  await must(rest, 'PATCH', '/users/@me', { username: 'Renamed' })
  await must(rest, 'GET', `/users/${rest.ownerId}`)
  await must(rest, 'POST', '/users/@me/channels', { recipient_id: rest.ownerId })
  await must(rest, 'GET', '/applications/@me')
  await must(rest, 'GET', '/oauth2/applications/@me')
  for (const base of [`/applications/${app}/commands`, `/applications/${app}/guilds/${rest.guildId}/commands`]) {
    const option = { type: 3, name: 'text', description: 'Text', required: true, choices: [{ name: 'A', value: 'a' }] }
    const sub = { type: 1, name: 'sub', description: 'Sub', options: [option] }
    await must(rest, 'PUT', base, [{ name: 'ping', description: 'Ping' }, { name: 'tree', description: 'T', options: [sub] }])
    const { id } = await must(rest, 'POST', base, { name: 'pong', description: 'Pong', default_member_permissions: '8' })
    await must(rest, 'POST', base, { name: 'Inspect', type: 2 })
    await must(rest, 'GET', base)
    await must(rest, 'GET', `${base}/${id}`)
    await must(rest, 'PATCH', `${base}/${id}`, { description: 'Other' })
    await must(rest, 'DELETE', `${base}/${id}`)
  }
}

async function walkGuild(rest: RestHarness): Promise<void> {
  const guild = `/guilds/${rest.guildId}`
  const ada = rest.member('ada')
  await must(rest, 'GET', `${guild}?with_counts=true`)
  const voice = await must(rest, 'POST', `${guild}/channels`, { name: 'Voice', type: 2, bitrate: 64_000 })
  const text = await must(rest, 'POST', `${guild}/channels`, { name: 'Text here', topic: 'about' })
  expect(text.name).to.equal('text-here')
  await must(rest, 'POST', `${guild}/channels`, { name: 'Category', type: 4 })
  await must(rest, 'GET', `${guild}/channels`)
  await must(rest, 'GET', `/channels/${text.id}`)
  await must(rest, 'PATCH', `/channels/${text.id}`, { name: 'renamed' })
  const role = await must(rest, 'POST', `${guild}/roles`, { name: 'Helper', permissions: '1024', color: 255 })
  await must(rest, 'PUT', `/channels/${text.id}/permissions/${role.id}`, { type: 0, allow: '1024', deny: '0' })
  await must(rest, 'DELETE', `/channels/${text.id}/permissions/${role.id}`)
  await must(rest, 'POST', `/channels/${text.id}/typing`)
  await must(rest, 'DELETE', `/channels/${text.id}`)
  await must(rest, 'GET', `${guild}/roles`)
  await must(rest, 'GET', `${guild}/roles/${role.id}`)
  await must(rest, 'PATCH', `${guild}/roles/${role.id}`, { hoist: true })
  await must(rest, 'PATCH', `${guild}/roles`, [{ id: role.id, position: 1 }])
  rest.world.voice.join(rest.guildId, ada, voice.id)
  await must(rest, 'GET', `${guild}/voice-states/${ada}`)
  rest.world.voice.join(rest.guildId, rest.world.bot().id, voice.id)
  await must(rest, 'GET', `${guild}/voice-states/@me`)
  await must(rest, 'GET', `${guild}/members?limit=10`)
  await must(rest, 'GET', `${guild}/members/search?query=ad`)
  await must(rest, 'GET', `${guild}/members/${ada}`)
  await must(rest, 'PATCH', `${guild}/members/@me`, { nick: 'Botty' })
  await must(rest, 'PATCH', `${guild}/members/${ada}`, { nick: 'Ada', roles: [role.id], mute: true })
  await must(rest, 'DELETE', `${guild}/members/${ada}/roles/${role.id}`)
  await must(rest, 'PUT', `${guild}/members/${ada}/roles/${role.id}`)
  await must(rest, 'DELETE', `${guild}/roles/${role.id}`)
  await must(rest, 'DELETE', `${guild}/members/${ada}`)
  const bob = rest.member('bob')
  await must(rest, 'PUT', `${guild}/bans/${bob}`, { delete_message_seconds: 60 })
  await must(rest, 'GET', `${guild}/bans`)
  await must(rest, 'GET', `${guild}/bans/${bob}`)
  await must(rest, 'DELETE', `${guild}/bans/${bob}`)
  await must(rest, 'POST', `${guild}/bulk-ban`, { user_ids: [bob, rest.ownerId] })
  await must(rest, 'GET', `${guild}/audit-logs`)
}

async function walkMessages(rest: RestHarness): Promise<void> {
  const channel = `/channels/${rest.channelId}`
  const button = { type: 2, style: 1, label: 'Go', custom_id: 'go', emoji: { name: '👍' } }
  const menu = { type: 3, custom_id: 'pick', options: [{ label: 'A', value: 'a' }] }
  const embed = { title: 'T', description: 'D', color: 1, fields: [{ name: 'n', value: 'v' }], footer: { text: 'f' } }
  const rich = await must(rest, 'POST', `${channel}/messages`, {
    content: `hello <@${rest.ownerId}>`,
    embeds: [{ ...embed, timestamp: '2026-01-01T00:00:00.000Z', image: { url: 'https://example.org/a.png' } }],
    components: [{ type: 1, components: [button] }, { type: 1, components: [menu] }],
    nonce: '7',
  })
  await must(rest, 'POST', `${channel}/messages`, { content: 'reply', message_reference: { message_id: rich.id } })
  await must(rest, 'POST', `${channel}/messages`, {
    flags: 32_768,
    components: [
      { type: 17, components: [{ type: 10, content: 'text' }, { type: 14 }] },
      { type: 9, components: [{ type: 10, content: 'side' }], accessory: { ...button, custom_id: 'side' } },
      { type: 12, items: [{ media: { url: 'https://example.org/b.png' } }] },
    ],
  })
  await must(rest, 'GET', `${channel}/messages?limit=10`)
  await must(rest, 'PATCH', `${channel}/messages/${rich.id}`, { content: 'edited' })
  await must(rest, 'GET', `${channel}/messages/${rich.id}`)
  const reaction = `${channel}/messages/${rich.id}/reactions/${encodeURIComponent('👍')}`
  await must(rest, 'PUT', `${reaction}/%40me`)
  await must(rest, 'GET', reaction)
  await must(rest, 'DELETE', `${reaction}/@me`)
  await must(rest, 'DELETE', `${reaction}/${rest.ownerId}`)
  for (const pins of [`${channel}/messages/pins`, `${channel}/pins`]) {
    await must(rest, 'PUT', `${pins}/${rich.id}`)
    await must(rest, 'GET', pins)
    await must(rest, 'DELETE', `${pins}/${rich.id}`)
  }
  await must(rest, 'DELETE', `${channel}/messages/${rich.id}`)
  const one = await must(rest, 'POST', `${channel}/messages`, { content: '1' })
  const two = await must(rest, 'POST', `${channel}/messages`, { content: '2' })
  await must(rest, 'POST', `${channel}/messages/bulk-delete`, { messages: [one.id, two.id] })
}

async function walkInteractions(rest: RestHarness): Promise<void> {
  const { id, token } = rest.interact(rest.ownerId)
  const webhook = `/webhooks/${rest.world.application.id}/${token}`
  await must(rest, 'POST', `/interactions/${id}/${token}/callback?with_response=true`, { type: 4, data: { content: 'hi' } })
  await must(rest, 'GET', `${webhook}/messages/%40original`)
  await must(rest, 'PATCH', `${webhook}/messages/@original`, { content: 'changed' })
  const followup = await must(rest, 'POST', `${webhook}?wait=true`, { content: 'more', flags: 64 })
  await must(rest, 'GET', `${webhook}/messages/${followup.id}`)
  await must(rest, 'PATCH', `${webhook}/messages/${followup.id}`, { content: 'less' })
  await must(rest, 'DELETE', `${webhook}/messages/${followup.id}`)
  await must(rest, 'DELETE', `${webhook}/messages/@original`)
  const plain = rest.interact(rest.ownerId)
  await must(rest, 'POST', `/interactions/${plain.id}/${plain.token}/callback`, { type: 5 })
}
