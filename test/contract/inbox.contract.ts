/**
 * What every Inbox promises: order per slot, a bound that refuses before it adds, reading that takes nothing away (I7).
 */
import { expect } from 'chai'
import { guildId, opId } from '../../kernel/ids.ts'
import type { Slot } from '../../kernel/ids.ts'
import { slot } from '../../actors/ownership/slots.ts'
import type { InboxEntry, StoredInboxEntry } from '../../actors/runtime/ports.ts'
import { compareStreamIds, firstStreamId } from '../../actors/transport/stream-id.ts'
import type { RedisMaker, RedisStores } from './redis-stores.ts'

const depthMax = 20

export function describeInbox(name: string, maker: RedisMaker): void {
  describe(`inbox: ${name}`, () => {
    let stores: RedisStores
    beforeEach(async function () {
      this.timeout(maker.timeoutMs)
      stores = await maker.create({ inboxDepthMax: depthMax })
    })
    afterEach(() => stores.end())

    const entry = (op: string, changes: Partial<InboxEntry> = {}): InboxEntry => ({
      guildId: guildId('123456789012345678'),
      opId: opId(op),
      command: '{"feature":"voice-attendance","kind":"read-leaderboard"}',
      receivedAt: 1_000,
      deadlineAt: 3_500,
      replyTo: 'host:1:api',
      ...changes,
    })
    const read = (
      positions: readonly (readonly [Slot, string])[],
      options: { countMax?: number; blockMs?: number; signal?: AbortSignal } = {},
    ): Promise<readonly StoredInboxEntry[]> =>
      stores.inbox.read({ positions: new Map(positions), countMax: 100, blockMs: 3_000, ...options })
    const opsOf = (entries: readonly StoredInboxEntry[]): string[] => entries.map(({ opId: op }) => op)

    it('returns entries as they were added, in order', async () => {
      const exotic = entry('two', { receivedAt: null, deadlineAt: null, replyTo: null, command: '{"text":"é \u{1F600} \\u0000\\n"}' })
      expect(await stores.inbox.add(slot(3), entry('one'))).to.equal('added')
      expect(await stores.inbox.add(slot(3), exotic)).to.equal('added')
      const entries = await read([[slot(3), firstStreamId]])
      expect(entries.map(({ position: _position, ...rest }) => rest)).to.deep.equal([
        { ...entry('one'), slot: 3 },
        { ...exotic, slot: 3 },
      ])
      expect(compareStreamIds(entries[0]!.position, entries[1]!.position)).to.be.lessThan(0)
    })

    it('reads after a position, as often as it is asked', async () => {
      for (const op of ['one', 'two', 'three']) await stores.inbox.add(slot(3), entry(op))
      const [first] = await read([[slot(3), firstStreamId]], { countMax: 1 })
      expect(first?.opId).to.equal('one')
      for (let times = 0; times < 2; times += 1) {
        expect(opsOf(await read([[slot(3), first!.position]]))).to.deep.equal(['two', 'three'])
      }
    })

    it('reads all its slots at once and no others', async () => {
      await stores.inbox.add(slot(1), entry('one'))
      await stores.inbox.add(slot(2), entry('two'))
      await stores.inbox.add(slot(4), entry('four'))
      const entries = await read([[slot(1), firstStreamId], [slot(4), firstStreamId]])
      expect(new Set(entries.map(({ slot: of, opId: op }) => `${of} ${op}`))).to.deep.equal(new Set(['1 one', '4 four']))
    })

    it('hands out no more than it is asked for, and starves no slot', async () => {
      const ids = [1, 2, 3]
      for (const id of ids) for (let n = 0; n < 5; n += 1) await stores.inbox.add(slot(id), entry(`${id}-${n}`))
      const positions = new Map(ids.map((id) => [slot(id), firstStreamId]))
      const met = new Map<Slot, string[]>()
      for (let reads = 0; reads < 9; reads += 1) {
        const [entries] = await Promise.all([stores.inbox.read({ positions, countMax: 2, blockMs: 5 }), stores.pass(6)])
        expect(entries.length).to.be.at.most(2)
        for (const { slot: of, position, opId: op } of entries) {
          positions.set(of, position)
          met.set(of, [...(met.get(of) ?? []), op])
        }
      }
      for (const id of ids) expect(met.get(slot(id))).to.deep.equal([0, 1, 2, 3, 4].map((n) => `${id}-${n}`))
    })

    it('wakes a waiting read as soon as something is added', async () => {
      const reading = read([[slot(1), firstStreamId], [slot(2), firstStreamId]], { blockMs: 3_000 })
      await stores.pass(10)
      await stores.inbox.add(slot(2), entry('late'))
      expect(opsOf(await reading)).to.deep.equal(['late'])
    })

    it('answers nothing when the wait is over', async () => {
      const reading = read([[slot(1), firstStreamId]], { blockMs: 20 })
      const [entries] = await Promise.all([reading, stores.pass(60)])
      expect(entries).to.deep.equal([])
    })

    it('ends the wait when its signal aborts, and reads on afterwards', async () => {
      const abort = new AbortController()
      const reading = read([[slot(1), firstStreamId]], { blockMs: 3_000, signal: abort.signal })
      await stores.pass(10)
      abort.abort(new Error('a slot was gained'))
      const [entries] = await Promise.all([reading, stores.pass(20)])
      expect(entries).to.deep.equal([])
      await stores.inbox.add(slot(1), entry('next'))
      expect(opsOf(await read([[slot(1), firstStreamId]]))).to.deep.equal(['next'])
    })

    it('does not wait when its signal aborted before', async () => {
      const [entries] = await Promise.all([
        read([[slot(1), firstStreamId]], { blockMs: 3_000, signal: AbortSignal.abort(new Error('too late')) }),
        stores.pass(20),
      ])
      expect(entries).to.deep.equal([])
    })

    it('waits also for a process that owns no slot', async () => {
      const [entries] = await Promise.all([read([], { blockMs: 20 }), stores.pass(60)])
      expect(entries).to.deep.equal([])
    })

    it('refuses at the bound, before anything is added, and takes more once entries are trimmed', async () => {
      for (let n = 0; n < depthMax; n += 1) expect(await stores.inbox.add(slot(1), entry(`op-${n}`))).to.equal('added')
      expect(await stores.inbox.add(slot(1), entry('too-many'))).to.equal('full')
      expect(await stores.inbox.add(slot(2), entry('elsewhere'))).to.equal('added')
      const entries = await read([[slot(1), firstStreamId]])
      expect(entries).to.have.length(depthMax)
      await stores.inbox.trim(new Map([[slot(1), entries[1]!.position]]))
      expect(await stores.inbox.add(slot(1), entry('fits'))).to.equal('added')
    })

    it('drops what is at or below the trimmed position and nothing above', async () => {
      for (const op of ['one', 'two', 'three']) await stores.inbox.add(slot(1), entry(op))
      const entries = await read([[slot(1), firstStreamId]])
      await stores.inbox.trim(new Map([[slot(1), entries[1]!.position], [slot(9), '5-5']]))
      expect(opsOf(await read([[slot(1), firstStreamId]]))).to.deep.equal(['three'])
    })

    it('tells the last position ever given, also of an inbox that was read and trimmed empty', async () => {
      await stores.inbox.add(slot(1), entry('one'))
      const [only] = await read([[slot(1), firstStreamId]])
      await stores.inbox.trim(new Map([[slot(1), only!.position]]))
      const positions = await stores.inbox.lastPositions([slot(1), slot(2)])
      expect([...positions]).to.deep.equal([[1, only!.position], [2, firstStreamId]])
    })

    it('shows a flushed inbox by a last position below the cursor', async () => {
      await stores.inbox.add(slot(1), entry('one'))
      const [only] = await read([[slot(1), firstStreamId]])
      await stores.flush()
      const last = (await stores.inbox.lastPositions([slot(1)])).get(slot(1))
      expect(compareStreamIds(last ?? '', only!.position)).to.be.lessThan(0)
      await stores.inbox.add(slot(1), entry('after'))
      expect(opsOf(await read([[slot(1), firstStreamId]]))).to.deep.equal(['after'])
    })

    it('stops at a second read while one waits', async () => {
      const abort = new AbortController()
      const first = read([[slot(1), firstStreamId]], { signal: abort.signal })
      const failure: unknown = await read([[slot(1), firstStreamId]]).catch((error: unknown) => error)
      expect(failure).to.have.property('code', 'assertion-failed')
      abort.abort(new Error('over'))
      await Promise.all([first, stores.pass(20)])
    })
  })
}
