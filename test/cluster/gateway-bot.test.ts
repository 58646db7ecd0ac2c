/** Asking for the recommended shards, of an HTTP server that answers as Discord does on good and bad days. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { readGatewayBot } from '../../cluster/gateway-bot.ts'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import { mustEnd } from '../support/leaks.ts'

const good = { url: 'wss://gateway.discord.gg', shards: 3, session_start_limit: { total: 1_000, remaining: 998, reset_after: 1, max_concurrency: 1 } }
const token = 'a-token-that-nobody-may-see'

describe('asking Discord for shards', () => {
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  const server = createServer((request, response) => answer(request, response))
  let api: string

  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
    mustEnd('gateway-bot server', () => server.listening)
  })
  after(async () => {
    server.close()
    await once(server, 'close')
  })

  const respond = (status: number, body: string): void => {
    answer = (_, response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }
  const failure = async (base = api): Promise<Error> => {
    try {
      await readGatewayBot({ api: base, token })
    } catch (thrown) {
      const error = coerceError(thrown)
      expect(error.message).not.to.contain(token)
      return error
    }
    throw new Error('it was answered')
  }

  it('reads the recommendation through the configured base, as the bot', async () => {
    const asked: (string | undefined)[] = []
    answer = (request, response) => {
      asked.push(request.url, request.headers.authorization)
      response.end(JSON.stringify(good))
    }
    expect(await readGatewayBot({ api, token })).to.deep.include({ shards: 3 })
    expect(asked).to.deep.equal(['/api/v10/gateway/bot', `Bot ${token}`])
  })

  it('401: the token is refused, with the remedy', async () => {
    respond(401, '{"message":"401: Unauthorized","code":0}')
    const error = await failure()
    expect([codeOf(error), error.message]).to.deep.equal([
      'discord-refused',
      'Discord refuses the bot token (4004). Copy the token of your application from the developer portal (Bot → Reset Token) into DISCORD_TOKEN.',
    ])
  })

  it('another status: Discord is unavailable, with the status', async () => {
    respond(503, 'upstream connect error')
    const error = await failure()
    expect(codeOf(error)).to.equal('discord-unavailable')
    expect(error.message).to.match(/answered 503/)
  })

  it('an answer that is none: Discord is unavailable, and says so in a sentence', async () => {
    for (const body of ['<html>', '{}', JSON.stringify({ ...good, shards: 0 }), JSON.stringify({ ...good, session_start_limit: null })]) {
      respond(200, body)
      const error = await failure()
      expect(codeOf(error), body).to.equal('discord-unavailable')
      expect(error.message).to.match(/not understood.*DISCORD_API/)
    }
  })

  it('nobody listens there: the address and the setting to look at', async () => {
    const error = await failure('http://127.0.0.1:1')
    expect(codeOf(error)).to.equal('discord-unavailable')
    expect(error.message).to.match(/cannot be reached at http:\/\/127\.0\.0\.1:1 \(.+\).*DISCORD_API/)
  })
})
