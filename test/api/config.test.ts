/** The API's configuration: every problem at once, by name, never by value. */
import { expect } from 'chai'
import { parseApiConfig } from '../../api/config.ts'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import { publicKeysText } from '../support/api.ts'
import { createTestCluster } from '../support/records.ts'

const { trusted } = createTestCluster()
const good = { DATABASE_URL: 'postgresql://u:p@localhost/muster', MUSTER_CLUSTER_PUBLIC_KEYS: publicKeysText(trusted) }

function messageOf(environment: Record<string, string>): string {
  try {
    parseApiConfig(environment)
  } catch (thrown) {
    expect(codeOf(thrown)).to.equal('configuration-invalid')
    return coerceError(thrown).message
  }
  return 'none'
}

describe('api configuration', () => {
  it('needs a database and the cluster keys, and has a default for the rest', () => {
    expect(parseApiConfig({ ...good, API_PORT: '' })).to.deep.equal({
      databaseUrl: good.DATABASE_URL,
      redisUrl: null,
      host: '127.0.0.1',
      port: 8080,
      publicUrl: null,
      trustedClusterKeys: trusted,
      trustedProxies: [],
      databaseConnectionsMax: 10,
      logLevel: 'info',
      redisPrefix: 'muster:',
      requestsPerMinute: 1_200,
      verdictMemoryMs: 5_000,
      drainNoticeMs: 1_500,
    })
  })

  it('tells every problem at once, and no value', () => {
    const message = messageOf({
      DATABASE_URL: 'mysql://u:hunter2@localhost/muster',
      API_PORT: '70000',
      API_HOST: 'not a host',
      PUBLIC_URL: 'ftp://hunter2',
      REDIS_URL: 'hunter2',
      TRUST_PROXY: 'hunter2',
      LOG_LEVEL: 'loud',
    })
    const names = ['DATABASE_URL', 'API_PORT', 'API_HOST', 'PUBLIC_URL', 'REDIS_URL', 'TRUST_PROXY', 'LOG_LEVEL']
    for (const name of names) expect(message).to.match(new RegExp(`^ {2}${name} must be `, 'm'))
    expect(message).to.match(/^ {2}MUSTER_CLUSTER_PUBLIC_KEYS is not set$/m)
    expect(message).not.to.contain('hunter2')
  })

  it('says what is wrong with a cluster key', () => {
    const message = messageOf({ ...good, MUSTER_CLUSTER_PUBLIC_KEYS: Buffer.alloc(32).toString('base64') })
    expect(message).to.contain('MUSTER_CLUSTER_PUBLIC_KEYS public key is a point of small order')
  })

  it('takes proxies, an address to be reached at, and a free port', () => {
    const config = parseApiConfig({
      ...good, API_PORT: '0', API_HOST: '::', TRUST_PROXY: 'loopback, 10.0.0.0/8,::1', PUBLIC_URL: 'https://muster.example/',
    })
    expect(config).to.deep.include({
      port: 0, host: '::', trustedProxies: ['loopback', '10.0.0.0/8', '::1'], publicUrl: 'https://muster.example',
    })
  })
})
