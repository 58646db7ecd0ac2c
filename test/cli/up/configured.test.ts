import { expect } from 'chai'
import { configuredFor } from '../../../cli/up/configured.ts'

describe('what is configured for a process of the house', () => {
  const environment = {
    TRUST_PROXY: '10.0.0.0/8',
    REDIS_PREFIX: 'mine:',
    DISCORD_TOKEN: 'token',
    MUSTER_KEK: 'kek',
    SANDBOX_BOT_NAME: 'Bot',
    LOG_LEVEL: '',
    SECRET_OF_SOMEBODY: 'x',
  }

  it('reaches the process that reads it', () => {
    expect(configuredFor('api', environment)).to.include({ TRUST_PROXY: '10.0.0.0/8' })
    expect(configuredFor('manager', environment)).to.include({ REDIS_PREFIX: 'mine:', DISCORD_TOKEN: 'token', MUSTER_KEK: 'kek' })
    expect(configuredFor('sandbox', environment)).to.deep.equal({ SANDBOX_BOT_NAME: 'Bot' })
  })

  it('reaches nobody else: the API gets no token and no key, and what is unknown goes nowhere', () => {
    expect(configuredFor('api', environment)).to.not.have.any.keys('DISCORD_TOKEN', 'MUSTER_KEK', 'SECRET_OF_SOMEBODY')
    expect(configuredFor('manager', environment)).to.not.have.any.keys('SECRET_OF_SOMEBODY', 'TRUST_PROXY')
  })

  it('counts an empty variable as not set', () => {
    expect(configuredFor('api', environment)).to.not.have.property('LOG_LEVEL')
  })
})
