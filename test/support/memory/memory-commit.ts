/**
 * The commit statement, told as a function: which slots are owned, which heads move, what is then written.
 *
 * First everything is looked at and nothing written, so that a poisoned batch leaves no trace; then everything is
 * written at once. See prisma/commit-statement.ts for the text it must agree with.
 */
import type { GuildId, Slot } from '../../../kernel/ids.ts'
import type { CommitBatch, CommitOutcome, HeadMove } from '../../../actors/runtime/ports.ts'
import { keyOf } from './memory-database.ts'
import type { MemoryDatabase } from './memory-database.ts'

type Poison = Extract<CommitOutcome, { kind: 'poison' }>
type OfMoved = <Row extends { readonly guildId: GuildId }>(rows: readonly Row[]) => readonly Row[]

const uuidPattern = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

export function commitInMemory(database: MemoryDatabase, batch: CommitBatch): CommitOutcome {
  const badText = findBadText(batch)
  if (badText !== null) return poison('22021', `invalid byte sequence in ${badText}`)

  const owned = new Set(batch.slots.filter((want) => database.holds(want)).map(({ slot }) => slot))
  const moves = batch.heads.filter((move) => canMove(database, owned, move))
  const moved = new Set(moves.map(({ guildId }) => guildId))
  const ofMoved: OfMoved = (rows) => rows.filter(({ guildId }) => moved.has(guildId))

  const refused = findPoison(database, batch, ofMoved)
  if (refused !== null) return refused

  for (const { guildId, slot, to, head } of moves) {
    database.actors.set(guildId, { slot: database.actors.get(guildId)?.slot ?? slot, seq: to, head })
  }
  writeRows(database, batch, ofMoved)
  for (const row of batch.cursors) if (owned.has(row.slot)) database.cursors.set(keyOf(row.slot, row.source), row)
  return { kind: 'committed', owned, moved }
}

/** Compare-and-set: the head is where the move starts, in an owned slot. No head is a head at 0. */
function canMove(database: MemoryDatabase, owned: ReadonlySet<Slot>, move: HeadMove): boolean {
  const actor = database.actors.get(move.guildId)
  if (actor === undefined) return move.from === 0 && owned.has(move.slot)
  return actor.seq === move.from && owned.has(actor.slot) && (move.from > 0 || actor.slot === move.slot)
}

const poison = (sqlState: string, message: string): Poison => ({ kind: 'poison', sqlState, message })

/** Postgres has no U+0000 in text; the whole message is refused, whatever the row would have come to. */
function findBadText(batch: CommitBatch): string | null {
  for (const [kind, rows] of Object.entries(batch)) {
    for (const row of rows as readonly object[]) {
      for (const [column, value] of Object.entries(row)) {
        if (typeof value === 'string' && value.includes('\u0000')) return `${kind}.${column}`
      }
    }
  }
  return null
}

function findPoison(database: MemoryDatabase, batch: CommitBatch, ofMoved: OfMoved): Poison | null {
  const clashes = [
    repeats(ofMoved(batch.journal), (row) => `journal ${row.guildId} ${row.seq}`, (row) =>
      database.journal.get(row.guildId)?.has(row.seq) ?? false,
    ),
    repeats(ofMoved(batch.opResults), (row) => `op_result ${row.guildId} ${row.opId}`, (row) =>
      database.opResults.has(keyOf(row.guildId, row.opId)),
    ),
    repeats(ofMoved(batch.outbox), (row) => `outbox ${row.guildId} ${row.seq} ${row.ordinal}`, (row) =>
      database.outbox.has(keyOf(row.guildId, row.seq, row.ordinal)),
    ),
    repeats(ofMoved(batch.receipts), (row) => `receipt ${row.guildId} ${row.sequence}`, (row) =>
      database.receipts.has(keyOf(row.guildId, row.sequence)),
    ),
  ]
  clashes.push(
    repeats(ofMoved(batch.waiting), (row) => `waiting_record ${row.guildId} ${row.seq}`, (row) =>
      database.waiting.has(keyOf(row.guildId, row.seq)),
    ),
  )
  const clash = clashes.find((key) => key !== null)
  if (clash !== undefined) return poison('23505', `duplicate key: ${clash}`)

  const uuids = [
    ...ofMoved(batch.receipts).flatMap(({ recordId, keyId }) => [recordId, keyId]),
    ...ofMoved(batch.chainHeads).map(({ keyId }) => keyId),
    ...ofMoved(batch.guildKeys).map(({ keyId }) => keyId),
    ...ofMoved(batch.keyClosings).map(({ keyId }) => keyId),
    ...ofMoved(batch.waiting).map(({ recordId }) => recordId),
  ]
  const malformed = uuids.find((uuid) => !uuidPattern.test(uuid))
  return malformed === undefined ? null : poison('22P02', `invalid input syntax for type uuid: "${malformed}"`)
}

/** The first key that is stored already or comes twice in the batch. */
function repeats<Row>(rows: readonly Row[], nameOf: (row: Row) => string, isStored: (row: Row) => boolean): string | null {
  const met = new Set<string>()
  for (const row of rows) {
    const name = nameOf(row)
    if (met.has(name) || isStored(row)) return name
    met.add(name)
  }
  return null
}

function writeRows(database: MemoryDatabase, batch: CommitBatch, ofMoved: OfMoved): void {
  // Settlements first: the statement does not see rows that it writes itself.
  for (const row of ofMoved(batch.settlements)) {
    const key = keyOf(row.guildId, row.seq, row.ordinal)
    const stored = database.outbox.get(key)
    if (stored !== undefined) database.outbox.set(key, { ...stored, ...row })
  }
  for (const row of ofMoved(batch.journal)) {
    const rows = database.journal.get(row.guildId)
    if (rows === undefined) database.journal.set(row.guildId, new Map([[row.seq, row]]))
    else rows.set(row.seq, row)
  }
  for (const row of ofMoved(batch.opResults)) database.opResults.set(keyOf(row.guildId, row.opId), row)
  for (const row of ofMoved(batch.alarms)) {
    const key = keyOf(row.guildId, row.purpose)
    if (row.dueAt === null) database.alarms.delete(key)
    else database.alarms.set(key, { ...row, dueAt: row.dueAt })
  }
  const createdAt = Math.floor(database.clock.wallMs())
  for (const row of ofMoved(batch.outbox)) {
    const fresh = { state: 'pending', attempts: 0, nextAttemptAt: 0, lastError: null, createdAt } as const
    database.outbox.set(keyOf(row.guildId, row.seq, row.ordinal), { ...row, ...fresh })
  }
  for (const row of ofMoved(batch.receipts)) database.receipts.set(keyOf(row.guildId, row.sequence), row)
  for (const row of ofMoved(batch.receiptsVersion1)) database.receiptsVersion1.set(keyOf(row.guildId, row.sequence), row)
  for (const { guildId, sequence, payloadHash } of ofMoved(batch.erasures)) {
    const key = keyOf(guildId, sequence)
    const stored = database.receipts.get(key)
    if (stored === undefined || Buffer.compare(stored.payloadHash, payloadHash) !== 0) continue
    database.receipts.set(key, { ...stored, signed: null, subject: null })
    database.receiptsVersion1.delete(key)
    blankAttendance(database, guildId, stored.recordId)
  }
  for (const row of ofMoved(batch.chainHeads)) database.chainHeads.set(row.guildId, row)
  for (const { guildId, keyId, lastSequence } of ofMoved(batch.keyClosings)) {
    const stored = database.guildKeys.get(keyId)
    if (stored?.guildId === guildId) database.guildKeys.set(keyId, { ...stored, lastSequence })
  }
  for (const row of ofMoved(batch.waiting)) database.waiting.set(keyOf(row.guildId, row.seq), row)
  for (const row of ofMoved(batch.sealedWaiting)) database.waiting.delete(keyOf(row.guildId, row.seq))
  writeAttendance(database, batch, ofMoved)
  for (const row of ofMoved(batch.guildKeys)) {
    const stored = database.guildKeys.get(row.keyId)
    if (stored === undefined) database.guildKeys.set(row.keyId, row)
    else if (stored.guildId === row.guildId) {
      const { lastSequence, mode, sealedPrivateKey, keyWrap } = row
      database.guildKeys.set(row.keyId, { ...stored, lastSequence, mode, sealedPrivateKey, keyWrap })
    }
  }
}

function blankAttendance(database: MemoryDatabase, guildId: GuildId, recordId: string): void {
  for (const [key, row] of database.attendanceEntries) {
    if (row.guildId === guildId && row.recordId === recordId) database.attendanceEntries.set(key, { ...row, username: '', localTime: '', at: 0, status: 'removed' })
  }
}

function writeAttendance(database: MemoryDatabase, batch: CommitBatch, ofMoved: OfMoved): void {
  for (const row of ofMoved(batch.secrets)) database.secrets.set(keyOf(row.guildId, row.secretId), row)
  for (const row of ofMoved(batch.forgottenSecrets)) database.secrets.delete(keyOf(row.guildId, row.secretId))
  for (const row of ofMoved(batch.students)) {
    const key = keyOf(row.guildId, row.userId)
    database.students.set(key, { ...row, registeredAt: database.students.get(key)?.registeredAt ?? row.registeredAt })
  }
  for (const row of ofMoved(batch.attendanceSessions)) {
    const key = keyOf(row.guildId, row.sessionId)
    const stored = database.attendanceSessions.get(key)
    const closedAt = stored?.closedAt ?? row.closedAt
    database.attendanceSessions.set(key, stored === undefined ? row : { ...stored, closedAt, change: Math.max(stored.change, row.change) })
  }
  for (const row of ofMoved(batch.panels)) {
    if (row.panel === null) database.panels.delete(keyOf(row.guildId, row.panelId))
    else database.panels.set(keyOf(row.guildId, row.panelId), row)
  }
  for (const row of ofMoved(batch.attendanceEntries)) database.attendanceEntries.set(keyOf(row.guildId, row.sessionId, row.userId), row)
}
