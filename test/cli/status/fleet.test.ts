/** What `muster status` shows and names: from what Redis and Postgres say, without either. */
import { expect } from 'chai'
import type { Fleet } from '../../../cli/status/fleet.ts'
import { readFleet, troublesOf } from '../../../cli/status/fleet.ts'
import { fleetColumns, presentFleet } from '../../../cli/status/present-fleet.ts'
import { tableWidth } from '../../../cli/table.ts'
import { plain, terminalWidth } from '../../../cli/terminal.ts'
import type { ProcessStatus } from '../../../cluster/process-status.ts'
import { parseProcessStatus } from '../../../cluster/process-status.ts'
import type { Generation, Incarnation, Slot } from '../../../kernel/ids.ts'

const statusOf = (index: number, change: Partial<ProcessStatus> = {}): ProcessStatus => ({
  process: `shard-${index}`, incarnation: `host:${index}:aa`, generation: 3, version: '0.1.0', state: 'ready', pid: 100 + index, startedAt: 1, shardCount: 4,
  shards: [{ id: index * 2, state: 'ready', pingMs: 21, guilds: 512 }, { id: index * 2 + 1, state: 'ready', pingMs: null, guilds: 500 }],
  slots: 192, active: 300, resting: 700, mailboxDepth: 2, undurableEvents: 0, outboxHeld: 0, eventsPerSecond: 12.34, rssBytes: 180 * 1024 ** 2, heapBytes: 1, leaseCovers: true, healthPort: 4000, ...change,
})
const manager = (change: object = {}) => ({
  kind: 'manager', manager: 'host:9:bb', pid: 9, at: 1, topology: null, isWhole: true, processes: [], identify: { left: 998, total: 1000, resetAfterMs: 1 }, request: null, ...change,
})

function look(statuses: readonly (ProcessStatus | string | null)[], { told = manager() as object | null, slots = 384, topology = { generation: 3, shardCount: 4, processCount: 2, phase: 'current' } } = {}): Promise<Fleet> {
  const live = statuses.map((_, index) => `host:${index}:aa` as Incarnation)
  return readFleet({
    leases: {
      liveness: () => Promise.resolve({ live, rememberedForMs: 9_000 }),
      readDirectory: () => Promise.resolve(Array.from({ length: slots }, (_, slot) => ({ slot: slot as Slot, incarnation: live[slot % live.length] ?? ('gone' as Incarnation), generation: 3 as Generation }))),
    },
    board: {
      read: () => Promise.resolve(new Map(statuses.flatMap((status, index) => (status === null ? [] : [[live[index]!, typeof status === 'string' ? status : JSON.stringify(status)] as const])))),
      readManager: () => Promise.resolve(told === null ? null : JSON.stringify(told)),
    },
    servingTopology: () => Promise.resolve(topology),
  })
}

describe('muster status', () => {
  it('is one table that fits eighty columns, whatever the numbers', async () => {
    expect(tableWidth(fleetColumns)).to.be.at.most(terminalWidth)
    const huge = statusOf(0, { process: 'shard-with-a-name-that-is-far-too-long', active: 1e8, mailboxDepth: 1e8, eventsPerSecond: 123_456.7, rssBytes: 2 ** 45 })
    const text = presentFleet(await look([huge, statusOf(1)]), plain)
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(terminalWidth)
  })

  it('shows processes, shards, sums, topology, and what the manager tells', async () => {
    const fleet = await look([statusOf(0), statusOf(1)])
    expect(troublesOf(fleet)).to.deep.equal([])
    expect(presentFleet(fleet, plain).split('\n')).to.deep.equal([
      'generation 3, current: 4 shards in 2 processes, 384 of 384 slots owned',
      'manager host:9:bb, 998 of 1000 logins left today',
      '',
      'PROCESS           STATE      PING  GUILDS  ACTIVE   WAIT EVENTS/S  MEMORY SLOTS',
      'shard-0           ready              1012    1000      2     12.3  180 MB   192',
      '  shard 0         ready     21 ms     512',
      '  shard 1         ready         —     500',
      'shard-1           ready              1012    1000      2     12.3  180 MB   192',
      '  shard 2         ready     21 ms     512',
      '  shard 3         ready         —     500',
      'all                         21 ms    2024    2000      4     24.7  360 MB   384',
    ])
  })

  it('keeps the generations of a rescale apart, and says how far it is', async () => {
    const request = { name: 'muster rescale --shards 8', progress: { step: 'switch', plan: null, heard: 2, processes: 2, slots: 120, old: 0 } }
    const text = presentFleet(await look([statusOf(0, { generation: 4, state: 'starting' }), statusOf(0), statusOf(1)], { told: manager({ request }) }), plain)
    expect(text).to.match(/^doing `muster rescale --shards 8`: switch, 120 of 384 slots moved$/m)
    expect(text, 'a new process that begins is no trouble').not.to.contain('!')
    expect(text.indexOf('generation 3\n')).to.be.greaterThan(0)
    expect(text.indexOf('generation 4\n')).to.be.greaterThan(text.indexOf('generation 3\n'))
  })

  it('names what is not as it should be', async () => {
    const named = async (...given: Parameters<typeof look>): Promise<string> => troublesOf(await look(...given)).join('\n')
    expect(await named([])).to.equal('No shard process lives. Start the house with `muster up`, or the manager under pm2.')
    expect(await named([statusOf(0), statusOf(1)], { slots: 380 })).to.match(/^4 of 384 slots have no living owner/)
    expect(await named([statusOf(0), null])).to.match(/^host:1:aa has a lease and tells nothing of itself/)
    expect(await named([statusOf(0), '{"process":"from a newer release"}'])).to.match(/^host:1:aa has a lease and tells nothing/)
    expect(await named([statusOf(0), statusOf(1, { state: 'draining' })])).to.equal('shard-1 is draining.')
    expect(await named([statusOf(0), statusOf(1, { leaseCovers: false })])).to.match(/not covered by its lease/)
    expect(await named([statusOf(0), statusOf(1, { shards: [{ id: 3, state: 'away', pingMs: null, guilds: 0 }] })])).to.equal('Shard 3 of shard-1 is not connected to Discord.')
    expect(await named([statusOf(0)])).to.match(/1 of 2 shard processes live/)
    expect(await named([statusOf(0), statusOf(1)], { told: null })).to.match(/^No manager tells its status/)
    const waiting = { clusterId: 1, generation: 3, role: 'serving', state: 'waiting', pid: null, lives: 4, waitsFor: 'the budget of logins' }
    expect(await named([statusOf(0), statusOf(1)], { told: manager({ processes: [waiting] }) })).to.equal('shard-1 does not run: the budget of logins.')
  })
})

describe('the status of a process', () => {
  it('is understood when it comes back, also with what a newer release adds', () => {
    expect(parseProcessStatus(JSON.stringify({ ...statusOf(0), later: true }))).to.deep.equal(statusOf(0))
  })

  it('is nothing when it is not one', () => {
    for (const text of ['', 'not json', '{}', '[]', 'null', JSON.stringify({ ...statusOf(0), state: 'dancing' })]) expect(parseProcessStatus(text), text).to.equal(null)
  })
})
