/**
 * Decides what is asked about a guild's key: make or replace it, lock, unlock, choose the policy, seal what waits.
 *
 * Like every turn synchronous and without I/O: a private key comes in as a copy under the key-encryption key and is
 * opened here. A "no" is a reply; a copy that does not open throws and is a bug, or somebody's doing.
 */
import { assert, unreachable } from '../../kernel/assert.ts'
import { limits } from '../../kernel/limits.ts'
import { draftAmendment } from '../protocol/amendment.ts'
import type { SigningCommand, SigningReply, WaitingEntry } from '../protocol/signing.ts'
import { decodeBase64, encodeBase64 } from '../records/base64.ts'
import type { OfferedKey } from '../records/guild-key.ts'
import { unlockedCopyLength } from '../records/unlocked-copy.ts'
import { restoreDraft, waitingHash } from '../records/waiting-draft.ts'
import type { SealingTurn } from './record-sealing.ts'
import { dropsRecords, sealOrDrop, settleRecord } from './record-sealing.ts'
import { initialSigning, provesRun, unsignedTotal, waitingCount } from './signing-state.ts'
import type { SigningKey, SigningState } from './signing-state.ts'

type Command<Kind extends SigningCommand['kind']> = Extract<SigningCommand, { kind: Kind }>

export function decideSigning(turn: SealingTurn, command: SigningCommand): SigningReply {
  switch (command.kind) {
    case 'read-signing':
      return readSigning(turn)
    case 'make-key':
      return makeKey(turn, command)
    case 'unlock-signing':
      return unlock(turn, command)
    case 'lock-signing':
      return lock(turn, command)
    case 'forget-unlocking':
      return forget(turn, command)
    case 'set-signing-policy':
      return setPolicy(turn, command)
    case 'set-version-1':
      return setVersion1(turn, command)
    case 'erase-records':
      return eraseRecords(turn, command)
    case 'seal-waiting':
      return sealWaiting(turn, command)
    default:
      return unreachable(command)
  }
}

const signingOf = ({ guild }: SealingTurn): SigningState => guild.state.signing ?? initialSigning()

/** The key that signs, or would if it were unlocked. */
function currentKey(turn: SealingTurn): Pick<SigningKey, 'keyId' | 'mode'> | null {
  const { key } = signingOf(turn)
  if (key !== null) return key
  const { keyId } = turn.guild.state.chain
  return keyId === null ? null : { keyId, mode: 'cluster' }
}

function readSigning(turn: SealingTurn): SigningReply {
  const signing = signingOf(turn)
  const key = currentKey(turn)
  return {
    kind: 'signing',
    key: key === null ? null : { keyId: key.keyId, mode: key.mode },
    isLocked: key !== null && turn.guild.key === null,
    policy: signing.policy,
    waiting: waitingCount(signing),
    unsigned: unsignedTotal(signing),
    issuesVersion1: signing.issuesVersion1 === true,
  }
}

/** A first key, or the next one: then the outgoing key states it and closes with the newest receipt, in this commit. */
function makeKey(turn: SealingTurn, command: Command<'make-key'>): SigningReply {
  const { guild, rows, append } = turn
  const current = currentKey(turn)
  const predecessor = current?.keyId ?? null
  if (predecessor !== command.replaces) return { kind: 'key-not-made', reason: 'another-key' }
  if (current !== null && guild.key === null) return { kind: 'key-not-made', reason: 'locked' }
  const offered = command.offered === null ? null : decodeOffered(command.offered)
  const { chain } = guild.state
  const { row, key } = turn.sealer.makeKey({
    guildId: guild.guildId,
    chain,
    outgoing: guild.key,
    offered,
    random: (length) => turn.random(length),
  })
  append({
    kind: 'signing-key-made',
    keyId: row.keyId,
    mode: row.mode,
    publicKey: encodeBase64(row.publicKey),
    firstSequence: row.firstSequence,
    predecessor,
    unlockId: offered?.unlocked.unlockId ?? null,
    byUserId: command.byUserId,
  })
  if (predecessor !== null) rows.keyClosings.push({ guildId: guild.guildId, keyId: predecessor, lastSequence: chain.sequence })
  rows.guildKeys.push(row)
  guild.key = key
  return { kind: 'key-made', keyId: row.keyId, mode: row.mode, predecessor }
}

function unlock(turn: SealingTurn, command: Command<'unlock-signing'>): SigningReply {
  const { guild } = turn
  const { key } = signingOf(turn)
  if (key?.mode !== 'passphrase') return { kind: 'signing-not-unlocked', reason: 'no-passphrase' }
  if (key.keyId !== command.keyId) return { kind: 'signing-not-unlocked', reason: 'another-key' }
  if (guild.key !== null) return { kind: 'signing-not-unlocked', reason: 'not-locked' }
  const { keyId, unlockId } = command
  guild.key = turn.sealer.openUnlocked(
    { guildId: guild.guildId, keyId, firstSequence: key.firstSequence, publicKey: bytesOf(key.publicKey, 32) },
    { unlockId, copy: bytesOf(command.copy, unlockedCopyLength) },
  )
  turn.append({ kind: 'signing-unlocked', keyId, unlockId, byUserId: command.byUserId })
  return { kind: 'signing-unlocked', waiting: waitingCount(signingOf(turn)) }
}

function lock(turn: SealingTurn, command: Command<'lock-signing'>): SigningReply {
  const { key, unlockId } = signingOf(turn)
  if (key?.mode !== 'passphrase') return { kind: 'signing-not-locked', reason: 'no-passphrase' }
  if (unlockId === null) return { kind: 'signing-locked', wasLocked: true }
  turn.guild.key = null
  turn.append({ kind: 'signing-locked', keyId: key.keyId, byUserId: command.byUserId })
  return { kind: 'signing-locked', wasLocked: false }
}

/** Told by the owner itself; an unlocking that came after it is not meant. */
function forget(turn: SealingTurn, command: Command<'forget-unlocking'>): SigningReply {
  const { key, unlockId } = signingOf(turn)
  if (key === null || unlockId !== command.unlockId) return { kind: 'signing-locked', wasLocked: true }
  turn.guild.key = null
  turn.append({ kind: 'signing-locked', keyId: key.keyId, byUserId: null })
  return { kind: 'signing-locked', wasLocked: false }
}

function setPolicy(turn: SealingTurn, command: Command<'set-signing-policy'>): SigningReply {
  const { policy: previous } = signingOf(turn)
  const { policy, byUserId } = command
  if (policy !== previous) turn.append({ kind: 'signing-policy-set', policy, byUserId })
  return { kind: 'signing-policy-set', policy, previous }
}

function setVersion1(turn: SealingTurn, { isOn, byUserId }: Command<'set-version-1'>): SigningReply {
  const changed = (signingOf(turn).issuesVersion1 === true) !== isOn
  if (changed) turn.append({ kind: 'signing-version-1-set', isOn, byUserId })
  return { kind: 'version-1-set', isOn, changed }
}

/** An amendment each, by which their bytes go: now, or when signing is unlocked. */
function eraseRecords(turn: SealingTurn, { records, byUserId, reason }: Command<'erase-records'>): SigningReply {
  assert(records.length <= limits.erasedAtOnceMax, 'as many records are erased at once as a commit holds')
  if (dropsRecords(turn.guild)) return { kind: 'records-not-erased', reason: 'locked' }
  const before = waitingCount(signingOf(turn))
  turn.append({ kind: 'erasure-asked', records: records.length, byUserId })
  const change = { change: 'erased', from: null, to: null, by_user_id: byUserId, reason } as const
  for (const { recordId, receipt } of records) settleRecord(turn, draftAmendment(recordId, receipt, change))
  return { kind: 'records-erased', records: records.length, isWaiting: waitingCount(signingOf(turn)) > before }
}

/**
 * Seals the oldest run. The hashes must be those that the state vouches for; then each row is held against its own, and
 * one that is missing or was changed is refused by name while the others are sealed.
 */
function sealWaiting(turn: SealingTurn, { firstSeq, entries }: Command<'seal-waiting'>): SigningReply {
  const { guild, rows, append } = turn
  if (guild.key === null) return { kind: 'waiting-not-sealed', reason: 'locked' }
  const [run] = signingOf(turn).runs
  if (run === undefined || run.firstSeq !== firstSeq || run.count !== entries.length) {
    return { kind: 'waiting-not-sealed', reason: run?.firstSeq === firstSeq ? 'unproven' : 'another-run' }
  }
  if (!provesRun(run, entries.map(({ hash }) => hash))) return { kind: 'waiting-not-sealed', reason: 'unproven' }
  const refused: number[] = []
  let sealed = 0
  for (const entry of entries) {
    const reason = findRowProblem(entry)
    if (reason !== null || entry.row === null) {
      append({ kind: 'record-refused', recordId: entry.row?.recordId ?? null, waitingSeq: entry.seq, reason: reason ?? '' })
      refused.push(entry.seq)
      continue
    }
    if (sealOrDrop(turn, restoreDraft(entry.row))) sealed += 1
    rows.sealedWaiting.push({ guildId: guild.guildId, seq: entry.seq })
  }
  append({ kind: 'waiting-sealed', firstSeq, sealed, refused: refused.length })
  return { kind: 'waiting-sealed', sealed, refused, waiting: waitingCount(signingOf(turn)) }
}

function findRowProblem({ row, hash }: WaitingEntry): string | null {
  if (row === null) return 'its row is missing'
  return row.payload.isWellFormed() && waitingHash(row) === hash ? null : 'its row was changed'
}

function decodeOffered(offered: NonNullable<Command<'make-key'>['offered']>): OfferedKey {
  return {
    keyId: offered.keyId,
    publicKey: bytesOf(offered.publicKey, 32),
    sealed: { sealedPrivateKey: bytesOf(offered.sealedPrivateKey, null), keyWrap: offered.keyWrap },
    unlocked: { unlockId: offered.unlockId, copy: bytesOf(offered.copy, unlockedCopyLength) },
  }
}

/** Our own processes wrote it: anything else is a bug. */
function bytesOf(text: string, length: number | null): Uint8Array {
  const decoded = length === null ? decodeBase64(text) : decodeBase64(text, length)
  assert(decoded.ok, 'signing: bytes are not in base64 of the right length')
  return decoded.value
}
