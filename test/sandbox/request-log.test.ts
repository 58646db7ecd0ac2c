/** The sandbox's log: bounded, but a violation of a long run is never forgotten. */
import { expect } from 'chai'
import { createRequestLog } from '../../sandbox/request-log.ts'
import { createManualClock } from '../support/manual-clock.ts'

describe('sandbox/request-log', () => {
  it('forgets the oldest past its bound, counts them, and keeps what must not happen', () => {
    const log = createRequestLog({ clock: createManualClock() }, { entriesMax: 10 })
    const heard: number[] = []
    log.onEntry(({ number }) => heard.push(number))
    log.add({ kind: 'violation', what: 'unknown-route', method: 'GET', route: '/nowhere', detail: 'first of all' })
    for (let added = 0; added < 100; added += 1) log.add({ kind: 'heartbeat', session: 's', shard: 0 })
    expect(log.entries().length).to.be.within(10, 15)
    expect(log.entries().at(-1)?.number).to.equal(101)
    expect(log.forgotten()).to.equal(101 - log.entries().length)
    expect(log.violations().map(({ detail }) => detail)).to.deep.equal(['first of all'])
    expect(heard).to.have.length(101)
  })
})
