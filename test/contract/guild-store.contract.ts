/**
 * What every GuildStore promises its owner: a guild comes back as it was written, whole, and a stale owner's snapshot
 * not at all (I1, I11).
 */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { fence, generation, incarnation, opId, sequence } from '../../kernel/ids.ts'
import type { Fence, GuildId, Slot } from '../../kernel/ids.ts'
import { slot } from '../../actors/ownership/slots.ts'
import { batchOf, guildIn, guildKey, opResult, snapshotAt } from '../support/commit-batches.ts'
import type { DatabaseMaker, DatabaseStores } from './database-stores.ts'

const me = incarnation('host:1:guild-store')

export function describeGuildStore(name: string, maker: DatabaseMaker): void {
  describe(`guild store: ${name}`, () => {
    let stores: DatabaseStores
    let slotsTaken = 0
    before(async function () {
      this.timeout(maker.timeoutMs)
      stores = await maker.create()
    })
    after(() => stores.end())

    async function ownSlot(): Promise<{ slot: Slot; fence: Fence; guild: GuildId }> {
      const own = slot(slotsTaken++)
      await stores.ownership.takeSlots({ seen: [{ slot: own, fence: fence(0) }], owner: me, generation: generation(1) })
      return { slot: own, fence: fence(1), guild: guildIn(own) }
    }

    it('answers a guild that never wrote with sequence 0 and a head of zeros', async () => {
      const guild = guildIn(slotsTaken++)
      const [loaded] = await stores.guilds.loadGuilds([{ guildId: guild }])
      expect(loaded).to.deep.include({ guildId: guild, seq: 0, snapshot: null, journal: [], keys: [] })
      expect([...(loaded?.head ?? [])]).to.deep.equal(Array.from({ length: 32 }, () => 0))
    })

    it('loads many guilds in the order of the requests', async () => {
      const { slot: own, fence: mine } = await ownSlot()
      const guilds = Array.from({ length: 40 }, (_, n) => guildIn(own, n))
      await stores.lane.commit(batchOf(guilds.map((guildId, n) => ({ guildId, fence: mine, from: 0, to: (n % 5) + 1 }))))
      const requests = [...guilds].reverse().map((guildId) => ({ guildId }))
      const loaded = await stores.guilds.loadGuilds(requests)
      expect(loaded.map(({ guildId }) => guildId)).to.deep.equal(requests.map(({ guildId }) => guildId))
      for (const [index, guild] of loaded.entries()) {
        const seq = ((39 - index) % 5) + 1
        expect(guild.seq).to.equal(seq)
        expect(guild.journal.map(({ seq: at }) => at)).to.deep.equal(Array.from({ length: seq }, (_, at) => at + 1))
      }
    })

    it('loads the newest snapshot, and the journal after it only', async () => {
      const { slot: own, fence: mine, guild } = await ownSlot()
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0, to: 10 }]))
      for (const seq of [3, 7]) {
        expect(await stores.guilds.appendSnapshot({ slot: own, snapshot: snapshotAt(guild, seq, mine) })).to.equal(true)
      }
      const [loaded] = await stores.guilds.loadGuilds([{ guildId: guild }])
      expect(loaded?.snapshot).to.deep.include({ guildId: guild, seq: 7, fence: 1, state: '{"at":7}' })
      expect([...(loaded?.snapshot?.signed ?? [])]).to.deep.equal([...snapshotAt(guild, 7, mine).signed])
      expect(loaded?.journal.map(({ seq }) => seq)).to.deep.equal([8, 9, 10])
    })

    it('passes over snapshots that were not believed, down to the bare journal', async () => {
      const { slot: own, fence: mine, guild } = await ownSlot()
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0, to: 5 }]))
      for (const seq of [2, 4]) await stores.guilds.appendSnapshot({ slot: own, snapshot: snapshotAt(guild, seq, mine) })
      const [second] = await stores.guilds.loadGuilds([{ guildId: guild, belowSeq: sequence(4) }])
      expect(second?.snapshot?.seq).to.equal(2)
      expect(second?.journal.map(({ seq }) => seq)).to.deep.equal([3, 4, 5])
      const [bare] = await stores.guilds.loadGuilds([{ guildId: guild, belowSeq: sequence(2) }])
      expect(bare?.snapshot).to.equal(null)
      expect(bare?.journal.map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 4, 5])
    })

    it('writes no snapshot of a stale owner (I11)', async () => {
      const { slot: own, fence: mine, guild } = await ownSlot()
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0, to: 2 }]))
      await stores.ownership.fenceSelf({ held: [{ slot: own, fence: mine }], owner: me })
      expect(await stores.guilds.appendSnapshot({ slot: own, snapshot: snapshotAt(guild, 2, mine) })).to.equal(false)
      expect((await stores.guilds.loadGuilds([{ guildId: guild }]))[0]?.snapshot).to.equal(null)
    })

    it('writes many in one breath, each under its own fence, and one that cannot be stored condemns no other', async () => {
      const [held, lost] = [await ownSlot(), await ownSlot()]
      const guilds = Array.from({ length: 100 }, (_, n) => guildIn(held.slot, n))
      await stores.lane.commit(batchOf(guilds.map((guildId) => ({ guildId, fence: held.fence, from: 0, to: 2 }))))
      await stores.ownership.fenceSelf({ held: [{ slot: lost.slot, fence: lost.fence }], owner: me })
      const bad = { ...snapshotAt(held.guild, 1, held.fence), state: 'no \u0000 in text' }
      const asked = [
        ...guilds.flatMap((guild) => [1, 2].map((seq) => ({ slot: held.slot, snapshot: snapshotAt(guild, seq, held.fence) }))),
        { slot: lost.slot, snapshot: snapshotAt(lost.guild, 1, lost.fence) },
        { slot: held.slot, snapshot: bad },
      ].map((options) => stores.guilds.appendSnapshot(options).catch((error: { code?: string }) => error.code))
      const answers = await Promise.all(asked)
      expect(answers.slice(0, 200).every((isWritten) => isWritten === true)).to.equal(true)
      expect(answers[200]).to.equal(false)
      expect([true, 'postgres-refused'], 'memory takes it').to.include(answers[201])
      const loaded = await stores.guilds.loadGuilds(guilds.map((guildId) => ({ guildId })))
      expect(loaded.every(({ snapshot }) => snapshot?.seq === 2)).to.equal(true)
    })

    it('replaces a snapshot that is written again at the same sequence', async () => {
      const { slot: own, fence: mine, guild } = await ownSlot()
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0, to: 2 }]))
      const snapshot = snapshotAt(guild, 2, mine)
      await stores.guilds.appendSnapshot({ slot: own, snapshot })
      const mended = { ...snapshot, state: '{"mended":true}' }
      expect(await stores.guilds.appendSnapshot({ slot: own, snapshot: mended })).to.equal(true)
      expect((await stores.guilds.loadGuilds([{ guildId: guild }]))[0]?.snapshot?.state).to.equal('{"mended":true}')
    })

    it('finds the results of ops that were decided, and none of others (I4)', async () => {
      const { fence: mine, guild } = await ownSlot()
      const known = opResult(guild, 'known', 1)
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0 }], { opResults: [known] }))
      const other = guildIn(slotsTaken++)
      const ops = [known, { guildId: guild, opId: opId('unknown') }, { guildId: other, opId: known.opId }]
      expect(await stores.guilds.findOpResults(ops)).to.deep.equal([known])
    })

    it('hands out alarms that are due, earliest first, up to the limit', async () => {
      const one = await ownSlot()
      const two = await ownSlot()
      const alarm = (of: typeof one, purpose: string, dueAt: number) =>
        ({ guildId: of.guild, slot: of.slot, purpose, dueAt, setSeq: sequence(1) }) as const
      const rows = [alarm(one, 'a', 30), alarm(two, 'b', 10), alarm(one, 'c', 20), alarm(two, 'd', 40)]
      await stores.lane.commit(
        batchOf([{ guildId: one.guild, fence: one.fence, from: 0 }, { guildId: two.guild, fence: two.fence, from: 0 }], { alarms: rows }),
      )
      const due = await stores.guilds.loadAlarms({ slots: [one.slot, two.slot], dueBefore: 30, limit: 2 })
      expect(due.map(({ purpose }) => purpose)).to.deep.equal(['b', 'c'])
      const ofOne = await stores.guilds.loadAlarms({ slots: [one.slot], dueBefore: 30, limit: 9 })
      expect(ofOne.map(({ purpose }) => purpose)).to.deep.equal(['c', 'a'])
    })

    it('hands out pending outbox rows in order, with the time they were written', async () => {
      const { fence: mine, guild, slot: own } = await ownSlot()
      const effect = (seq: number, ordinal: number) =>
        ({ guildId: guild, slot: own, seq: sequence(seq), ordinal, target: 'channel:1', kind: 'post-message', payload: '{"n":1}' }) as const
      const before = await stores.guilds.databaseTime()
      await stores.lane.commit(
        batchOf([{ guildId: guild, fence: mine, from: 0, to: 2 }], { outbox: [effect(2, 0), effect(1, 1), effect(1, 0)] }),
      )
      const after = await stores.guilds.databaseTime()
      const pending = await stores.guilds.loadPendingOutbox({ slots: [own], limit: 2 })
      expect(pending.map(({ seq, ordinal }) => [seq, ordinal])).to.deep.equal([[1, 0], [1, 1]])
      expect(pending[0]).to.deep.include({ ...effect(1, 0), attempts: 0, nextAttemptAt: 0 })
      expect(pending[0]?.createdAt).to.be.within(Math.floor(before) - 1, Math.ceil(after))
    })

    it('remembers until when a shard was watched and never goes back', async () => {
      const shard = (shardCount: number, shardId: number, watchedUntil: number) => ({ shardCount, shardId, watchedUntil })
      await stores.watch.writeWatched([])
      await stores.watch.writeWatched([shard(4, 0, 1_000), shard(4, 3, 2_000)])
      await stores.watch.writeWatched([shard(4, 0, 900), shard(4, 3, 2_500)])
      await stores.watch.writeWatched([shard(2, 0, 7)])
      expect(await stores.watch.readWatched()).to.deep.equal([shard(2, 0, 7), shard(4, 0, 1_000), shard(4, 3, 2_500)])
    })

    it('keeps waiting records beside their journal rows, and shows which row is gone', async () => {
      const { guild, fence: mine } = await ownSlot()
      const kinds = ['record-waiting', 'added', 'record-waiting', 'record-waiting']
      const rows = batchOf([{ guildId: guild, fence: mine, from: 0, to: 4 }])
      const journal = rows.journal.map((row, index) => ({ ...row, payload: `{"seq":${row.seq},"event":{"kind":"${kinds[index]}"}}` }))
      const waiting = [1, 3, 4].map((seq) => ({ guildId: guild, seq, recordId: randomUUID(), type: 'voice-session', payload: `{"n":${seq}}` }))
      await stores.lane.commit({ ...rows, journal, waiting })
      const load = (fromSeq: number, toSeq: number) => stores.guilds.loadWaiting({ guildId: guild, fromSeq, toSeq })
      const rowOf = ({ recordId, type, payload }: (typeof waiting)[number]) => ({ recordId, type, payload })
      expect(await load(1, 4)).to.deep.equal(
        waiting.map((row) => ({ seq: row.seq, journaled: journal[row.seq - 1]?.payload, row: rowOf(row) })),
      )
      expect((await load(2, 3)).map(({ seq }) => seq)).to.deep.equal([3])
      const done = batchOf([{ guildId: guild, fence: mine, from: 4 }], { sealedWaiting: [{ guildId: guild, seq: 3 }] })
      await stores.lane.commit(done)
      expect((await load(1, 5)).map(({ seq, row }) => [seq, row === null])).to.deep.equal([[1, false], [3, true], [4, false]])
    })

    it('two records that wait may carry the same id; one sequence carries one', async () => {
      const { guild, fence: mine } = await ownSlot()
      const recordId = randomUUID()
      const row = (seq: number) => ({ guildId: guild, seq, recordId, type: 'amendment', payload: '{}' })
      const move = { guildId: guild, fence: mine, from: 0, to: 2 }
      expect((await stores.lane.commit(batchOf([move], { waiting: [row(1), row(2)] }))).kind).to.equal('committed')
      const again = await stores.lane.commit(batchOf([{ ...move, from: 2, to: 3 }], { waiting: [row(2)] }))
      expect(again).to.deep.include({ kind: 'poison', sqlState: '23505' })
    })

    it('closes a key of the guild and of no other', async () => {
      const { guild, fence: mine } = await ownSlot()
      const other = await ownSlot()
      const key = guildKey(guild)
      const successor = guildKey(guild, { firstSequence: 8 })
      const closing = { guildId: guild, keyId: key.keyId, lastSequence: 7 }
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 0 }], { guildKeys: [key] }))
      const foreign = batchOf([{ guildId: other.guild, fence: other.fence, from: 0 }], { keyClosings: [{ ...closing, guildId: other.guild }] })
      await stores.lane.commit(foreign)
      await stores.lane.commit(batchOf([{ guildId: guild, fence: mine, from: 1 }], { guildKeys: [successor], keyClosings: [closing] }))
      const [loaded] = await stores.guilds.loadGuilds([{ guildId: guild }])
      expect(loaded?.keys.map(({ keyId, lastSequence }) => [keyId, lastSequence])).to.deep.equal([[key.keyId, 7], [successor.keyId, null]])
    })
  })
}
