/**
 * The text of the one fenced statement, and which arrays it takes.
 *
 * `own` locks the slot rows FOR SHARE in id order where id and fence match. FOR KEY SHARE would not conflict with a
 * takeover's UPDATE, and any other order could deadlock with a takeover of many slots. `moved` advances heads by
 * compare-and-set (I2); `first` writes the head of a guild that had none. Every other insert keeps the rows whose
 * guild is in `head`, cursors those whose slot is in `own` (I7), so what a stale owner sends writes nothing (I1).
 *
 * `(x IN (SELECT …)) IS TRUE` is a join by hand: Postgres may not flatten it, so it stays one hash probe a row.
 * As a join it was planned from guessed row counts into nested loops, quadratic in the batch.
 *
 * All variants are built from the same parts; they differ only in the kinds they know, because each kind without
 * rows still costs the executor the opening of a table and its indexes.
 */
import type { CommitKind } from './commit-columns.ts'
import { commitColumns } from './commit-columns.ts'

/** A prepared form of the commit: its text, and the kinds of rows whose columns are its parameters, in order. */
export interface CommitStatement {
  readonly name: string
  readonly text: string
  readonly kinds: readonly CommitKind[]
}

/** Kinds that move a head; their guilds are who may write. */
const headKinds: ReadonlySet<CommitKind> = new Set(['heads', 'firstHeads'])

const guildMoved = '(v.guild_id IN (SELECT guild_id FROM head)) IS TRUE'

/** One common table expression per kind; `source` is its `unnest(…) AS v(…)`. */
const parts: Readonly<Record<CommitKind, (source: string) => string>> = {
  slots: (source) => `want AS MATERIALIZED (SELECT v.slot, v.fence FROM ${source}),
own AS MATERIALIZED (
  SELECT s.id FROM slot s JOIN want w ON w.slot = s.id AND w.fence = s.fence ORDER BY s.id FOR SHARE OF s)`,

  heads: (source) => `moved AS (
  UPDATE actor a SET seq = v.to_seq, head = v.head FROM ${source}
  WHERE a.guild_id = v.guild_id AND a.seq = v.from_seq AND (a.slot IN (SELECT id FROM own)) IS TRUE
  RETURNING a.guild_id)`,

  firstHeads: (source) => `first AS (
  INSERT INTO actor AS a (guild_id, slot, seq, head)
  SELECT v.guild_id, v.slot, v.to_seq, v.head FROM ${source} WHERE (v.slot IN (SELECT id FROM own)) IS TRUE
  ON CONFLICT (guild_id) DO UPDATE SET seq = excluded.seq, head = excluded.head
  WHERE a.seq = 0 AND a.slot = excluded.slot
  RETURNING a.guild_id)`,

  journal: (source) => `written_journal AS (
  INSERT INTO journal (guild_id, seq, fence, payload, hash)
  SELECT v.guild_id, v.seq, v.fence, v.payload, v.hash FROM ${source} WHERE ${guildMoved})`,

  opResults: (source) => `written_op_results AS (
  INSERT INTO op_result (guild_id, op_id, seq, result)
  SELECT v.guild_id, v.op_id, v.seq, v.result FROM ${source} WHERE ${guildMoved})`,

  cursors: (source) => `written_cursors AS (
  INSERT INTO cursor (slot, source, position)
  SELECT v.slot, v.source, v.position FROM ${source} WHERE (v.slot IN (SELECT id FROM own)) IS TRUE
  ON CONFLICT (slot, source) DO UPDATE SET position = excluded.position, at = now())`,

  alarmsSet: (source) => `set_alarms AS (
  INSERT INTO alarm (guild_id, purpose, slot, due_at, set_seq)
  SELECT v.guild_id, v.purpose, v.slot, v.due_at, v.set_seq FROM ${source} WHERE ${guildMoved}
  ON CONFLICT (guild_id, purpose) DO UPDATE
  SET slot = excluded.slot, due_at = excluded.due_at, set_seq = excluded.set_seq)`,

  alarmsCleared: (source) => `cleared_alarms AS (
  DELETE FROM alarm a USING ${source}
  WHERE a.guild_id = v.guild_id AND a.purpose = v.purpose AND ${guildMoved})`,

  outbox: (source) => `written_outbox AS (
  INSERT INTO outbox (guild_id, seq, ordinal, slot, target, kind, payload)
  SELECT v.guild_id, v.seq, v.ordinal, v.slot, v.target, v.kind, v.payload FROM ${source} WHERE ${guildMoved})`,

  settlements: (source) => `settled_outbox AS (
  UPDATE outbox o SET state = v.state, attempts = v.attempts, next_attempt_at = v.next_attempt_at,
    last_error = v.last_error, settled_at = CASE WHEN v.state = 'pending' THEN NULL ELSE now() END
  FROM ${source}
  WHERE o.guild_id = v.guild_id AND o.seq = v.seq AND o.ordinal = v.ordinal AND ${guildMoved})`,

  receipts: (source) => `written_receipts AS (
  INSERT INTO receipt (guild_id, sequence, record_id, type, key_id, signed, signature, payload_hash, prev_hash,
    issued_at, subject)
  SELECT v.guild_id, v.sequence, v.record_id::uuid, v.type, v.key_id::uuid, v.signed, v.signature, v.payload_hash,
    v.prev_hash, v.issued_at, v.subject FROM ${source} WHERE ${guildMoved})`,

  chainHeads: (source) => `written_chain_heads AS (
  INSERT INTO chain_head (guild_id, sequence, hash, key_id, signature)
  SELECT v.guild_id, v.sequence, v.hash, v.key_id::uuid, v.signature FROM ${source} WHERE ${guildMoved}
  ON CONFLICT (guild_id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
    key_id = excluded.key_id, signature = excluded.signature)`,

  receiptsVersion1: (source) => `written_receipts_version_1 AS (
  INSERT INTO receipt_version_1 (guild_id, sequence, signed, signature)
  SELECT v.guild_id, v.sequence, v.signed, v.signature FROM ${source} WHERE ${guildMoved})`,

  // The subject names the member: it goes with the bytes. What is left has its place, its hash and its signature.
  erasures: (source) => `erased_receipts AS (
  UPDATE receipt r SET signed = NULL, subject = NULL FROM ${source}
  WHERE r.guild_id = v.guild_id AND r.sequence = v.sequence AND r.payload_hash = v.payload_hash AND ${guildMoved}),
erased_receipts_version_1 AS (
  DELETE FROM receipt_version_1 o USING ${source}, receipt r
  WHERE r.guild_id = v.guild_id AND r.sequence = v.sequence AND r.payload_hash = v.payload_hash
    AND o.guild_id = v.guild_id AND o.sequence = v.sequence AND ${guildMoved}),
erased_attendance AS (
  UPDATE attendance a SET username = '', local_time = '', at = 0, status = 'removed' FROM ${source}, receipt r
  WHERE r.guild_id = v.guild_id AND r.sequence = v.sequence AND r.payload_hash = v.payload_hash
    AND a.guild_id = v.guild_id AND a.record_id = r.record_id AND ${guildMoved})`,

  guildKeys: (source) => `written_guild_keys AS (
  INSERT INTO guild_key AS k (key_id, guild_id, public_key, first_sequence, last_sequence, mode, sealed_private_key,
    key_wrap, statement, statement_signature, cluster_key_id, predecessor_signature)
  SELECT v.key_id::uuid, v.guild_id, v.public_key, v.first_sequence, v.last_sequence, v.mode, v.sealed_private_key,
    v.key_wrap, v.statement, v.statement_signature, v.cluster_key_id, v.predecessor_signature
  FROM ${source} WHERE ${guildMoved}
  ON CONFLICT (key_id) DO UPDATE SET last_sequence = excluded.last_sequence, mode = excluded.mode,
    sealed_private_key = excluded.sealed_private_key, key_wrap = excluded.key_wrap
  WHERE k.guild_id = excluded.guild_id)`,

  // A key changes once after it was made. Only this column: its wrap may be under a newer key-encryption key by now.
  keyClosings: (source) => `closed_guild_keys AS (
  UPDATE guild_key k SET last_sequence = v.last_sequence FROM ${source}
  WHERE k.key_id = v.key_id::uuid AND k.guild_id = v.guild_id AND ${guildMoved})`,

  waiting: (source) => `written_waiting AS (
  INSERT INTO waiting_record (guild_id, seq, ordinal, record_id, type, payload)
  SELECT v.guild_id, v.seq, 0, v.record_id::uuid, v.type, v.payload FROM ${source} WHERE ${guildMoved})`,

  sealedWaiting: (source) => `sealed_waiting AS (
  DELETE FROM waiting_record w USING ${source}
  WHERE w.guild_id = v.guild_id AND w.seq = v.seq AND ${guildMoved})`,

  secrets: (source) => `written_secrets AS (
  INSERT INTO guild_secret (guild_id, secret_id, sealed)
  SELECT v.guild_id, v.secret_id::uuid, v.sealed FROM ${source} WHERE ${guildMoved})`,

  forgottenSecrets: (source) => `forgotten_secrets AS (
  DELETE FROM guild_secret s USING ${source}
  WHERE s.guild_id = v.guild_id AND s.secret_id = v.secret_id::uuid AND ${guildMoved})`,

  // The day of the first registration stays: from then on a student is missed.
  students: (source) => `written_students AS (
  INSERT INTO student (guild_id, user_id, student_id, student_name, username, registered_at)
  SELECT v.guild_id, v.user_id, v.student_id, v.student_name, v.username, v.registered_at FROM ${source} WHERE ${guildMoved}
  ON CONFLICT (guild_id, user_id) DO UPDATE SET student_id = excluded.student_id,
    student_name = excluded.student_name, username = excluded.username)`,

  attendanceSessions: (source) => `written_attendance_sessions AS (
  INSERT INTO attendance_session AS t (guild_id, session_id, kind, opened_at, closed_at, date_id, change, interval_ms, rotates_from)
  SELECT v.guild_id, v.session_id, v.kind, v.opened_at, v.closed_at, v.date_id, v.change, v.interval_ms, v.rotates_from
  FROM ${source} WHERE ${guildMoved}
  ON CONFLICT (guild_id, session_id) DO UPDATE SET closed_at = coalesce(t.closed_at, excluded.closed_at),
    change = greatest(t.change, excluded.change))`,

  attendanceEntries: (source) => `written_attendance AS (
  INSERT INTO attendance (guild_id, session_id, user_id, username, at, local_time, date_id, status, record_id, change)
  SELECT v.guild_id, v.session_id, v.user_id, v.username, v.at, v.local_time, v.date_id, v.status, v.record_id::uuid, v.change
  FROM ${source} WHERE ${guildMoved}
  ON CONFLICT (guild_id, session_id, user_id) DO UPDATE SET username = excluded.username, at = excluded.at,
    local_time = excluded.local_time, date_id = excluded.date_id, status = excluded.status,
    record_id = excluded.record_id, change = excluded.change)`,

  // A panel that is gone has no name. Roles that stay are updated, those that left deleted: no row is touched twice.
  panels: (source) => `panel_rows AS MATERIALIZED (SELECT v.* FROM ${source} WHERE ${guildMoved}),
panel_roles AS MATERIALIZED (
  SELECT p.guild_id, p.panel_id, r.* FROM panel_rows p
  CROSS JOIN LATERAL json_to_recordset(p.roles::json) AS r(role_id int8, position int4, label text, emoji text,
    description text, temporary_ms int8, seats int4, required text, forbidden text, added_by int8)),
written_panels AS (
  INSERT INTO role_panel AS t (guild_id, panel_id, name, description, style, mode, least, most, color, channel_id, message_id)
  SELECT p.guild_id, p.panel_id, p.name, p.description, p.style, p.mode, p.least, p.most, p.color, p.channel_id, p.message_id
  FROM panel_rows p WHERE p.name IS NOT NULL
  ON CONFLICT (guild_id, panel_id) DO UPDATE SET name = excluded.name, description = excluded.description,
    style = excluded.style, mode = excluded.mode, least = excluded.least, most = excluded.most, color = excluded.color,
    channel_id = excluded.channel_id, message_id = excluded.message_id),
gone_panels AS (
  DELETE FROM role_panel t USING panel_rows p WHERE t.guild_id = p.guild_id AND t.panel_id = p.panel_id AND p.name IS NULL),
written_panel_roles AS (
  INSERT INTO role_panel_role AS t (guild_id, panel_id, role_id, position, label, emoji, description, temporary_ms, seats,
    required, forbidden, added_by)
  SELECT r.guild_id, r.panel_id, r.role_id, r.position, r.label, r.emoji, r.description, r.temporary_ms, r.seats,
    r.required, r.forbidden, r.added_by FROM panel_roles r
  ON CONFLICT (guild_id, panel_id, role_id) DO UPDATE SET position = excluded.position, label = excluded.label,
    emoji = excluded.emoji, description = excluded.description, temporary_ms = excluded.temporary_ms,
    seats = excluded.seats, required = excluded.required, forbidden = excluded.forbidden),
gone_panel_roles AS (
  DELETE FROM role_panel_role t USING panel_rows p
  WHERE t.guild_id = p.guild_id AND t.panel_id = p.panel_id AND NOT EXISTS (
    SELECT FROM panel_roles r WHERE r.guild_id = t.guild_id AND r.panel_id = t.panel_id AND r.role_id = t.role_id))`,
}

/** Nobody refused is the rule: then nothing but two NULLs comes back. */
const answerFor = (headCount: string): string => `SELECT
  CASE WHEN (SELECT count(*) FROM own) = (SELECT count(*) FROM want) THEN NULL
    ELSE ARRAY(SELECT id FROM own) END AS owned,
  CASE WHEN (SELECT count(*) FROM head) = ${headCount} THEN NULL
    ELSE ARRAY(SELECT guild_id FROM head) END AS moved`

function buildStatement(name: string, wanted: readonly CommitKind[]): CommitStatement {
  const moving: readonly CommitKind[] = wanted.filter((kind) => kind === 'slots' || headKinds.has(kind))
  const kinds = [...moving, ...wanted.filter((kind) => !moving.includes(kind))]
  const expressions = new Map<CommitKind, string>()
  const headCounts: string[] = []
  let parameter = 0
  for (const kind of kinds) {
    const columns = commitColumns[kind]
    if (headKinds.has(kind)) headCounts.push(`cardinality($${parameter + 1}::int8[])`)
    const arrays = columns.map((column) => `$${++parameter}::${column.type}[]`)
    expressions.set(kind, parts[kind](`unnest(${arrays.join(', ')}) AS v(${columns.map(({ name: column }) => column).join(', ')})`))
  }
  const of = (some: readonly CommitKind[]): string[] => some.map((kind) => expressions.get(kind) ?? '')
  const head = kinds.includes('firstHeads')
    ? 'SELECT guild_id FROM moved UNION ALL SELECT guild_id FROM first'
    : 'SELECT guild_id FROM moved'
  const all = [...of(moving), `head AS MATERIALIZED (${head})`, ...of(kinds.slice(moving.length))]
  return { name, kinds, text: `WITH ${all.join(',\n')}\n${answerFor(headCounts.join(' + '))}` }
}

/** Kinds that nearly every batch has. */
const everydayKinds: readonly CommitKind[] = ['slots', 'heads', 'journal', 'opResults', 'cursors']
/** Somebody waits for each of them: a click on a role, and what Discord said to it. */
const effectKinds: readonly CommitKind[] = ['outbox', 'settlements']
/** Kinds of features at work: sessions that end, alarms. */
const busyKinds: readonly CommitKind[] = [...effectKinds, 'alarmsSet', 'alarmsCleared', 'receipts', 'chainHeads']
/** Once in a guild's life, or nearly; and while its signing is locked. */
const rareKinds: readonly CommitKind[] = ['firstHeads', 'guildKeys', 'keyClosings', 'waiting', 'sealedWaiting', 'receiptsVersion1', 'erasures']

/** Code attendance: registrations, sessions that open and close, entries. */
const attendanceKinds: readonly CommitKind[] = ['secrets', 'forgottenSecrets', 'students', 'attendanceSessions', 'attendanceEntries']

/** From the cheapest to the one that can write everything. */
export const commitStatements: readonly CommitStatement[] = [
  buildStatement('muster-commit-everyday', everydayKinds),
  buildStatement('muster-commit-effects', [...everydayKinds, ...effectKinds]),
  buildStatement('muster-commit-busy', [...everydayKinds, ...busyKinds]),
  buildStatement('muster-commit-whole', [...everydayKinds, ...busyKinds, ...rareKinds]),
  buildStatement('muster-commit-attendance', [...everydayKinds, ...busyKinds, ...rareKinds, ...attendanceKinds]),
  buildStatement('muster-commit-panels', [...everydayKinds, ...busyKinds, ...rareKinds, ...attendanceKinds, 'panels']),
]
