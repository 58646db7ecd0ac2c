/**
 * Health, metrics, status and logs of a running house: one fleet for all of it.
 */
import { expect } from 'chai'
import type { Fleet } from '../support/fleet-processes.ts'
import { showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

describe('vital signs of a running house', function () {
  this.timeout(60_000)
  let fleet: Fleet
  let health: string

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ shardCount: 2, processCount: 2, sandbox: { gatewayLimits: { maxConcurrency: 2 } }, environment: { LOG_LEVEL: 'debug' } })
    fleet.sandbox.people.createGuild({ name: 'one', voiceChannels: ['Hall'] })
    const manager = fleet.startManager()
    const port = await manager.message((message) => (message as { healthPort?: number }).healthPort)
    health = `http://127.0.0.1:${port}`
    await fleet.whenReady()
  })
  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
  })
  after(() => fleet?.stop())

  const get = async (path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(health + path)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  it('health', async () => {
    expect(await get('/health/live')).to.deep.equal({ status: 200, body: { status: 'live' } })
    expect(await get('/health/ready')).to.deep.equal({ status: 200, body: { status: 'ready' } })
    const { body } = await get('/health')
    expect(body).to.include({ status: 'ready', draining: false })
    const processes = body['processes'] as Record<string, unknown>[]
    expect(processes.map(({ process }) => process)).to.have.members(['shard-0', 'shard-1'])
    for (const one of processes) expect(one).to.include({ status: 'ready', gateway: 'up', database: 'up', redis: 'up' })
  })
})
