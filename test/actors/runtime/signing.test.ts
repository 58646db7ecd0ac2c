/**
 * Signing that can be locked, from the turn to the rows: what waits, what is dropped, what is sealed late, and who may.
 * Postgres and Redis are in memory and outlive the process; commits and reads are in the test's hands.
 */
import { expect } from 'chai'
import { computeVerdict } from '../../../actors/records/verdict.ts'
import { emptyGuildState, evolveGuild } from '../../../actors/runtime/guild-state.ts'
import { parseJournalText } from '../../../actors/runtime/journal-entry.ts'
import type { WaitingRecordRow } from '../../../actors/runtime/ports.ts'
import { limits } from '../../../kernel/limits.ts'
import type { ManualClock } from '../../support/manual-clock.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { MemoryDatabase } from '../../support/memory/memory-database.ts'
import { MemoryRedis } from '../../support/memory/memory-redis.ts'
import { createTestCluster, testGuild } from '../../support/records.ts'
import { settle } from '../../support/settle.ts'
import type { SigningRuntime } from '../../support/signing-runtime.ts'
import { admin, createSigningRuntime } from '../../support/signing-runtime.ts'
import { tallyRegistry } from '../../support/tally.ts'

const { trusted } = createTestCluster()
const lockSigning = { feature: 'signing', kind: 'lock-signing', byUserId: admin } as const
const readSigning = { feature: 'signing', kind: 'read-signing' } as const
const setPolicy = (policy: 'queue' | 'drop') => ({ feature: 'signing', kind: 'set-signing-policy', policy, byUserId: admin }) as const
/** A flushed Redis is noticed within this. */
const noticedMs = 6_000

describe('signing that can be locked', () => {
  let world: { clock: ManualClock; database: MemoryDatabase; redis: MemoryRedis }
  let house: SigningRuntime

  beforeEach(() => {
    const clock = createManualClock()
    world = { clock, database: new MemoryDatabase(clock), redis: new MemoryRedis(clock) }
    house = createSigningRuntime(world)
  })
  afterEach(() => house.end())

  /** Another process takes over; the one before is gone at once. */
  async function takeOver(): Promise<void> {
    await house.end()
    house = createSigningRuntime(world)
    await house.ask(readSigning)
    await settle(12)
  }
  const receipts = () => [...world.database.receipts.values()].sort((a, b) => a.sequence - b.sequence)
  const receiptIds = (): string[] => receipts().map(({ recordId }) => recordId)
  const waitingRows = (): [string, WaitingRecordRow][] => [...world.database.waiting]
  const status = async () => {
    const reply = await house.ask(readSigning)
    if (reply?.kind !== 'signing') throw new Error(JSON.stringify(reply))
    return reply
  }
  function expectSoundChain(): void {
    const all = receipts()
    const keys = [...world.database.guildKeys.values()]
    const head = world.database.chainHeads.get(testGuild) ?? null
    for (const [index, receipt] of all.entries()) {
      const evidence = { isUnique: true, previous: all[index - 1] ?? null, next: all[index + 1] ?? null, newest: all.at(-1)!, head, keys, amendments: [] }
      expect(computeVerdict(trusted, { ...evidence, receipt }), `sequence ${receipt.sequence}`).to.deep.equal({ valid: true, current: true })
    }
  }

  it('locked, records wait in order; unlocked, they are sealed in order, once, and later ones go on after them (I4)', async () => {
    expect(await house.makePassphraseKey()).to.include({ kind: 'key-made', mode: 'passphrase', predecessor: null })
    const before = await house.finish(3)
    expect(await house.ask(lockSigning)).to.deep.equal({ kind: 'signing-locked', wasLocked: false })
    const waited = await house.finish(450)
    expect(receiptIds()).to.deep.equal(before)
    expect(waitingRows().map(([, row]) => row.recordId)).to.deep.equal(waited)
    expect(await status()).to.deep.include({ isLocked: true, waiting: 450 })
    expect(await house.unlock()).to.deep.equal({ kind: 'signing-unlocked', waiting: 450 })
    const after = await house.finish(5)
    await settle(20)
    expect(receiptIds()).to.deep.equal([...before, ...waited, ...after])
    expect(waitingRows()).to.deep.equal([])
    // What is finished while the oldest run is being read opens a run of its own.
    expect(house.events('waiting-sealed').map(({ sealed }) => sealed).slice(0, 3)).to.deep.equal([200, 200, 50])
    expect(house.runtime.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([])
    expectSoundChain()
  })

  it('what is finished while older records are being sealed queues behind them', async () => {
    await house.makePassphraseKey()
    await house.ask(lockSigning)
    const waited = await house.finish(10)
    house.steps.hold('loadWaiting after')
    await house.unlock()
    const later = await house.finish(7)
    expect(receiptIds()).to.deep.equal([])
    await house.steps.release('loadWaiting after')
    await settle(20)
    expect(receiptIds()).to.deep.equal([...waited, ...later])
    expectSoundChain()
  })

  it('a process that ends in the middle leaves whole runs; its successor is unlocked and seals the rest (I4)', async () => {
    await house.makePassphraseKey()
    await house.ask(lockSigning)
    const waited = await house.finish(500)
    house.steps.hold('loadWaiting after')
    await house.unlock()
    house.runtime.steps.hold('commit after')
    await house.steps.release('loadWaiting after')
    // The first run is in Postgres and its answer is not here when the process ends.
    expect(receiptIds()).to.deep.equal(waited.slice(0, 200))
    await takeOver()
    expect(await status()).to.deep.include({ isLocked: false, waiting: 0 })
    expect(receiptIds()).to.deep.equal(waited)
    expectSoundChain()
  })

  it('a commit whose answer was lost seals nothing twice (I4)', async () => {
    await house.makePassphraseKey()
    await house.ask(lockSigning)
    const waited = await house.finish(300)
    house.steps.hold('loadWaiting after')
    await house.unlock()
    house.runtime.steps.fail('commit after')
    await house.steps.release('loadWaiting after')
    for (let round = 0; round < 20; round += 1) {
      world.clock.advance(300)
      await settle()
    }
    expect(receiptIds()).to.deep.equal(waited)
    expectSoundChain()
  })

  it('a row that was changed, put elsewhere or removed is refused by name, with an alert; the others are sealed', async () => {
    await house.makePassphraseKey()
    await house.ask(lockSigning)
    const waited = await house.finish(8)
    const [one, two, three, four] = waitingRows()
    const { database } = world
    database.waiting.set(one![0], { ...one![1], payload: one![1].payload.replace('"duration_seconds":2700', '"duration_seconds":9999') })
    database.waiting.set(two![0], { ...two![1], recordId: three![1].recordId, payload: three![1].payload })
    database.waiting.delete(four![0])
    await house.unlock()
    await settle(12)
    expect(receiptIds()).to.deep.equal([waited[2], ...waited.slice(4)])
    expect(house.events('record-refused').map(({ reason }) => reason)).to.deep.equal([
      'its row was changed', 'its row was changed', 'its row is missing',
    ])
    expect(house.runtime.log.count('waiting record refused: its row is not what was journaled')).to.equal(3)
    // What was changed stays for whoever looks.
    expect(waitingRows()).to.have.length(2)
    expect((await status()).waiting).to.equal(0)
    expectSoundChain()
  })

  for (const [what, change] of [
    ['to fit a changed row', (payload: string) => payload.replace(/"hash":"[0-9a-f]{64}"/, `"hash":"${'0'.repeat(64)}"`)],
    ['beyond recognition', () => '{"kind":"record-waiting"'],
    ['so that a record no longer waits', (payload: string) => payload.replace('record-waiting', 'record-weighing')],
  ] as const) {
    it(`a journal that was changed ${what} is not believed: the state vouches for the hashes`, async () => {
      await house.makePassphraseKey()
      await house.ask(lockSigning)
      await house.finish(4)
      const rows = world.database.journal.get(testGuild)!
      const [seq, row] = [...rows].find(([, { payload }]) => payload.includes('record-waiting'))!
      rows.set(seq, { ...row, payload: change(row.payload) })
      await house.unlock()
      await settle(12)
      expect(receiptIds()).to.deep.equal([])
      expect(house.runtime.log.count('waiting records not sealed: journal rows are not those the state vouches for')).to.equal(1)
      expect((await status()).waiting).to.equal(4)
    })
  }

  it('a run is read only when all of it is durable: unlocked while its rows are on their way, nothing is taken for tampering', async () => {
    await house.makePassphraseKey()
    await house.ask(lockSigning)
    house.runtime.steps.hold('commit before')
    const waited = await house.finish(1)
    waited.push(...(await house.finish(3)))
    await house.unlock()
    await house.runtime.steps.release('commit before')
    await settle(20)
    expect(house.runtime.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([])
    expect(receiptIds()).to.deep.equal(waited)
  })

  it('rows that cannot be read now are read again, with a pause that grows', async () => {
    await house.makePassphraseKey()
    await house.ask(lockSigning)
    const waited = await house.finish(3)
    house.steps.fail('loadWaiting before', 3)
    await house.unlock()
    for (const delayMs of [100, 200, 400]) {
      expect(receiptIds()).to.deep.equal([])
      world.clock.advance(delayMs)
      await settle()
    }
    await settle(12)
    expect(receiptIds()).to.deep.equal(waited)
  })

  it('policy drop: counted by period, never signed; the queue that was there is still sealed', async () => {
    await house.makePassphraseKey()
    await house.ask(lockSigning)
    const waited = await house.finish(2)
    expect(await house.ask(setPolicy('drop'))).to.deep.equal({ kind: 'signing-policy-set', policy: 'drop', previous: 'queue' })
    const behind = await house.finish(3)
    expect(await status()).to.deep.include({ waiting: 5, unsigned: { sessions: 0, seconds: 0 } })
    await house.unlock()
    await settle(12)
    expect(receiptIds()).to.deep.equal([...waited, ...behind])
    await house.ask(lockSigning)
    const dropped = await house.finish(4)
    expect(await status()).to.deep.include({ waiting: 0, unsigned: { sessions: 4, seconds: 4 * 2700 } })
    await house.unlock()
    await settle(12)
    expect(receiptIds().filter((id) => dropped.includes(id))).to.deep.equal([])
    expect(house.events('record-dropped')).to.have.length(4)
    expectSoundChain()
  })

  it('a new owner is unlocked without anybody typing; until Redis has answered records wait, whatever the policy says', async () => {
    await house.makePassphraseKey()
    await house.ask(setPolicy('drop'))
    const before = await house.finish(2)
    await house.end()
    house = createSigningRuntime(world)
    house.steps.hold('findUnlockedKey after')
    const between = await house.finish(3)
    expect(receiptIds()).to.deep.equal(before)
    await house.steps.release('findUnlockedKey after')
    await settle(12)
    expect(receiptIds()).to.deep.equal([...before, ...between])
    expect(await status()).to.deep.include({ isLocked: false, waiting: 0, unsigned: { sessions: 0, seconds: 0 } })
  })

  it('while Redis does not answer nothing is concluded; when it does the key is there', async () => {
    await house.makePassphraseKey()
    await house.end()
    house = createSigningRuntime(world)
    house.steps.fail('findUnlockedKey before', 2)
    const ids = await house.finish(2)
    world.clock.advance(noticedMs)
    await settle(12)
    expect(receiptIds()).to.deep.equal([])
    world.clock.advance(noticedMs)
    await settle(20)
    expect(receiptIds()).to.deep.equal(ids)
    expect(house.events('signing-locked')).to.deep.equal([])
  })

  it('a Redis that forgot locks signing: the owner that has the key forgets it too, and says so once', async () => {
    await house.makePassphraseKey()
    world.redis.flushAll()
    world.clock.advance(noticedMs)
    await settle(12)
    expect(house.events('signing-locked').map(({ byUserId }) => byUserId)).to.deep.equal([null])
    expect((await status()).isLocked).to.equal(true)
    await house.finish(2)
    expect(receiptIds()).to.deep.equal([])
    await takeOver()
    expect(house.events('signing-locked')).to.have.length(1)
    await house.unlock()
    await settle(12)
    expect(receiptIds()).to.have.length(2)
  })

  it('a restart of everything that lasts longer than the copy locks signing; a shorter one does not', async () => {
    await house.makePassphraseKey()
    await house.end()
    world.clock.advance(limits.unlockedKeyTtlMs - 1_000)
    house = createSigningRuntime(world)
    await house.ask(readSigning)
    await settle()
    expect((await status()).isLocked).to.equal(false)
    await house.end()
    world.clock.advance(limits.unlockedKeyTtlMs + 1_000)
    house = createSigningRuntime(world)
    await house.ask(readSigning)
    await settle()
    expect((await status()).isLocked).to.equal(true)
  })

  it('the owner prolongs the copy for as long as it lives', async () => {
    await house.makePassphraseKey()
    for (let passed = 0; passed < 3 * limits.unlockedKeyTtlMs; passed += noticedMs) {
      world.clock.advance(noticedMs)
      await settle(2)
    }
    await takeOver()
    expect((await status()).isLocked).to.equal(false)
  })

  it('a copy of an earlier unlocking opens nothing after signing was locked', async () => {
    await house.makePassphraseKey()
    const stored = world.redis.unlockedKeys.get(testGuild)!
    await house.ask(lockSigning)
    expect(world.redis.unlockedKeys.size).to.equal(0)
    world.redis.unlockedKeys.set(testGuild, stored)
    await takeOver()
    expect((await status()).isLocked).to.equal(true)
    await house.unlock()
    world.redis.unlockedKeys.set(testGuild, stored)
    await takeOver()
    expect((await status()).isLocked).to.equal(true)
    expect(house.runtime.log.count('copy of an unlocked key does not open')).to.equal(1)
  })

  it('a key is replaced while it is unlocked, by a key of either mode, and only the one that was seen', async () => {
    await house.finish(2)
    const first = (await status()).key!
    expect(first.mode).to.equal('cluster')
    const made = await house.makePassphraseKey(first.keyId)
    expect(made).to.include({ kind: 'key-made', mode: 'passphrase', predecessor: first.keyId })
    expect(await house.makePassphraseKey(first.keyId)).to.deep.equal({ kind: 'key-not-made', reason: 'another-key' })
    await house.finish(2)
    await house.ask(lockSigning)
    const second = (await status()).key!
    const clusterKey = { feature: 'signing', kind: 'make-key', offered: null, replaces: second.keyId, byUserId: admin } as const
    expect(await house.ask(clusterKey)).to.deep.equal({ kind: 'key-not-made', reason: 'locked' })
    await house.unlock()
    expect(await house.ask(clusterKey)).to.include({ kind: 'key-made', mode: 'cluster', predecessor: second.keyId })
    await house.finish(1)
    expect(await house.ask(lockSigning)).to.deep.equal({ kind: 'signing-not-locked', reason: 'no-passphrase' })
    await takeOver()
    await house.finish(1)
    const keys = [...world.database.guildKeys.values()].sort((a, b) => a.firstSequence - b.firstSequence)
    expect(keys.map(({ mode, firstSequence, lastSequence }) => [mode, firstSequence, lastSequence])).to.deep.equal([
      ['cluster', 1, 2], ['passphrase', 3, 4], ['cluster', 5, null],
    ])
    expect(receipts()).to.have.length(6)
    expectSoundChain()
  })

  it('a newest key that somebody removed is noticed at load: the guild does not sign with an older one', async () => {
    await house.finish(1)
    const first = (await status()).key!
    await house.ask({ feature: 'signing', kind: 'make-key', offered: null, replaces: first.keyId, byUserId: admin })
    const [newest] = [...world.database.guildKeys.keys()].slice(-1)
    world.database.guildKeys.delete(newest!)
    await house.end()
    house = createSigningRuntime(world)
    expect(await house.ask(readSigning)).to.equal(undefined)
    expect(house.runtime.log.saw('guild cannot be loaded')).to.equal(true)
  })

  it('memory is what the journal replays to (I11)', async () => {
    await house.makePassphraseKey()
    await house.ask(lockSigning)
    await house.finish(205)
    await house.ask(setPolicy('drop'))
    await house.unlock()
    await settle(20)
    await house.ask(lockSigning)
    await house.finish(2)
    const replayed = emptyGuildState()
    for (const row of world.database.journal.get(testGuild)!.values()) evolveGuild(replayed, parseJournalText(row.payload), tallyRegistry)
    expect(house.runtime.catalog.find(testGuild)?.state).to.deep.equal(replayed)
  })
})
