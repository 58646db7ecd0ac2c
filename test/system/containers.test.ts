/**
 * compose.yaml, Dockerfile and the workflow, held against what they speak of: the settings each process reads, the files of
 * the build, the time a drain takes, the nginx file. They cannot be run everywhere; what they say can be checked everywhere.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { parse } from 'yaml'
import { createSigner } from '../../actors/records/ed25519.ts'
import { apiVariables, parseApiConfig } from '../../api/config.ts'
import { managerVariables, parseManagerConfig } from '../../cluster/config.ts'
import { parseShardConfig, shardVariables } from '../../shards/config.ts'
import { readHouseFile } from '../support/house-files.ts'

interface Service {
  readonly image: string
  readonly build?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly stop_grace_period?: string
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly volumes?: readonly string[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const seed = randomBytes(32)
/** A `.env` as the file asks for one. */
const environmentFile: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: 'letters',
  DISCORD_TOKEN: 'token',
  PUBLIC_URL: 'https://records.example.org',
  MUSTER_CLUSTER_KEY: seed.toString('base64'),
  MUSTER_CLUSTER_PUBLIC_KEYS: Buffer.from(createSigner(seed).publicKey).toString('base64'),
  MUSTER_KEK: randomBytes(32).toString('base64'),
}

/** `${NAME:?why}` must be in the file above, `${NAME:-default}` need not. */
function substitute(text: string): string {
  return text.replace(/\$\{([A-Z_]+)(:[-?])([^}]*)\}/g, (_, name: string, kind: string, rest: string) => {
    const value = environmentFile[name] ?? (kind === ':-' ? rest : undefined)
    if (value === undefined) throw new Error(`compose.yaml asks for ${name}`)
    return value
  })
}

describe('containers', () => {
  let services: Readonly<Record<string, Service>>
  const service = (name: string): Service => {
    const found = services[name]
    if (found === undefined) throw new Error(`compose.yaml has no ${name}`)
    return found
  }
  const environmentOf = (name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(service(name).environment ?? {}).map(([key, value]) => [key, substitute(value)]))

  before(async () => {
    services = (parse(await readHouseFile('compose.yaml'), { merge: true }) as { services: Record<string, Service> }).services
  })

  it('Postgres, Redis, a migration, the manager, two API processes and nginx', () => {
    expect(Object.keys(services).sort()).to.deep.equal(['api-1', 'api-2', 'manager', 'migrate', 'nginx', 'postgres', 'redis'])
  })

  it('the manager is given what it and its shard processes read, and nothing else', () => {
    const environment = environmentOf('manager')
    const known = new Set([...managerVariables, ...shardVariables])
    expect(Object.keys(environment).filter((name) => !known.has(name))).to.deep.equal([])
    expect(parseManagerConfig(environment)).to.include({ processCount: 2, healthPort: 8090 })
    expect(parseShardConfig(environment).publicUrl).to.equal('https://records.example.org')
  })

  for (const name of ['api-1', 'api-2']) {
    it(`${name} is given what it reads, and no key that signs and no token`, () => {
      const environment = environmentOf(name)
      expect(Object.keys(environment).filter((variable) => !apiVariables.includes(variable))).to.deep.equal([])
      expect(parseApiConfig(environment)).to.include({ port: 8080, host: '0.0.0.0' })
      for (const secret of ['DISCORD_TOKEN', 'MUSTER_CLUSTER_KEY', 'MUSTER_KEK']) {
        expect(JSON.stringify(environment)).not.to.contain(JSON.stringify(environmentFile[secret]))
      }
    })
  }

  it('what is required is asked for by name, so that a forgotten one is said before anything starts', async () => {
    const asked = new Set([...(await readHouseFile('compose.yaml')).matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name))
    expect([...asked]).to.have.members(Object.keys(environmentFile))
  })

  it('every part of the house runs a file of the build, drains within its grace, and waits for its database', () => {
    const seconds = (name: string): number => Number(/^(\d+)s$/.exec(service(name).stop_grace_period ?? '')?.[1])
    expect(seconds('manager')).to.be.above(28)
    expect(seconds('api-1')).to.be.above(9.5)
    for (const name of ['manager', 'api-1', 'api-2', 'migrate']) {
      const [node, file = ''] = service(name).command ?? []
      expect(node).to.equal('node')
      expect(existsSync(`${root}${file.replace(/^dist\//, '').replace(/\.js$/, '.ts')}`), file).to.equal(true)
      if (name !== 'migrate') expect(service(name).depends_on?.['migrate']?.condition).to.equal('service_completed_successfully')
    }
    expect(service('manager').healthcheck?.test.join(' ')).to.contain(`:${environmentOf('manager')['HEALTH_PORT']}/health/live`)
    expect(service('api-1').healthcheck?.test.join(' ')).to.contain(`:${environmentOf('api-1')['API_PORT']}/health/ready`)
  })

  it('Redis never evicts, and every foreign image is pinned', () => {
    expect((service('redis').command ?? []).join(' ')).to.contain('--maxmemory-policy noeviction')
    for (const [name, { image, build }] of Object.entries(services)) {
      if (build === undefined) expect(image, name).to.match(/^[a-z]+:\d+\.\d+(\.\d+)?-bookworm$/)
    }
  })

  it('nginx is given the file of ops/ with the addresses that processes have here', async () => {
    const { volumes = [], command = [] } = service('nginx')
    const [file] = (volumes[0] ?? '').split(':')
    let text = await readHouseFile((file ?? '').replace(/^\.\//, ''))
    const changes = [...command.join(' ').matchAll(/s\/([^/]+)\/([^/]+)\/'/g)]
    expect(changes).to.have.length(2)
    for (const [, from = '', to = ''] of changes) {
      expect(text.split(from), from).to.have.length(2)
      text = text.replace(from, to)
    }
    const servers = [...text.matchAll(/^ *server ([^ ]+) max_fails/gm)].map(([, server]) => server)
    expect(servers).to.deep.equal(['api-1:8080', 'api-2:8080'])
  })

  it('the image is of the Node that package.json asks for, and ends in production with a user of its own', async () => {
    const text = await readHouseFile('Dockerfile')
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
    expect(new Set(bases).size).to.equal(1)
    expect(bases[0]).to.match(/^node:20\.\d+\.\d+-bookworm-slim$/)
    const last = text.slice(text.lastIndexOf('FROM '))
    expect(last).to.match(/^ENV NODE_ENV=production$/m).and.match(/^USER node$/m).and.match(/^CMD \["node", "dist\/cluster\/main\.js"\]$/m)
    for (const [, script] of text.matchAll(/npm run (\S+)/g)) {
      expect((JSON.parse(await readHouseFile('package.json')) as { scripts: Record<string, string> }).scripts).to.have.property(script ?? '')
    }
  })
})

describe('the workflow', () => {
  it('runs .ci/run on Node 20 with actions pinned by commit', async () => {
    const text = await readHouseFile('.github/workflows/ci.yml')
    const workflow = parse(text) as { jobs: Record<string, { steps: readonly { uses?: string; run?: string; with?: Record<string, unknown> }[] }> }
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
    expect(steps.map(({ run }) => run)).to.include('.ci/run')
    expect(steps.map((step) => step.with?.['node-version']).filter((wanted) => wanted !== undefined)).to.deep.equal([20])
    const used = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]))
    expect(used).to.have.length.at.least(2)
    for (const action of used) {
      expect(action).to.match(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
      // The tag beside it is for people and for whoever proposes updates.
      expect(text).to.match(new RegExp(`${action} # v\\d+\\.\\d+\\.\\d+\\n`))
    }
  })
})
