/**
 * The columns of each kind of row a commit writes, as the parameters of the statement carry them.
 *
 * One table for both sides: commit-statement.ts reads names and types from it, the lane encodes rows by it, so that
 * the order of the parameters cannot drift from the text. `from` and `to` are words of SQL, hence `from_seq`.
 * Record and key ids travel as text and are cast: a malformed one is then poison (22P02) and not a broken message.
 */
import type { PanelRole } from '../actors/protocol/role-panel.ts'
import type { ChainHeadRow, GuildKeyRow, ReceiptRow, ReceiptVersion1Row } from '../actors/records/stored.ts'
import type {
  AlarmRow,
  CommitBatch,
  CursorRow,
  ErasureRow,
  ForgottenSecretRow,
  GuildSecretRow,
  HeadMove,
  KeyClosing,
  JournalRow,
  OpResultRow,
  OutboxRow,
  OutboxSettlement,
  SealedWaitingRow,
  SlotFence,
  WaitingRecordRow,
} from '../actors/runtime/ports.ts'
import { byteaColumn, int4Column, int8Column, textColumn } from './binary-array.ts'

/** `signed` null: erased in the batch that writes it. */
export type WrittenReceipt = Omit<ReceiptRow, 'signed'> & { readonly signed: Uint8Array | null }

/** The rows of a batch, sorted into what the statement does with them; each list without repeated keys. */
export interface CommitRows {
  readonly slots: readonly SlotFence[]
  readonly heads: readonly HeadMove[]
  /** Heads of guilds that may have none yet. */
  readonly firstHeads: readonly HeadMove[]
  readonly journal: readonly JournalRow[]
  readonly opResults: readonly OpResultRow[]
  readonly cursors: readonly CursorRow[]
  readonly alarmsSet: readonly AlarmRow[]
  readonly alarmsCleared: readonly AlarmRow[]
  readonly outbox: readonly OutboxRow[]
  readonly settlements: readonly OutboxSettlement[]
  readonly receipts: readonly WrittenReceipt[]
  readonly receiptsVersion1: readonly ReceiptVersion1Row[]
  readonly erasures: readonly ErasureRow[]
  readonly chainHeads: readonly ChainHeadRow[]
  readonly guildKeys: readonly GuildKeyRow[]
  readonly keyClosings: readonly KeyClosing[]
  readonly waiting: readonly WaitingRecordRow[]
  readonly sealedWaiting: readonly SealedWaitingRow[]
  readonly secrets: readonly GuildSecretRow[]
  readonly forgottenSecrets: readonly ForgottenSecretRow[]
  readonly students: CommitBatch['students']
  readonly attendanceSessions: CommitBatch['attendanceSessions']
  readonly attendanceEntries: CommitBatch['attendanceEntries']
  readonly panels: CommitBatch['panels']
}

export type CommitKind = keyof CommitRows

export interface Column<Row> {
  readonly name: string
  readonly type: 'int4' | 'int8' | 'text' | 'bytea'
  encode(rows: readonly Row[]): Buffer
}

const int4 = <Row>(name: string, pick: (row: Row) => number): Column<Row> => ({
  name,
  type: 'int4',
  encode: (rows) => int4Column(rows, pick),
})
const int8 = <Row>(name: string, pick: (row: Row) => string | number | null): Column<Row> => ({
  name,
  type: 'int8',
  encode: (rows) => int8Column(rows, pick),
})
const text = <Row>(name: string, pick: (row: Row) => string | null): Column<Row> => ({
  name,
  type: 'text',
  encode: (rows) => textColumn(rows, pick),
})
const bytea = <Row>(name: string, pick: (row: Row) => Uint8Array | null): Column<Row> => ({
  name,
  type: 'bytea',
  encode: (rows) => byteaColumn(rows, pick),
})

const guild = <Row extends { readonly guildId: string }>(): Column<Row> => int8('guild_id', (row) => row.guildId)

const headColumns: readonly Column<HeadMove>[] = [
  guild(),
  int4('slot', (row) => row.slot),
  int8('from_seq', (row) => row.from),
  int8('to_seq', (row) => row.to),
  bytea('head', (row) => row.head),
]

export const commitColumns: { readonly [Kind in CommitKind]: readonly Column<CommitRows[Kind][number]>[] } = {
  slots: [int4('slot', (row) => row.slot), int8('fence', (row) => row.fence)],
  heads: headColumns,
  firstHeads: headColumns,
  journal: [
    guild(),
    int8('seq', (row) => row.seq),
    int8('fence', (row) => row.fence),
    text('payload', (row) => row.payload),
    bytea('hash', (row) => row.hash),
  ],
  opResults: [guild(), text('op_id', (row) => row.opId), int8('seq', (row) => row.seq), text('result', (row) => row.result)],
  cursors: [int4('slot', (row) => row.slot), text('source', (row) => row.source), text('position', (row) => row.position)],
  alarmsSet: [
    guild(),
    text('purpose', (row) => row.purpose),
    int4('slot', (row) => row.slot),
    int8('due_at', (row) => row.dueAt),
    int8('set_seq', (row) => row.setSeq),
  ],
  alarmsCleared: [guild(), text('purpose', (row) => row.purpose)],
  outbox: [
    guild(),
    int8('seq', (row) => row.seq),
    int4('ordinal', (row) => row.ordinal),
    int4('slot', (row) => row.slot),
    text('target', (row) => row.target),
    text('kind', (row) => row.kind),
    text('payload', (row) => row.payload),
  ],
  settlements: [
    guild(),
    int8('seq', (row) => row.seq),
    int4('ordinal', (row) => row.ordinal),
    text('state', (row) => row.state),
    int4('attempts', (row) => row.attempts),
    int8('next_attempt_at', (row) => row.nextAttemptAt),
    text('last_error', (row) => row.lastError),
  ],
  receipts: [
    guild(),
    int8('sequence', (row) => row.sequence),
    text('record_id', (row) => row.recordId),
    text('type', (row) => row.type),
    text('key_id', (row) => row.keyId),
    bytea('signed', (row) => row.signed),
    bytea('signature', (row) => row.signature),
    bytea('payload_hash', (row) => row.payloadHash),
    bytea('prev_hash', (row) => row.prevHash),
    int8('issued_at', (row) => row.issuedAt),
    text('subject', (row) => row.subject),
  ],
  receiptsVersion1: [
    guild(),
    int8('sequence', (row) => row.sequence),
    bytea('signed', (row) => row.signed),
    bytea('signature', (row) => row.signature),
  ],
  erasures: [guild(), int8('sequence', (row) => row.sequence), bytea('payload_hash', (row) => row.payloadHash)],
  chainHeads: [
    guild(),
    int8('sequence', (row) => row.sequence),
    bytea('hash', (row) => row.hash),
    text('key_id', (row) => row.keyId),
    bytea('signature', (row) => row.signature),
  ],
  guildKeys: [
    text('key_id', (row) => row.keyId),
    guild(),
    bytea('public_key', (row) => row.publicKey),
    int8('first_sequence', (row) => row.firstSequence),
    int8('last_sequence', (row) => row.lastSequence),
    text('mode', (row) => row.mode),
    bytea('sealed_private_key', (row) => row.sealedPrivateKey),
    text('key_wrap', (row) => row.keyWrap),
    bytea('statement', (row) => row.statement),
    bytea('statement_signature', (row) => row.statementSignature),
    text('cluster_key_id', (row) => row.clusterKeyId),
    bytea('predecessor_signature', (row) => row.predecessorSignature),
  ],
  keyClosings: [guild(), text('key_id', (row) => row.keyId), int8('last_sequence', (row) => row.lastSequence)],
  waiting: [
    guild(),
    int8('seq', (row) => row.seq),
    text('record_id', (row) => row.recordId),
    text('type', (row) => row.type),
    text('payload', (row) => row.payload),
  ],
  sealedWaiting: [guild(), int8('seq', (row) => row.seq)],
  secrets: [guild(), text('secret_id', (row) => row.secretId), text('sealed', (row) => row.sealed)],
  forgottenSecrets: [guild(), text('secret_id', (row) => row.secretId)],
  students: [
    guild(),
    int8('user_id', (row) => row.userId),
    text('student_id', (row) => row.studentId),
    text('student_name', (row) => row.studentName),
    text('username', (row) => row.username),
    int8('registered_at', (row) => row.registeredAt),
  ],
  attendanceSessions: [
    guild(),
    text('session_id', (row) => row.sessionId),
    text('kind', (row) => row.kind),
    int8('opened_at', (row) => row.openedAt),
    int8('closed_at', (row) => row.closedAt),
    text('date_id', (row) => row.dateId),
    int8('change', (row) => row.change),
    int8('interval_ms', (row) => row.intervalMs),
    int8('rotates_from', (row) => row.rotatesFrom),
  ],
  attendanceEntries: [
    guild(),
    text('session_id', (row) => row.sessionId),
    int8('user_id', (row) => row.userId),
    text('username', (row) => row.username),
    int8('at', (row) => row.at),
    text('local_time', (row) => row.localTime),
    text('date_id', (row) => row.dateId),
    text('status', (row) => row.status),
    text('record_id', (row) => row.recordId),
    int8('change', (row) => row.change),
  ],
  panels: [
    guild(),
    text('panel_id', (row) => row.panelId),
    text('name', (row) => row.panel?.name ?? null),
    text('description', (row) => row.panel?.description ?? null),
    text('style', (row) => row.panel?.style ?? null),
    text('mode', (row) => row.panel?.mode ?? null),
    int4('least', (row) => row.panel?.min ?? 0),
    int4('most', (row) => row.panel?.max ?? 0),
    int4('color', (row) => row.panel?.color ?? 0),
    int8('channel_id', (row) => row.panel?.post?.channelId ?? null),
    int8('message_id', (row) => row.panel?.post?.messageId ?? null),
    // Its roles travel with it and are taken apart by the statement.
    text('roles', (row) => JSON.stringify(row.panel?.roles.map(roleOfPanel) ?? [])),
  ],
}

/** Named like the columns of `role_panel_role`. */
function roleOfPanel(entry: PanelRole, position: number): object {
  const { roleId, label, emoji, description, temporaryMs, seats, required, forbidden } = entry
  const rules = { required: required.join(' '), forbidden: forbidden.join(' ') }
  return { role_id: roleId, position, label, emoji, description, temporary_ms: temporaryMs, seats, ...rules, added_by: entry.addedBy }
}
