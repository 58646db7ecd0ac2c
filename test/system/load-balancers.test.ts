/**
 * Two API processes behind the load balancers that `ops/` describes, real ones, both at once: one process is killed, one
 * drains, Redis is away the whole time, and of all that no client notices anything.
 */
import { expect } from 'chai'
import { publicKeysText, startApi } from '../support/api.ts'
import type { ApiProgram } from '../support/api.ts'
import type { Balancer } from '../support/balancer.ts'
import { startHaproxy, startNginx } from '../support/balancer.ts'
import { createTestPool } from '../support/leaks.ts'
import { packagedProgramTimeoutMs } from '../support/packaged-program.ts'
import { createTestCluster, insertChain, sealChain } from '../support/records.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'
import { startSteadyRequests } from '../support/steady-requests.ts'

const cluster = createTestCluster()
const records = 20
const clients = 6
/** Through each balancer: every client has met both processes many times. */
const enough = 300
/** Both balancers and both processes start; the packages may have to be fetched. */
const startTimeoutMs = testServersTimeoutMs + 2 * packagedProgramTimeoutMs

describe('two API processes behind nginx and HAProxy', function () {
  this.timeout(120_000)
  let database: TestDatabase
  let environment: Record<string, string>
  let paths: readonly string[]
  let apis: ApiProgram[]
  let ports: [number, number]
  let nginx: Balancer
  let haproxy: Balancer

  before(async function () {
    this.timeout(startTimeoutMs)
    database = await createTestDatabase()
    const pool = createTestPool(database.url)
    const chain = sealChain(cluster, records)
    await insertChain(pool, chain)
    await pool.end()
    paths = chain.sealed.map(({ receiptRow }) => `/verify/session/${receiptRow.recordId}`)
    environment = {
      DATABASE_URL: database.url,
      MUSTER_CLUSTER_PUBLIC_KEYS: publicKeysText(cluster.trusted),
      TRUST_PROXY: 'loopback',
      // Redis away from the first moment on: `degraded` takes nobody out.
      REDIS_URL: 'redis://127.0.0.1:1',
      API_REQUESTS_PER_MINUTE: '0',
    }
    apis = [startApi(environment), startApi(environment)]
    ports = (await Promise.all(apis.map(({ ready }) => ready))) as [number, number]
    ;[nginx, haproxy] = await Promise.all([startNginx(ports), startHaproxy(ports)])
  })

  after(async () => {
    await endAll()
    await Promise.all([nginx?.stop(), haproxy?.stop()])
    await database?.drop()
  })

  async function endAll(): Promise<void> {
    for (const api of apis ?? []) api.child.kill('SIGTERM')
    await Promise.all((apis ?? []).map(({ ended }) => ended))
  }

  /** In the place of one that ends, on its port. */
  async function startAgain(index: 0 | 1, more: Record<string, string> = {}): Promise<void> {
    await apis[index]!.ended
    apis[index] = startApi({ ...environment, ...more, API_PORT: String(ports[index]) })
    expect(await apis[index]!.ready).to.equal(ports[index])
  }

  const look = async ({ port }: Balancer): Promise<void> => void (await (await fetch(`http://127.0.0.1:${port}/health/ready`)).text())

  /** Both balancers know again of both processes: HAProxy by looking, nginx by trying. */
  async function untilBothServe(): Promise<void> {
    const isUp = async (name: string): Promise<boolean> =>
      (await haproxy.lines('server.log')).findLast((line) => line.includes(`muster_api/${name} is `))?.includes(' is UP') ?? true
    while (!(await isUp('api1')) || !(await isUp('api2'))) await look(haproxy)
    const from = (await nginx.lines('access.log')).length
    const hasServed = async (port: number): Promise<boolean> =>
      (await nginx.lines('access.log')).slice(from).some((line) => line.endsWith(`200 127.0.0.1:${port}`))
    while (!(await hasServed(ports[0])) || !(await hasServed(ports[1]))) await look(nginx)
  }

  /** Asks through both all the time while `happen` happens, and long enough before and after it. */
  async function underLoad(happen: () => Promise<void>): Promise<void> {
    await untilBothServe()
    const loads = [nginx, haproxy].map(({ port }) => startSteadyRequests({ port, clients, paths }))
    await Promise.all(loads.map((load) => load.more(enough)))
    await happen()
    await Promise.all(loads.map((load) => load.more(enough)))
    const [byNginx, byHaproxy] = await Promise.all(loads.map((load) => load.end()))
    expect({ nginx: byNginx!.failures, haproxy: byHaproxy!.failures }).to.deep.equal({ nginx: [], haproxy: [] })
  }

  it('one is killed: no request fails', async () => {
    await underLoad(async () => {
      apis[0]!.child.kill('SIGKILL')
      await apis[0]!.ended
    })
    const triedTwice = (await nginx.lines('access.log')).filter((line) => line.includes(', '))
    expect(triedTwice, 'asked of the dead one, answered by the other').not.to.deep.equal([])
  })

  it('one drains: it is left alone before it closes, and no request fails', async () => {
    await startAgain(0, { API_DRAIN_NOTICE_MS: '1500' })
    await underLoad(async () => {
      apis[0]!.child.kill('SIGTERM')
      expect((await apis[0]!.ended).exitCode).to.equal(0)
    })
    // By what it said itself, while it still served: before that nothing was refused.
    const down = (await haproxy.lines('server.log')).findLast((line) => line.includes('muster_api/api1 is DOWN'))
    expect(down).to.contain('Layer7 wrong status, code: 503')
  })

  it('a restarted one serves again, also alone', async () => {
    await startAgain(0)
    await underLoad(async () => {
      apis[1]!.child.kill('SIGTERM')
      await apis[1]!.ended
    })
    await endAll()
  })

  it('a client that claims another address is not believed', async () => {
    const limited = { API_REQUESTS_PER_MINUTE: '20' }
    await Promise.all([startAgain(0, limited), startAgain(1, limited)])
    await untilBothServe()
    for (const balancer of [nginx, haproxy]) {
      const statuses: number[] = []
      for (let claim = 0; claim < 60; claim += 1) {
        const headers = { 'x-forwarded-for': `203.0.113.${claim}` }
        statuses.push((await fetch(`http://127.0.0.1:${balancer.port}${paths[0]}`, { headers })).status)
      }
      // Each process counts for itself while Redis is away.
      expect(statuses.filter((status) => status === 429)).to.have.length.at.least(20)
    }
    await endAll()
  })
})
