/**
 * Sorts a batch into the rows of the statement, picks the statement, and encodes its parameters.
 *
 * Of rows that replace each other (cursor, alarm, chain head, settlement, key) only the newest of a batch is kept: the
 * statement may touch each of them once. Rows that must not repeat (journal, op result, outbox, receipt) are sent as
 * they are; repeated ones break a unique key, which is poison.
 */
import { assert } from '../kernel/assert.ts'
import type { CommitBatch } from '../actors/runtime/ports.ts'
import { commitColumns } from './commit-columns.ts'
import type { CommitKind, CommitRows } from './commit-columns.ts'
import { commitStatements } from './commit-statement.ts'
import type { CommitStatement } from './commit-statement.ts'

export const noRows: CommitRows = {
  slots: [],
  heads: [],
  firstHeads: [],
  journal: [],
  opResults: [],
  cursors: [],
  alarmsSet: [],
  alarmsCleared: [],
  outbox: [],
  settlements: [],
  receipts: [],
  receiptsVersion1: [],
  erasures: [],
  chainHeads: [],
  guildKeys: [],
  keyClosings: [],
  waiting: [],
  sealedWaiting: [],
  secrets: [],
  forgottenSecrets: [],
  students: [],
  attendanceSessions: [],
  attendanceEntries: [],
  panels: [],
}

export function sortRows(batch: CommitBatch): CommitRows {
  const alarms = newestBy(batch.alarms, (row) => `${row.guildId} ${row.purpose}`)
  return {
    slots: batch.slots,
    heads: batch.heads.filter((row) => row.from > 0),
    firstHeads: batch.heads.filter((row) => row.from === 0),
    journal: batch.journal,
    opResults: batch.opResults,
    cursors: newestBy(batch.cursors, (row) => `${row.slot} ${row.source}`),
    alarmsSet: alarms.filter((row) => row.dueAt !== null),
    alarmsCleared: alarms.filter((row) => row.dueAt === null),
    outbox: batch.outbox,
    settlements: newestBy(batch.settlements, (row) => `${row.guildId} ${row.seq} ${row.ordinal}`),
    ...withoutErased(batch),
    erasures: batch.erasures,
    chainHeads: newestBy(batch.chainHeads, (row) => row.guildId),
    guildKeys: newestBy(batch.guildKeys, (row) => row.keyId),
    keyClosings: newestBy(batch.keyClosings, (row) => row.keyId),
    waiting: batch.waiting,
    sealedWaiting: batch.sealedWaiting,
    secrets: batch.secrets,
    forgottenSecrets: batch.forgottenSecrets,
    students: newestBy(batch.students, (row) => `${row.guildId} ${row.userId}`),
    attendanceSessions: newestBy(batch.attendanceSessions, (row) => `${row.guildId} ${row.sessionId}`),
    attendanceEntries: newestBy(batch.attendanceEntries, (row) => `${row.guildId} ${row.sessionId} ${row.userId}`),
    panels: newestBy(batch.panels, (row) => `${row.guildId} ${row.panelId}`),
  }
}

/**
 * Receipts of a batch that erases them in the same breath (a record and its erasure waited together) are written without
 * their bytes: the statement does not see rows that it writes itself.
 */
function withoutErased({ receipts, receiptsVersion1, erasures }: CommitBatch): Pick<CommitRows, 'receipts' | 'receiptsVersion1'> {
  if (erasures.length === 0) return { receipts, receiptsVersion1 }
  const erased = new Set(erasures.map(({ guildId, sequence }) => `${guildId} ${sequence}`))
  const isErased = ({ guildId, sequence }: { readonly guildId: string; readonly sequence: number }): boolean => erased.has(`${guildId} ${sequence}`)
  return {
    receipts: receipts.map((row) => (isErased(row) ? { ...row, signed: null, subject: null } : row)),
    receiptsVersion1: receiptsVersion1.filter((row) => !isErased(row)),
  }
}

/** The cheapest statement that knows every kind of row there is. */
export function statementFor(rows: CommitRows): CommitStatement {
  const present = (Object.keys(rows) as CommitKind[]).filter((kind) => rows[kind].length > 0)
  const statement = commitStatements.find(({ kinds }) => present.every((kind) => kinds.includes(kind)))
  assert(statement !== undefined, 'no commit statement knows every kind of row')
  return statement
}

export function encodeParameters(statement: CommitStatement, rows: CommitRows): readonly Buffer[] {
  return statement.kinds.flatMap((kind) => encodeKind(kind, rows))
}

function encodeKind<Kind extends CommitKind>(kind: Kind, rows: CommitRows): Buffer[] {
  return commitColumns[kind].map((column) => column.encode(rows[kind]))
}

/** The last row of each key, keys in the order in which they were first met. */
function newestBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  if (rows.length < 2) return rows
  const newest = new Map<string, Row>()
  for (const row of rows) newest.set(keyOf(row), row)
  return newest.size === rows.length ? rows : [...newest.values()]
}
