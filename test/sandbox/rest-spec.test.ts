/**
 * The sandbox's word against Discord's description.
 *
 * The table of operations is compared with the text of the package, so that an update of the description fails here
 * first. The check itself is tried with answers that are wrong.
 */
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Operation } from '../../sandbox/rest/operations.ts'
import { operations } from '../../sandbox/rest/operations.ts'
import type { SpecCheck } from '../../sandbox/rest/spec-check.ts'
import { loadSpecCheck } from '../../sandbox/rest/spec-check.ts'
import { toFormErrors } from '../../sandbox/rest/spec-issues.ts'
import { startRest } from './rest-harness.ts'

describe('sandbox/rest: the description', () => {
  it('the table of operations says what discord-api-spec says, word for word', () => {
    const described = describedOperations()
    for (const [name, operation] of Object.entries(operations) as [string, Operation][]) {
      const theirs = described.get(name)
      expect(theirs, name).to.not.equal(undefined)
      if (operation.body?.startsWith('<')) expect(theirs!.body, name).to.match(/^\{/)
      else expect(operation.body ?? 'undefined', name).to.equal(theirs!.body)
      expect(operation.answers, name).to.deep.equal(theirs!.answers)
    }
  })

  describe('checks', () => {
    let spec: SpecCheck
    before(async () => {
      spec = await loadSpecCheck()
    })
    const complaints = (name: keyof typeof operations, body: unknown) => {
      const errors = toFormErrors(spec.checkBody(name, body), body)
      try {
        errors.throwIfAny()
        return undefined
      } catch (thrown) {
        return (thrown as { body: { errors: unknown } }).body.errors
      }
    }

    it('an answer without a required field is noticed', () => {
      const member = JSON.stringify({ user: {}, roles: [] })
      expect(spec.checkAnswer('GET /guilds/{guild_id}/members/{user_id}', 200, member)).to.not.deep.equal([])
    })
    it('a status that is not described, and a body beside 204, are noticed', () => {
      expect(spec.checkAnswer('GET /gateway', 204, '')).to.have.length(1)
      expect(spec.checkAnswer('DELETE /channels/{channel_id}/messages/{message_id}', 204, '{}')).to.have.length(1)
    })
    it('instants with an offset are as good as instants with Z, other text is not', () => {
      const issues = (pinnedAt: string) => {
        const text = JSON.stringify({ items: [{ pinned_at: pinnedAt, message: {} }], has_more: false })
        const found = spec.checkAnswer('GET /channels/{channel_id}/messages/pins', 200, text)
        return found.filter((one) => one.path.at(-1) === 'pinned_at')
      }
      expect(issues('2026-01-01T00:00:00.000Z')).to.deep.equal([])
      expect(issues('2026-01-01T00:00:00.000+00:00')).to.deep.equal([])
      expect(issues('yesterday')).to.have.length(1)
    })
    it('permission bits pass as text and as numbers, not as words', () => {
      const name = 'POST /guilds/{guild_id}/roles'
      expect(complaints(name, { permissions: '2147483648' })).to.equal(undefined)
      expect(complaints(name, { permissions: 8 })).to.equal(undefined)
      expect(complaints(name, { permissions: 'all' })).to.deep.equal({
        permissions: { _errors: [{ code: 'NUMBER_TYPE_COERCE', message: 'Value "all" is not int.' }] },
      })
    })
    it('unknown keys and null attachment fields pass, as clients send them', () => {
      const attachments = [{ id: '0', description: 'd', title: null, waveform: null, duration_secs: null }]
      const body = { content: 'x', enforce_nonce: false, tts: false, communicationDisabledUntil: 1, attachments }
      expect(complaints('POST /channels/{channel_id}/messages', body)).to.equal(undefined)
    })
    it('of a union only the member that was meant is complained about', () => {
      const body = { components: [{ type: 1, components: [{ type: 3, custom_id: 'x', options: [{ value: 'v' }] }] }] }
      expect(complaints('POST /channels/{channel_id}/messages', body)).to.deep.equal({
        components: {
          0: {
            components: {
              0: { options: { 0: { label: { _errors: [{ code: 'BASE_TYPE_REQUIRED', message: 'This field is required' }] } } } },
            },
          },
        },
      })
    })
  })

  it('an unknown route answers 404 and is a violation; so is a method a route does not have', async () => {
    const rest = await startRest()
    expect((await rest.call('GET', '/nowhere/at/all')).body).to.deep.equal({ message: '404: Not Found', code: 0 })
    expect((await rest.call('PUT', '/gateway/bot')).status).to.equal(405)
    expect((await fetch(`${rest.api}/v9/gateway`)).status).to.equal(404)
    const violations = rest.requestLog.violations().map(({ what, method, route }) => `${what} ${method} ${route}`)
    expect(violations).to.deep.equal([
      'unknown-route GET /api/v10/nowhere/at/all',
      'unknown-route PUT /api/v10/gateway/bot',
      'unknown-route GET /api/v9/gateway',
    ])
    await rest.stop()
  })

  it('what is described but not built is a violation, not a silence', async () => {
    const rest = await startRest()
    const poll = { question: { text: 'q' }, answers: [{ poll_media: { text: 'a' } }] }
    await rest.call('POST', `/channels/${rest.channelId}/messages`, { content: 'x', poll })
    expect(rest.requestLog.violations().map((one) => `${one.what} ${one.detail}`)).to.deep.equal(['not-built polls'])
    await rest.stop()
  })

  it('the log shows neither the bot’s token nor an interaction’s', async () => {
    const rest = await startRest()
    const { id, token } = rest.interact(rest.ownerId)
    await rest.call('POST', `/interactions/${id}/${token}/callback`, { type: 5 })
    await rest.call('GET', `/webhooks/${rest.world.application.id}/${token}/messages/@original`)
    await rest.call('GET', `/webhooks/${rest.world.application.id}/${token}/nowhere`)
    expect(JSON.stringify(rest.requestLog.entries())).to.not.include(token)
    await rest.stop()
  })
})

interface Described {
  readonly body: string
  readonly answers: Record<string, string>
}

/** Reads the `Paths` interface of the package as text: types cannot be read at run time. */
function describedOperations(): Map<string, Described> {
  const file = new URL('../../node_modules/discord-api-spec/build/discord-api-spec.ts', import.meta.url)
  const text = readFileSync(file, 'utf8')
  const paths = text.slice(text.indexOf('export interface Paths {'))
  const found = new Map<string, Described>()
  for (const [, path, methods] of paths.matchAll(/\n {2}"(\/[^"]*)": \{\n([\s\S]*?)\n {2}\};/g)) {
    for (const [, method, block] of methods!.matchAll(/ {4}(get|put|post|patch|delete): \{([\s\S]*?)\n {4}\};/g)) {
      const name = `${method!.toUpperCase()} ${path}`
      if (!found.has(name)) found.set(name, readOperation(block!))
    }
  }
  return found
}

function readOperation(block: string): Described {
  const body = /requestBody\?:([\s\S]*?);\n {6}responses/.exec(block)?.[1] ?? 'undefined'
  const answers: Record<string, string> = {}
  for (const [, status, type] of block.matchAll(/"(2\d\d)":([\s\S]*?);\n/g)) answers[status!] = oneLine(type!)
  return { body: oneLine(body), answers }
}

/** Without line breaks, without the leading bar of a union that was broken over lines. */
function oneLine(type: string): string {
  return type
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(^|\() ?\| /g, '$1')
    .replaceAll(/\( /g, '(')
    .replaceAll(/ \)/g, ')')
    .trim()
    .replace(/^\| /, '')
}
