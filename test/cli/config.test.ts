import { expect } from 'chai'
import { parseHouseConfig } from '../../cli/config.ts'
import { coerceError } from '../../kernel/errors.ts'

const messageOf = (environment: Record<string, string>): string => {
  try {
    parseHouseConfig(environment)
  } catch (thrown) {
    return coerceError(thrown).message
  }
  return 'none'
}

describe('configuration of muster up', () => {
  it('needs nothing: what is not given is brought along', () => {
    expect(parseHouseConfig({})).to.include({
      folder: '.muster', databaseUrl: undefined, redisUrl: undefined, discordToken: undefined, apiPort: 8080, sandboxPort: 4140, processCount: 2, logLevel: 'info',
    })
  })

  it('a token under either name, the first one first', () => {
    expect(parseHouseConfig({ DISCORD_BOT_TOKEN: 'b' }).discordToken).to.equal('b')
    expect(parseHouseConfig({ DISCORD_BOT_TOKEN: 'b', DISCORD_TOKEN: 'a' }).discordToken).to.equal('a')
    expect(parseHouseConfig({ DISCORD_BOT_TOKEN: 'b', DISCORD_TOKEN: '' }).discordToken).to.equal('b')
  })

  it('says every problem at once, in words for somebody who wrote a .env file', () => {
    const message = messageOf({ DATABASE_URL: 'localhost', REDIS_URL: 'http://x', API_PORT: '70000', SANDBOX_PORT: '1e3', MUSTER_PROCESSES: '0', LOG_LEVEL: 'loud' })
    expect(message).to.match(/environment and \.env/)
    for (const line of [
      'DATABASE_URL must be a URL starting with postgres:// or postgresql://',
      'REDIS_URL must be a URL starting with redis:// or rediss://',
      'API_PORT must be an integer between 0 and 65535',
      'SANDBOX_PORT must be an integer between 0 and 65535',
      'MUSTER_PROCESSES must be an integer between 1 and 384',
      'LOG_LEVEL must be one of debug, info, warn, error, silent',
    ]) {
      expect(message).to.contain(`\n  ${line}`)
    }
  })
})
