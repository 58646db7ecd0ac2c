/**
 * One record of every type, in one chain: a voice session, an attendance entry, a period, and amendments of the entry.
 */
import { initialChain } from '../../actors/records/chain-state.ts'
import { encodeHex } from '../../actors/records/hex.ts'
import type { Sealed } from '../../actors/records/sealer.ts'
import type { AmendmentPayload, RecordDraft } from '../../actors/protocol/record.ts'
import type { TestChain, TestCluster } from './records.ts'
import { seededRandom, sessionDraft, testGuild, testUuid } from './records.ts'

type OfType<Type extends RecordDraft['type']> = Extract<RecordDraft, { type: Type }>

export function attendanceDraft(recordId: string, overrides: Partial<OfType<'attendance'>['payload']> = {}): OfType<'attendance'> {
  const payload = {
    record_id: recordId,
    session_id: '1795194000',
    user_id: '1142857142857142860',
    student_id: 'S-2026-017 Ünïcödé 𝒳 "quoted"',
    status: 'present',
    submitted_at: '2026-11-20T18:01:07.250Z',
    date_id: '2026-11-20',
    in_voice: null,
    source: 'webhook',
    ...overrides,
  } as const
  return { type: 'attendance', recordId, payload }
}

export function periodDraft(recordId: string, overrides: Partial<OfType<'period'>['payload']> = {}): OfType<'period'> {
  const payload = {
    period_id: recordId,
    period_index: 3,
    started_at: '2026-11-13T00:00:00.000Z',
    ended_at: '2026-11-20T00:00:00.000Z',
    rules_version: 1,
    unsigned: { sessions: 0, seconds: 0 },
    entries: [
      { user_id: '1142857142857142860', duration_seconds: 7200, sessions: 2 },
      { user_id: '99', duration_seconds: 3600, sessions: 1 },
      { user_id: '1142857142857142858', duration_seconds: 3600, sessions: 4 },
    ],
    ...overrides,
  }
  return { type: 'period', recordId, payload }
}

export function amendmentDraft(of: Sealed, overrides: Partial<AmendmentPayload> = {}): OfType<'amendment'> {
  const payload: AmendmentPayload = {
    record_id: of.receiptRow.recordId,
    of_sequence: of.receiptRow.sequence,
    of_hash: encodeHex(of.receiptRow.payloadHash),
    change: 'status',
    from: 'present',
    to: 'excused',
    by_user_id: '1142857142857142861',
    reason: 'doctor’s note',
    ...overrides,
  }
  return { type: 'amendment', recordId: of.receiptRow.recordId, payload }
}

/** Seals drafts one after the other; each may look at what was sealed before it. */
export function sealDrafts(
  test: TestCluster,
  drafts: readonly ((sealed: readonly Sealed[]) => RecordDraft)[],
  seed = 'drafts',
  alsoVersion1 = false,
): TestChain {
  const random = seededRandom(seed)
  const sealed: Sealed[] = []
  for (const [index, draft] of drafts.entries()) {
    const before = sealed.at(-1)
    sealed.push(
      test.sealer.seal({
        guildId: testGuild,
        chain: before?.chain ?? initialChain(),
        key: before?.key ?? null,
        draft: draft(sealed),
        alsoVersion1,
        issuedAt: Date.UTC(2026, 10, 20, 19, 0, index),
        random,
      }),
    )
  }
  return { guildId: testGuild, sealed, keys: sealed.flatMap(({ guildKeyRow }) => (guildKeyRow === null ? [] : [guildKeyRow])) }
}

/** Session, attendance, period, then an amendment of the attendance. */
export function sealEveryType(test: TestCluster, { alsoVersion1 = false } = {}): TestChain {
  const random = seededRandom('every type')
  const id = () => testUuid(random)
  return sealDrafts(test, [
    () => sessionDraft(id()),
    () => attendanceDraft(id()),
    () => periodDraft(id()),
    ([, attendance]) => amendmentDraft(attendance!),
  ], 'drafts', alsoVersion1)
}
