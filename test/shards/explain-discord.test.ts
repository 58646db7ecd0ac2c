import { expect } from 'chai'
import { AppError, codeOf } from '../../kernel/errors.ts'
import { explainDiscord } from '../../shards/explain-discord.ts'

const error = (message: string, more: Record<string, unknown> = {}): Error => Object.assign(new Error(message), more)

describe('explaining why Discord would not have us', () => {
  const refused: readonly [Error, RegExp][] = [
    [error('An invalid token was provided.', { code: 'TokenInvalid' }), /bot token \(4004\).*DISCORD_TOKEN/],
    [error('Authentication failed (4004)'), /bot token/],
    [error('401: Unauthorized'), /bot token/],
    [error('Used disallowed intents', { code: 4014 }), /intents \(4014\).*developer portal/],
    [error('Gateway closed with 4013: invalid intents'), /4013/],
    [error('Sharding is required'), /MUSTER_SHARDS/],
    [error('Gateway closed with 4010'), /4010/],
    [error('Not enough sessions remaining to spawn 2 shards; only 0 remaining'), /daily limit/],
  ]
  for (const [thrown, sentence] of refused) {
    it(`"${thrown.message}" becomes a sentence with its remedy`, () => {
      const explained = explainDiscord(thrown)
      expect(codeOf(explained)).to.equal('discord-refused')
      expect(explained.message).to.match(sentence)
      expect(explained.cause).to.equal(thrown)
    })
  }

  it('an address that cannot be reached says which setting to look at', () => {
    const thrown = error('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) })
    const explained = explainDiscord(thrown)
    expect(codeOf(explained)).to.equal('discord-unavailable')
    expect(explained.message).to.match(/cannot be reached.*DISCORD_API/)
  })

  it('a number that only looks like a close code is none', () => {
    for (const message of ['write after 14010 bytes', 'guild 1142401142857142857 is odd', 'listening on 40040']) {
      const thrown = error(message)
      expect(explainDiscord(thrown), message).to.equal(thrown)
    }
  })

  it('what is explained already, or not known, is passed on as it is', () => {
    for (const thrown of [new AppError('postgres-unavailable', '4004 401'), error('something else')]) expect(explainDiscord(thrown)).to.equal(thrown)
  })

  it('no sentence carries the token that was refused', () => {
    const token = 'MTIz.secret.token'
    expect(explainDiscord(error(`An invalid token was provided: ${token}`)).message).not.to.contain(token)
  })
})
