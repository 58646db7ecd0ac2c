/** Health as it is answered: which parts keep requests away, which only degrade, and for how long an answer is believed. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createHealth, healthAnswer, readyAnswer } from '../../kernel/health.ts'
import type { HealthPart } from '../../kernel/health.ts'
import { startVitalsServer } from '../../kernel/vitals-server.ts'
import { createManualClock } from '../support/manual-clock.ts'

const settings = { host: 'HEALTH_HOST', port: 'HEALTH_PORT' }
const up = (): Promise<void> => Promise.resolve()
const down = (): Promise<void> => Promise.reject(new Error('away'))

describe('health', () => {
  const check = async (parts: readonly HealthPart[], isDraining = false) => {
    const report = await createHealth({ clock: createManualClock(), parts, isDraining: () => isDraining }).check()
    return [readyAnswer(report), healthAnswer(report).body] as const
  }

  it('is ready with everything, degraded without what is not required, 503 and named without what is', async () => {
    const database = { name: 'database', ping: up, isRequired: true }
    const redis = { name: 'redis', ping: up, isRequired: false }
    expect((await check([database, redis]))[0]).to.deep.equal({ status: 200, body: { status: 'ready' } })
    expect((await check([database, { ...redis, ping: null }]))[0]).to.deep.equal({ status: 200, body: { status: 'ready' } })
    expect((await check([database, { ...redis, ping: down }]))[0]).to.deep.equal({ status: 200, body: { status: 'degraded' } })
    const [ready, body] = await check([{ ...database, ping: down }, redis], true)
    expect(ready).to.deep.equal({ status: 503, body: { status: 'unready', missing: ['database', 'draining'] } })
    expect(body).to.deep.equal({ status: 'unready', missing: ['database', 'draining'], database: 'down', redis: 'up', draining: true, uptime_seconds: 0 })
  })

  it('a part that does not answer within a second is down, and parts are asked once in half a second', async () => {
    const clock = createManualClock()
    let asked = 0
    const silent: HealthPart = { name: 'database', isRequired: true, ping: () => new Promise(() => void (asked += 1)) }
    const health = createHealth({ clock, parts: [silent], isDraining: () => false })
    const reports = [health.check(), health.check()]
    clock.advance(1_000)
    expect((await Promise.all(reports)).map(({ missing }) => missing)).to.deep.equal([['database'], ['database']])
    expect(asked).to.equal(1)
    const later = health.check()
    clock.advance(1_000)
    await later
    expect(asked).to.equal(2)
  })
})

describe('the server of health and metrics', () => {
  const vitals = {
    ready: () => Promise.resolve({ status: 503, body: { status: 'unready', missing: ['gateway'] } } as const),
    health: () => Promise.resolve({ status: 200, body: { status: 'unready' } } as const),
    metrics: () => Promise.reject(new Error('hunter2')),
  }

  it('goes to the next port when one is taken, answers four addresses, and tells nothing of what fails', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const server = await startVitalsServer(vitals, { host: '127.0.0.1', port, settings })
    try {
      expect(server.port).to.be.greaterThan(port)
      const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method })
      expect((await get('/health/live?x=1')).status).to.equal(200)
      expect((await get('/health/ready')).status).to.equal(503)
      expect(await (await get('/health')).json()).to.deep.equal({ status: 'unready' })
      const failed = await get('/metrics')
      expect(failed.status).to.equal(500)
      expect(await failed.text()).not.to.contain('hunter2')
      expect([(await get('/')).status, (await get('/health', 'DELETE')).status, (await get('/health/live', 'HEAD')).status]).to.deep.equal([404, 405, 200])
    } finally {
      await server.stop()
      taken.close()
    }
  })

  it('says which settings to correct when it cannot have its address', async () => {
    const refused = startVitalsServer(vitals, { host: '192.0.2.1', port: 0, settings })
    const message = await refused.then(() => '', (error: Error) => error.message)
    expect(message).to.match(/cannot listen on 192\.0\.2\.1:0.*correct HEALTH_HOST or HEALTH_PORT/)
  })
})
