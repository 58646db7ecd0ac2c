/**
 * What a guild's state keeps of its signing: the key, whether a passphrase has unlocked it, and what waits for it.
 *
 * Plain JSON and a function of the journal, like the rest of the state. Whether this process can sign is another thing:
 * that needs the private key in memory (Activation.key). The state says which unlocking may bring it back.
 *
 * Records that wait are kept as rows; the state has their runs, oldest first: where a run begins and ends in the journal,
 * how many there are, and a hash over their hashes. A run is sealed whole, so it is as long as a commit may seal.
 */
import { assert, unreachable } from '../../kernel/assert.ts'
import { limits } from '../../kernel/limits.ts'
import type { SigningEvent, SigningKeyMode, SigningPolicy } from '../protocol/signing.ts'
import type { ReceiptPlace } from '../records/late-amendment.ts'
import { chainWaitingHash } from '../records/waiting-draft.ts'

export interface SigningKey {
  readonly keyId: string
  readonly mode: SigningKeyMode
  /** Base64. */
  readonly publicKey: string
  readonly firstSequence: number
}

export interface WaitingRun {
  readonly firstSeq: number
  lastSeq: number
  count: number
  hash: string
}

export interface SigningState {
  policy: SigningPolicy
  /** null: the key that the guild's first record made, if there is one. */
  key: SigningKey | null
  /** The unlocking in force; null: locked, or no passphrase is asked for. */
  unlockId: string | null
  runs: WaitingRun[]
  /** Dropped records, by period; a record of no period is under the empty name. */
  unsigned: Record<string, { sessions: number; seconds: number }>
  /** Records that wait and have an amendment waiting behind them: where their receipt stands, null until it is issued. */
  awaited?: Record<string, ReceiptPlace | null>
  /** Receipts are issued in the form of signing version 1 as well. */
  issuesVersion1?: true
}

/** Before the first run. */
const emptyRunHash = '0'.repeat(64)

export function initialSigning(): SigningState {
  return { policy: 'queue', key: null, unlockId: null, runs: [], unsigned: {} }
}

/** Applies an event of sequence `seq` in place. */
export function evolveSigning(state: SigningState, event: SigningEvent, seq: number): void {
  switch (event.kind) {
    case 'signing-key-made': {
      const { keyId, mode, publicKey, firstSequence } = event
      state.key = { keyId, mode, publicKey, firstSequence }
      state.unlockId = event.unlockId
      return
    }
    case 'signing-unlocked':
      state.unlockId = event.unlockId
      return
    case 'signing-locked':
      state.unlockId = null
      return
    case 'signing-policy-set':
      state.policy = event.policy
      return
    case 'record-waiting':
      addToRuns(state.runs, event, seq)
      if (event.isLate === true) (state.awaited ??= {})[event.recordId] ??= null
      return
    case 'signing-version-1-set':
      if (event.isOn) state.issuesVersion1 = true
      else delete state.issuesVersion1
      return
    case 'record-dropped': {
      const sum = (state.unsigned[event.periodId ?? ''] ??= { sessions: 0, seconds: 0 })
      sum.sessions += 1
      sum.seconds += event.seconds
      return
    }
    case 'record-refused':
    case 'erasure-asked':
      return
    case 'waiting-sealed': {
      const done = state.runs.shift()
      assert(done?.firstSeq === event.firstSeq, 'the run that was sealed is the oldest one')
      if (state.runs.length === 0) delete state.awaited
      return
    }
    default:
      unreachable(event)
  }
}

/** The first receipt of a record is the record; those of its amendments come after it. */
export function noteReceipt(state: SigningState, { recordId, sequence, hash }: ReceiptPlace & { readonly recordId: string }): void {
  if (state.awaited?.[recordId] === null) state.awaited[recordId] = { sequence, hash }
}

function addToRuns(runs: WaitingRun[], event: Extract<SigningEvent, { kind: 'record-waiting' }>, seq: number): void {
  const newest = runs.at(-1)
  if (event.opensRun || newest === undefined) {
    assert(event.opensRun, 'a first waiting record opens a run')
    runs.push({ firstSeq: seq, lastSeq: seq, count: 1, hash: chainWaitingHash(emptyRunHash, event.hash) })
    return
  }
  assert(newest.count < limits.waitingRunMax, 'a run of waiting records has its bound')
  newest.lastSeq = seq
  newest.count += 1
  newest.hash = chainWaitingHash(newest.hash, event.hash)
}

/** True when these hashes, in order, are those of the run. */
export function provesRun(run: WaitingRun, hashes: readonly string[]): boolean {
  return hashes.length === run.count && hashes.reduce(chainWaitingHash, emptyRunHash) === run.hash
}

export function waitingCount(state: SigningState | null): number {
  return state?.runs.reduce((sum, run) => sum + run.count, 0) ?? 0
}

export function unsignedTotal(state: SigningState | null): { readonly sessions: number; readonly seconds: number } {
  const total = { sessions: 0, seconds: 0 }
  for (const { sessions, seconds } of Object.values(state?.unsigned ?? {})) {
    total.sessions += sessions
    total.seconds += seconds
  }
  return total
}
