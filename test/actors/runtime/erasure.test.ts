/**
 * What becomes of records afterwards: amendments of records that still wait, erasure, and the form of signing version 1;
 * with signing possible, locked, and dropping.
 */
import { expect } from 'chai'
import { draftAmendment } from '../../../actors/protocol/amendment.ts'
import type { FinishedRecord } from '../../../actors/protocol/record.ts'
import type { RecordToErase, SigningCommand } from '../../../actors/protocol/signing.ts'
import { encodeHex } from '../../../actors/records/hex.ts'
import { parseReceipt } from '../../../actors/records/receipt.ts'
import { parseReceiptV1, receiptV1Bytes } from '../../../actors/records/receipt-v1.ts'
import { checkSignature } from '../../../actors/records/ed25519.ts'
import { computeVerdict } from '../../../actors/records/verdict.ts'
import { emptyGuildState, evolveGuild } from '../../../actors/runtime/guild-state.ts'
import { parseJournalText } from '../../../actors/runtime/journal-entry.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { MemoryDatabase } from '../../support/memory/memory-database.ts'
import { MemoryRedis } from '../../support/memory/memory-redis.ts'
import { attendanceDraft, periodDraft } from '../../support/every-record.ts'
import { createTestCluster, seededRandom, sessionDraft, testGuild, testUuid } from '../../support/records.ts'
import { settle } from '../../support/settle.ts'
import { admin, createSigningRuntime } from '../../support/signing-runtime.ts'
import type { SigningRuntime } from '../../support/signing-runtime.ts'
import { add, tallyRegistry } from '../../support/tally.ts'

const { trusted } = createTestCluster()
const random = seededRandom('erasure')
const lockSigning: SigningCommand = { feature: 'signing', kind: 'lock-signing', byUserId: admin }
const drop: SigningCommand = { feature: 'signing', kind: 'set-signing-policy', policy: 'drop', byUserId: admin }
const version1 = (isOn: boolean): SigningCommand => ({ feature: 'signing', kind: 'set-version-1', isOn, byUserId: admin })
const erase = (records: readonly RecordToErase[]): SigningCommand => ({ feature: 'signing', kind: 'erase-records', records, byUserId: admin, reason: 'asked by the member' })
const excuse = (recordId: string, receipt: RecordToErase['receipt'] = null): FinishedRecord =>
  draftAmendment(recordId, receipt, { change: 'status', from: 'present', to: 'excused', by_user_id: admin, reason: null })

describe('records afterwards', () => {
  let world: { clock: ReturnType<typeof createManualClock>; database: MemoryDatabase; redis: MemoryRedis }
  let house: SigningRuntime
  beforeEach(() => {
    const clock = createManualClock()
    world = { clock, database: new MemoryDatabase(clock), redis: new MemoryRedis(clock) }
    house = createSigningRuntime(world)
  })
  afterEach(async () => {
    // I11: what is in memory is what the journal replays to, awaited places and all.
    const replayed = emptyGuildState()
    for (const row of world.database.journal.get(testGuild)!.values()) evolveGuild(replayed, parseJournalText(row.payload), tallyRegistry)
    expect(house.runtime.catalog.find(testGuild)?.state).to.deep.equal(replayed)
    await house.end()
  })

  const receipts = () => [...world.database.receipts.values()].toSorted((a, b) => a.sequence - b.sequence)
  const own = (recordId: string) => receipts().find((row) => row.recordId === recordId && row.type !== 'amendment')
  const placeOf = (recordId: string): RecordToErase => {
    const { sequence, payloadHash } = own(recordId)!
    return { recordId, receipt: { sequence, hash: encodeHex(payloadHash) } }
  }
  async function finish(...records: FinishedRecord[]): Promise<void> {
    for (const record of records) house.runtime.ask(testGuild, add(1, { records: [record] }))
    await settle(12)
  }
  const verdictOf = (recordId: string) => {
    const all = receipts()
    const at = all.findIndex((row) => row.recordId === recordId && row.type !== 'amendment')
    const amendments = all.filter((row) => row.recordId === recordId && row.type === 'amendment')
    return computeVerdict(trusted, {
      receipt: all[at]!, isUnique: true, previous: all[at - 1] ?? null, next: all[at + 1] ?? null, newest: all.at(-1)!,
      head: world.database.chainHeads.get(testGuild) ?? null, keys: [...world.database.guildKeys.values()], amendments,
    })
  }
  const changesOf = (recordId: string) => {
    const verdict = verdictOf(recordId)
    return verdict.valid && !verdict.current ? verdict.amendments.map(({ payload }) => [payload.of_sequence, payload.change, payload.to]) : verdict
  }

  describe('amendments of records that wait', () => {
    it('wait behind them and name their receipts once both are sealed, in one run', async () => {
      await house.makePassphraseKey()
      await house.ask(lockSigning)
      const [one, two] = [testUuid(random), testUuid(random)]
      await finish(attendanceDraft(one), attendanceDraft(two), excuse(two), excuse(one), excuse(one))
      expect(receipts()).to.deep.equal([])
      await house.unlock()
      await settle(20)
      expect(receipts().map(({ type }) => type)).to.deep.equal(['attendance', 'attendance', 'amendment', 'amendment', 'amendment'])
      expect(changesOf(one)).to.deep.equal([[1, 'status', 'excused'], [1, 'status', 'excused']])
      expect(changesOf(two)).to.deep.equal([[2, 'status', 'excused']])
    })

    it('stand in a later run than the record, and the owner changes in between', async () => {
      await house.makePassphraseKey()
      await house.ask(lockSigning)
      const id = testUuid(random)
      await finish(attendanceDraft(id))
      await house.finish(230)
      await finish(excuse(id))
      house.steps.hold('loadWaiting after')
      await house.unlock()
      house.runtime.steps.hold('commit after')
      await house.steps.release('loadWaiting after')
      // The first run is sealed, its answer is not here, and the process ends.
      expect(receipts()).to.have.length(200)
      await house.end()
      house = createSigningRuntime(world)
      await house.ask({ feature: 'signing', kind: 'read-signing' })
      await settle(20)
      expect(receipts()).to.have.length(232)
      expect(changesOf(id)).to.deep.equal([[1, 'status', 'excused']])
      expect(house.runtime.catalog.find(testGuild)?.state.signing).not.to.have.property('awaited')
    })

    it('of a record that was dropped are dropped too, locked or not, and never signed', async () => {
      await house.makePassphraseKey()
      await house.ask(drop)
      await house.ask(lockSigning)
      const id = testUuid(random)
      await finish(attendanceDraft(id), excuse(id))
      await house.ask({ feature: 'signing', kind: 'set-signing-policy', policy: 'queue', byUserId: admin })
      const waits = testUuid(random)
      await finish(attendanceDraft(waits), excuse(id))
      await house.unlock()
      await settle(12)
      await finish(excuse(id))
      expect(receipts().map(({ recordId }) => recordId)).to.deep.equal([waits])
      expect(house.events('record-dropped').map(({ recordId }) => recordId)).to.deep.equal([id, id, id, id])
      expect(world.database.waiting.size).to.equal(0)
      expect(house.runtime.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([])
    })
  })

  describe('erasure', () => {
    it('deletes the bytes and the name of the member, keeps hash and signature, and is signed', async () => {
      const [gone, stays] = await house.finish(2)
      const before = own(gone!)!
      expect(await house.ask(erase([placeOf(gone!)]))).to.deep.equal({ kind: 'records-erased', records: 1, isWaiting: false })
      const after = own(gone!)!
      expect(after).to.deep.equal({ ...before, signed: null, subject: null })
      const verdict = verdictOf(gone!)
      expect(verdict).to.deep.include({ valid: false, reason: 'the record was erased on request; only its hash and signature are left' })
      expect(!verdict.valid && verdict.erasedBy?.payload).to.deep.include({ change: 'erased', of_sequence: 1, by_user_id: admin, reason: 'asked by the member' })
      expect(verdictOf(stays!)).to.deep.equal({ valid: true, current: true })
    })

    it('of another receipt than the one that stands there erases nothing', async () => {
      const [one] = await house.finish(1)
      await house.ask(erase([{ recordId: one!, receipt: { sequence: 1, hash: '0'.repeat(64) } }]))
      expect(own(one!)!.signed).not.to.equal(null)
    })

    it('while signing is locked waits with everything else; the bytes go with the amendment that says so', async () => {
      await house.makePassphraseKey()
      const [signed] = await house.finish(1)
      await house.ask(lockSigning)
      const [waiting] = await house.finish(1)
      expect(await house.ask(erase([placeOf(signed!), { recordId: waiting!, receipt: null }]))).to.deep.equal({ kind: 'records-erased', records: 2, isWaiting: true })
      expect(own(signed!)!.signed).not.to.equal(null)
      await house.unlock()
      await settle(20)
      for (const id of [signed!, waiting!]) {
        expect(own(id)!.signed, id).to.equal(null)
        expect(verdictOf(id)).to.deep.include({ valid: false, reason: 'the record was erased on request; only its hash and signature are left' })
      }
    })

    it('is refused while what is finished is dropped: nothing could sign it', async () => {
      await house.makePassphraseKey()
      const [one] = await house.finish(1)
      await house.ask(drop)
      await house.ask(lockSigning)
      expect(await house.ask(erase([placeOf(one!)]))).to.deep.equal({ kind: 'records-not-erased', reason: 'locked' })
      expect(own(one!)!.signed).not.to.equal(null)
    })
  })

  describe('signing version 1', () => {
    it('is issued beside version 2 when it is asked for, of the types it knows, by the same key', async () => {
      await house.finish(1)
      expect(await house.ask(version1(true))).to.deep.equal({ kind: 'version-1-set', isOn: true, changed: true })
      expect(await house.ask(version1(true))).to.deep.equal({ kind: 'version-1-set', isOn: true, changed: false })
      const [session, period, attendance] = [testUuid(random), testUuid(random), testUuid(random)]
      await finish(sessionDraft(session), periodDraft(period), attendanceDraft(attendance))
      expect(await house.ask(version1(false))).to.deep.equal({ kind: 'version-1-set', isOn: false, changed: true })
      await house.finish(1)
      const old = [...world.database.receiptsVersion1.values()]
      expect(old.map(({ sequence }) => sequence)).to.deep.equal([2, 3])
      const [key] = [...world.database.guildKeys.values()]
      for (const { sequence, signed, signature } of old) {
        expect(checkSignature({ publicKey: key!.publicKey, bytes: signed, signature }).kind).to.equal('verified')
        const read = parseReceipt(receipts()[sequence - 1]!.signed!)
        if (!read.ok) throw new Error(read.problem)
        const { receipt } = read.value
        const draft = { type: receipt.type, recordId: read.value.recordId, payload: receipt.payload } as Parameters<typeof receiptV1Bytes>[1]
        expect(Buffer.from(signed).toString()).to.equal(Buffer.from(receiptV1Bytes(testGuild, draft)!).toString())
        expect(parseReceiptV1(signed).ok).to.equal(true)
      }
    })

    it('is issued of records that waited, and goes with the bytes when they are erased', async () => {
      await house.makePassphraseKey()
      await house.ask(version1(true))
      await house.ask(lockSigning)
      const [one, two] = await house.finish(2)
      await house.ask(erase([{ recordId: two!, receipt: null }]))
      await house.unlock()
      await settle(20)
      expect([...world.database.receiptsVersion1.values()].map(({ sequence }) => sequence)).to.deep.equal([1])
      await house.ask(erase([placeOf(one!)]))
      expect(world.database.receiptsVersion1.size).to.equal(0)
    })
  })
})
