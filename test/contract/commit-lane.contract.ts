/**
 * What every CommitLane promises: the fenced statement, seen from outside (I1, I2, I4, I7).
 *
 * Each test takes slots of its own, so they share one database; what is durable is read back through the other ports.
 */
import { expect } from 'chai'
import { fence, generation, incarnation, sequence } from '../../kernel/ids.ts'
import type { Fence, GuildId, Slot } from '../../kernel/ids.ts'
import { slot } from '../../actors/ownership/slots.ts'
import type { CommitOutcome, CursorRow } from '../../actors/runtime/ports.ts'
import { batchOf, chainHead, emptyBatch, guildIn, guildKey, opResult, receipt } from '../support/commit-batches.ts'
import type { DatabaseMaker, DatabaseStores } from './database-stores.ts'

const me = incarnation('host:1:commit-lane')

export function describeCommitLane(name: string, maker: DatabaseMaker): void {
  describe(`commit lane: ${name}`, () => {
    let stores: DatabaseStores
    let slotsTaken = 0

    before(async function () {
      this.timeout(maker.timeoutMs)
      stores = await maker.create()
    })
    after(() => stores.end())

    /** A slot nobody used yet, taken: its number and its fence, which is 1. */
    async function ownSlot(): Promise<{ slot: Slot; fence: Fence; guild: GuildId }> {
      const own = slot(slotsTaken++)
      const [taken] = await stores.ownership.takeSlots({ seen: [{ slot: own, fence: fence(0) }], owner: me, generation: generation(1) })
      expect(taken).to.deep.equal({ slot: own, fence: 1 })
      return { slot: own, fence: fence(1), guild: guildIn(own) }
    }

    async function seqOf(guild: GuildId): Promise<number> {
      const [loaded] = await stores.guilds.loadGuilds([{ guildId: guild }])
      expect(loaded?.journal.map(({ seq }) => seq)).to.deep.equal(Array.from({ length: loaded?.seq ?? 0 }, (_, at) => at + 1))
      return loaded?.seq ?? -1
    }

    const cursor = (of: Slot, position: string): CursorRow => ({ slot: of, source: 'inbox', position })

    function assertCommitted(outcome: CommitOutcome): Extract<CommitOutcome, { kind: 'committed' }> {
      if (outcome.kind !== 'committed') throw new Error(`not committed: ${JSON.stringify(outcome)}`)
      return outcome
    }

    it('makes a guild’s first events durable', async () => {
      const { guild, fence: mine, slot: own } = await ownSlot()
      const outcome = await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0, to: 3 }]))
      expect(assertCommitted(outcome).owned).to.deep.equal(new Set([own]))
      expect(assertCommitted(outcome).moved).to.deep.equal(new Set([guild]))
      expect(await seqOf(guild)).to.equal(3)
    })

    it('keeps a head that moved without an event, and goes on from it', async () => {
      const { guild, fence: mine } = await ownSlot()
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0, to: 0 }]))
      const outcome = await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0, to: 2 }]))
      expect(assertCommitted(outcome).moved).to.deep.equal(new Set([guild]))
      expect(await seqOf(guild)).to.equal(2)
    })

    it('returns the payload as the exact text that was given', async () => {
      const { guild, fence: mine } = await ownSlot()
      const payload = '{"b":1,"a":"é — \\u0000 \u{1F600}","a":2}'
      const rows = batchOf([{ guildId: guild, fence: mine, from: 0 }])
      await stores.lane.commit({ ...rows, journal: rows.journal.map((row) => ({ ...row, payload })) })
      const [loaded] = await stores.guilds.loadGuilds([{ guildId: guild }])
      expect(loaded?.journal[0]?.payload).to.equal(payload)
      expect([...(loaded?.journal[0]?.hash ?? [])]).to.deep.equal([...(rows.journal[0]?.hash ?? [])])
      expect([...(loaded?.head ?? [])]).to.deep.equal([...(rows.heads[0]?.head ?? [])])
    })

    it('writes nothing under a wrong fence, and the rest of the batch is durable (I1)', async () => {
      const stale = await ownSlot()
      const good = await ownSlot()
      const ahead = await ownSlot()
      const batch = batchOf([
        { guildId: stale.guild, fence: fence(0), from: 0 },
        { guildId: good.guild, fence: good.fence, from: 0 },
        { guildId: ahead.guild, fence: fence(2), from: 0 },
      ])
      const outcome = await stores.lane.commit({
        ...batch,
        cursors: [cursor(stale.slot, '5-0'), cursor(good.slot, '6-0')],
        opResults: [opResult(stale.guild, 'op-stale', 1), opResult(good.guild, 'op-good', 1)],
      })
      expect(assertCommitted(outcome).owned).to.deep.equal(new Set([good.slot]))
      expect(assertCommitted(outcome).moved).to.deep.equal(new Set([good.guild]))
      expect(await seqOf(stale.guild)).to.equal(0)
      expect(await seqOf(ahead.guild)).to.equal(0)
      expect(await seqOf(good.guild)).to.equal(1)
      const found = await stores.guilds.findOpResults([
        { guildId: stale.guild, opId: opResult(stale.guild, 'op-stale', 1).opId },
        { guildId: good.guild, opId: opResult(good.guild, 'op-good', 1).opId },
      ])
      expect(found).to.deep.equal([opResult(good.guild, 'op-good', 1)])
      expect(await stores.guilds.loadCursors([stale.slot, good.slot])).to.deep.equal([cursor(good.slot, '6-0')])
    })

    it('refuses a head that is not where the move starts, though the slot is owned (I2)', async () => {
      const { guild, fence: mine, slot: own } = await ownSlot()
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0, to: 2 }]))
      for (const from of [0, 1, 3]) {
        const outcome = await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from }]))
        expect(assertCommitted(outcome).owned).to.deep.equal(new Set([own]))
        expect(assertCommitted(outcome).moved.size).to.equal(0)
      }
      expect(await seqOf(guild)).to.equal(2)
    })

    it('refuses the second of two lanes that move the same head (I2)', async () => {
      const { guild, fence: mine } = await ownSlot()
      const batch = batchOf([{ guildId: guild, fence: mine, from: 0 }])
      const outcomes = await Promise.all([stores.lane.commit(batch), stores.otherLane.commit(batch)])
      const winners = outcomes.filter((outcome) => outcome.kind === 'committed' && outcome.moved.has(guild))
      expect(winners).to.have.length(1)
      expect(await seqOf(guild)).to.equal(1)
    })

    it('commits different slots over two lanes at once', async () => {
      const one = await ownSlot()
      const two = await ownSlot()
      const outcomes = await Promise.all([
        stores.lane.commit(batchOf([{ guildId: one.guild, fence: one.fence, from: 0, to: 5 }])),
        stores.otherLane.commit(batchOf([{ guildId: two.guild, fence: two.fence, from: 0, to: 7 }])),
      ])
      expect(outcomes.map((outcome) => assertCommitted(outcome).moved.size)).to.deep.equal([1, 1])
      expect([await seqOf(one.guild), await seqOf(two.guild)]).to.deep.equal([5, 7])
    })

    it('stops at a second commit while one is in flight', async () => {
      const { guild, fence: mine } = await ownSlot()
      const first = stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0 }]))
      let failure: unknown = null
      try {
        await stores.lane.commit(emptyBatch)
      } catch (thrown) {
        failure = thrown
      }
      expect(failure).to.have.property('code', 'assertion-failed')
      assertCommitted(await first)
    })

    it('writes a cursor only with its own slot, with or without events (I7)', async () => {
      const { fence: mine, slot: own } = await ownSlot()
      const stranger = slot(slotsTaken++)
      const outcome = await stores.lane.commit({
        ...emptyBatch,
        slots: [{ slot: own, fence: mine }],
        cursors: [cursor(own, '7-1'), cursor(stranger, '9-9'), cursor(own, '8-0')],
      })
      expect(assertCommitted(outcome).owned).to.deep.equal(new Set([own]))
      expect(await stores.guilds.loadCursors([own, stranger])).to.deep.equal([cursor(own, '8-0')])
    })

    it('calls a row Postgres can never store poison, and nothing of the batch is written', async () => {
      const sick = await ownSlot()
      const well = await ownSlot()
      const rows = batchOf([
        { guildId: sick.guild, fence: sick.fence, from: 0 },
        { guildId: well.guild, fence: well.fence, from: 0 },
      ])
      const journal = rows.journal.map((row) => (row.guildId === sick.guild ? { ...row, payload: 'a\u0000b' } : row))
      const outcome = await stores.lane.commit({ ...rows, journal, cursors: [cursor(well.slot, '1-1')] })
      expect(outcome).to.include({ kind: 'poison', sqlState: '22021' })
      expect([await seqOf(sick.guild), await seqOf(well.guild)]).to.deep.equal([0, 0])
      expect(await stores.guilds.loadCursors([well.slot])).to.deep.equal([])
      const alone = await stores.lane.commit(batchOf([{ guildId: well.guild, fence: well.fence, from: 0 }]))
      expect(assertCommitted(alone).moved).to.deep.equal(new Set([well.guild]))
    })

    it('calls a malformed record id poison', async () => {
      const { guild, fence: mine } = await ownSlot()
      const rows = batchOf([{ guildId: guild, fence: mine, from: 0 }], { receipts: [receipt(guild, 1, { recordId: 'nonsense' })] })
      expect(await stores.lane.commit(rows)).to.include({ kind: 'poison', sqlState: '22P02' })
      expect(await seqOf(guild)).to.equal(0)
    })

    it('calls an op id that has a result already poison (I4)', async () => {
      const { guild, fence: mine } = await ownSlot()
      const first = opResult(guild, 'op-twice', 1)
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0 }], { opResults: [first] }))
      const again = batchOf([{ guildId: guild, fence: mine, from: 1 }], { opResults: [opResult(guild, 'op-twice', 2)] })
      expect(await stores.lane.commit(again)).to.include({ kind: 'poison', sqlState: '23505' })
      expect(await seqOf(guild)).to.equal(1)
      expect(await stores.guilds.findOpResults([first])).to.deep.equal([first])
    })

    it('sets, moves and clears alarms, the newest of a batch winning', async () => {
      const { guild, fence: mine, slot: own } = await ownSlot()
      const alarm = (purpose: string, dueAt: number | null, seq: number) => ({ guildId: guild, slot: own, purpose, dueAt, setSeq: sequence(seq) })
      const alarms = (): ReturnType<DatabaseStores['guilds']['loadAlarms']> =>
        stores.guilds.loadAlarms({ slots: [own], dueBefore: 1_000, limit: 10 })
      await stores.lane.commit(
        batchOf([{ guildId: guild, fence: mine, from: 0 }], {
          alarms: [alarm('rollover', 500, 1), alarm('close', 300, 1), alarm('rollover', 200, 1), alarm('late', 2_000, 1)],
        }),
      )
      expect(await alarms()).to.deep.equal([alarm('rollover', 200, 1), alarm('close', 300, 1)])
      await stores.lane.commit(
        batchOf([{ guildId: guild, fence: mine, from: 1 }], { alarms: [alarm('rollover', null, 2), alarm('close', 100, 2)] }),
      )
      expect(await alarms()).to.deep.equal([alarm('close', 100, 2)])
    })

    it('writes outbox rows as pending and settles them by their key', async () => {
      const { guild, fence: mine, slot: own } = await ownSlot()
      const effect = (ordinal: number) =>
        ({ guildId: guild, slot: own, seq: sequence(1), ordinal, target: `user:${ordinal}`, kind: 'add-role', payload: '{}' }) as const
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0 }], { outbox: [effect(0), effect(1), effect(2)] }))
      const settled = { guildId: guild, seq: sequence(1), attempts: 2, nextAttemptAt: 77 } as const
      await stores.lane.commit(
        batchOf([{ guildId: guild, fence: mine, from: 1 }], {
          settlements: [
            { ...settled, ordinal: 0, state: 'done', lastError: null },
            { ...settled, ordinal: 1, state: 'pending', lastError: 'away' },
            { ...settled, ordinal: 2, state: 'dead', lastError: 'gone' },
          ],
        }),
      )
      expect(await stores.outboxOf(guild)).to.deep.equal(['1.0 done 2', '1.1 pending 2', '1.2 dead 2'])
      const pending = await stores.guilds.loadPendingOutbox({ slots: [own], limit: 10 })
      expect(pending.map(({ ordinal, attempts, nextAttemptAt }) => [ordinal, attempts, nextAttemptAt])).to.deep.equal([[1, 2, 77]])
    })

    it('writes receipts with the chain’s newest head, and keys that close once', async () => {
      const { guild, fence: mine } = await ownSlot()
      const receipts = [receipt(guild, 1), receipt(guild, 2)]
      const key = guildKey(guild)
      await stores.lane.commit(
        batchOf([{ guildId: guild, fence: mine, from: 0 }], {
          receipts,
          chainHeads: [chainHead(guild, 1), chainHead(guild, 2)],
          guildKeys: [key],
        }),
      )
      expect(await stores.receiptsOf(guild)).to.deep.equal(receipts.map(({ sequence: at, recordId }) => `${at} ${recordId}`))
      expect(await stores.chainSequenceOf(guild)).to.equal(2)
      const successor = guildKey(guild, { firstSequence: 3, publicKey: new Uint8Array(32).fill(9) })
      await stores.lane.commit(
        batchOf([{ guildId: guild, fence: mine, from: 1 }], { guildKeys: [{ ...key, lastSequence: 2 }, successor] }),
      )
      const [loaded] = await stores.guilds.loadGuilds([{ guildId: guild }])
      expect(loaded?.keys.map(({ keyId, lastSequence }) => [keyId, lastSequence])).to.deep.equal([
        [key.keyId, 2],
        [successor.keyId, null],
      ])
    })

    it('erases bytes of the receipts that are meant, also of those it writes in the same breath, in both forms', async () => {
      const { guild, fence: mine } = await ownSlot()
      const receipts = [1, 2, 3].map((number) => receipt(guild, number))
      const version1 = (number: number) => ({ guildId: guild, sequence: number, signed: new Uint8Array(3), signature: new Uint8Array(64) })
      const erasure = (number: number, payloadHash = receipts[number - 1]!.payloadHash) => ({ guildId: guild, sequence: number, payloadHash })
      await stores.lane.commit(
        batchOf([{ guildId: guild, fence: mine, from: 0 }], { receipts, receiptsVersion1: [1, 2, 3].map(version1), erasures: [erasure(1)] }),
      )
      expect(await stores.erasedOf(guild)).to.deep.equal({ erased: [1], version1: [2, 3] })
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 1 }], { erasures: [erasure(2), erasure(3, receipts[0]!.payloadHash)] }))
      expect(await stores.erasedOf(guild)).to.deep.equal({ erased: [1, 2], version1: [3] })
      // Another head: nothing of the batch is written.
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 9 }], { erasures: [erasure(3)], receiptsVersion1: [version1(9)] }))
      expect(await stores.erasedOf(guild)).to.deep.equal({ erased: [1, 2], version1: [3] })
    })

    it('writes none of a guild’s rows when its head did not move', async () => {
      const { guild, fence: mine, slot: own } = await ownSlot()
      const rows = batchOf([{ guildId: guild, fence: mine, from: 5 }], {
        opResults: [opResult(guild, 'op-none', 6)],
        alarms: [{ guildId: guild, slot: own, purpose: 'x', dueAt: 1, setSeq: sequence(6) }],
        outbox: [{ guildId: guild, slot: own, seq: sequence(6), ordinal: 0, target: 't', kind: 'add-role', payload: '{}' }],
        receipts: [receipt(guild, 1)],
        chainHeads: [chainHead(guild, 1)],
        guildKeys: [guildKey(guild)],
      })
      expect(assertCommitted(await stores.lane.commit(rows)).moved.size).to.equal(0)
      const [loaded] = await stores.guilds.loadGuilds([{ guildId: guild }])
      expect(loaded).to.deep.include({ seq: 0, journal: [], keys: [] })
      expect(await stores.guilds.findOpResults([opResult(guild, 'op-none', 6)])).to.deep.equal([])
      expect(await stores.guilds.loadAlarms({ slots: [own], dueBefore: 10, limit: 1 })).to.deep.equal([])
      expect(await stores.outboxOf(guild)).to.deep.equal([])
      expect(await stores.receiptsOf(guild)).to.deep.equal([])
      expect(await stores.chainSequenceOf(guild)).to.equal(null)
    })
  })
}
