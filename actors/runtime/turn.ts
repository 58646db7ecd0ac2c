/**
 * One turn of a mailbox: a command decided, its events applied, its records sealed. Synchronous and without I/O.
 *
 * What comes out is data: the answer, the sequence it depends on, and the rows that one commit must write together.
 * A throw in here is a bug of a behaviour; the caller drops the activation, because the state may be half changed.
 */
import { assert } from '../../kernel/assert.ts'
import type { GuildId, OpId, Sequence, Slot } from '../../kernel/ids.ts'
import { sequence } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { BehaviourRegistry, ErasedBehaviour, JournaledEvent } from '../behaviours/registry.ts'
import type { Command, Outcome, Reply } from '../protocol/command.ts'
import type { PanelRow } from '../protocol/role-panel.ts'
import type { AdvisoryEffect, OutboxEffect, SettleEffectCommand } from '../protocol/effect.ts'
import type { Tier } from '../protocol/voice-settings.ts'
import type { Sealer } from '../records/sealer.ts'
import type { UnlockedKey } from '../records/unlocked-key.ts'
import type { GuildState, JournalEntry, RuntimeEvent } from './guild-state.ts'
import { evolveGuild, featureState, runtimeFeature } from './guild-state.ts'
import { journalHash, journalText } from './journal-entry.ts'
import type { GuildSecrets } from '../records/guild-secret.ts'
import { hmacOf, noSecrets } from '../records/guild-secret.ts'
import type {
  AlarmRow,
  ForgottenSecretRow,
  GuildSecretRow,
  JournalRow,
  OfGuild,
  OutboxRow,
  OutboxSettlement,
} from './ports.ts'
import type { AttendanceEntryRow, AttendanceSessionRow, StudentRow } from '../protocol/attendance-rows.ts'
import type { Decision } from '../protocol/behaviour.ts'
import type { SealingRows, SealingTurn } from './record-sealing.ts'
import { dropsRecords, settleRecord } from './record-sealing.ts'
import { announceSigning } from './signing-announcement.ts'
import { decideSigning } from './signing-turn.ts'

/** A guild in memory as a turn sees it. `head` and `seq` run ahead of what is durable. */
export interface LiveGuild {
  readonly guildId: GuildId
  readonly slot: Slot
  state: GuildState
  seq: Sequence
  head: Uint8Array
  key: UnlockedKey | null
  secrets?: GuildSecrets
}

/** Rows of one turn; the fence is added when the batch is built. */
export interface TurnRows extends SealingRows {
  readonly journal: Omit<JournalRow, 'fence'>[]
  readonly alarms: AlarmRow[]
  readonly outbox: OutboxRow[]
  readonly secrets: GuildSecretRow[]
  readonly forgottenSecrets: ForgottenSecretRow[]
  readonly students: OfGuild<StudentRow>[]
  readonly attendanceSessions: OfGuild<AttendanceSessionRow>[]
  readonly attendanceEntries: OfGuild<AttendanceEntryRow>[]
  readonly panels: OfGuild<PanelRow>[]
  /** The outbox row whose outcome this turn took in. */
  settlement: OutboxSettlement | null
}

export interface TurnResult {
  readonly outcome: Outcome
  readonly rows: TurnRows
  readonly advisory: readonly AdvisoryEffect[]
  /** Not to be remembered as the answer to its op. */
  readonly isTransient?: boolean
}

export interface TurnDeps {
  readonly registry: BehaviourRegistry
  readonly sealer: Sealer
  readonly defaultTier?: Tier | undefined
  random(length: number): Uint8Array
}

export interface TurnInput {
  readonly opId: OpId
  readonly command: Command
  /** Unix ms, database's clock; not below the state's (I13). */
  readonly now: number
}

/** Decides, evolves, seals. */
export function runTurn(deps: TurnDeps, guild: LiveGuild, input: TurnInput): TurnResult {
  const behaviour = deps.registry.get(input.command.feature)
  if (behaviour?.reads.has(input.command.kind) === true) return runRead(deps, guild, input, behaviour)
  const rows = emptyRows()
  const alarmsBefore = { ...guild.state.alarms }
  const decided = decideAny(deps, guild, rows, input)
  rows.alarms.push(...alarmChanges(guild, alarmsBefore))
  const isTransient = decided.isTransient === true
  assert(!isTransient || rows.journal.length === 0, 'an answer that is not remembered decided nothing')
  return { outcome: { status: 'answered', reply: decided.reply }, rows, advisory: decided.advisory, isTransient }
}

/** A turn that only looks: nothing can have changed, so nothing is compared and no rows are gathered. */
function runRead(deps: TurnDeps, guild: LiveGuild, input: TurnInput, behaviour: ErasedBehaviour): TurnResult {
  const { events, reply, records, effects } = behaviour.decide(featureState(guild.state, behaviour), input.command, {
    guildId: guild.guildId,
    opId: input.opId,
    now: input.now,
    random: (length) => deps.random(length),
  })
  const isSilent = events.length === 0 && (records?.length ?? 0) === 0 && (effects?.length ?? 0) === 0
  assert(isSilent, `a command that only reads decided something: ${input.command.kind}`)
  return { outcome: { status: 'answered', reply }, rows: noRows, advisory: [] }
}

function decideAny(deps: TurnDeps, guild: LiveGuild, rows: TurnRows, input: TurnInput): Decided {
  const { command } = input
  if (command.feature === 'runtime') return settleEffect(deps, guild, rows, { ...input, command })
  if (command.feature !== 'signing') return decide(deps, guild, rows, input)
  const turn = sealingTurn(deps, guild, rows, input)
  const append: SealingTurn['append'] = (event) => {
    const seq = turn.append(event)
    for (const { feature, effect } of announceSigning(deps.registry, guild.state, event)) wish(guild, rows, { feature, opId: input.opId }, effect)
    return seq
  }
  return { reply: decideSigning({ ...turn, append }, command), advisory: [] }
}

/** An effect that must happen, under the newest event of the turn; the command's op id goes along, to be followed by. */
function wish(guild: LiveGuild, rows: TurnRows, by: { readonly feature: string; readonly opId: OpId }, { target, kind, payload }: OutboxEffect): void {
  const place = { guildId: guild.guildId, slot: guild.slot, seq: guild.seq, ordinal: rows.outbox.length }
  rows.outbox.push({ ...place, target, kind, payload: JSON.stringify({ feature: by.feature, payload, trace: by.opId }) })
}

interface Decided {
  readonly reply: Reply
  readonly advisory: readonly AdvisoryEffect[]
  readonly isTransient?: boolean
}

function decide(deps: TurnDeps, guild: LiveGuild, rows: TurnRows, input: TurnInput): Decided {
  const behaviour = deps.registry.get(input.command.feature)
  assert(behaviour !== undefined, `no behaviour for feature ${input.command.feature}`)
  const decision = behaviour.decide(featureState(guild.state, behaviour), input.command, {
    guildId: guild.guildId,
    opId: input.opId,
    now: input.now,
    dropsRecords: dropsRecords(guild),
    ...(deps.defaultTier === undefined ? {} : { defaultTier: deps.defaultTier }),
    hmac: hmacOf(guild.secrets ?? noSecrets),
    random: (length) => deps.random(length),
  })
  for (const event of decision.events) append(deps, guild, rows, { ...input, feature: behaviour.feature, event })
  keepRows(guild, rows, decision)
  changeSecrets(deps, guild, rows, decision)
  for (const draft of decision.records ?? []) settleRecord(sealingTurn(deps, guild, rows, input), draft)
  const effects = decision.effects ?? []
  assert(effects.length === 0 || decision.events.length > 0, 'an effect needs an event that caused it')
  for (const effect of effects) if (effect.delivery === 'outbox') wish(guild, rows, { feature: behaviour.feature, opId: input.opId }, effect)
  const advisory = effects.filter((effect) => effect.delivery === 'advisory')
  return { reply: decision.reply, advisory, isTransient: decision.isTransient === true }
}

type AnyDecision = Decision<JournaledEvent, Reply>

function keepRows({ guildId }: LiveGuild, rows: TurnRows, decision: AnyDecision): void {
  assert(decision.events.length > 0 || (decision.panelRows ?? []).length === 0, 'rows need an event that tells of them')
  for (const row of decision.panelRows ?? []) rows.panels.push({ ...row, guildId })
  if (decision.rows === undefined) return
  assert(decision.events.length > 0, 'rows need an event that tells of them')
  for (const row of decision.rows.students) rows.students.push({ ...row, guildId })
  for (const row of decision.rows.sessions) rows.attendanceSessions.push({ ...row, guildId })
  for (const row of decision.rows.entries) rows.attendanceEntries.push({ ...row, guildId })
}

/** Drawn and encrypted here, so that no behaviour, event or answer ever holds one. */
function changeSecrets(deps: TurnDeps, guild: LiveGuild, rows: TurnRows, decision: AnyDecision): void {
  const { secretsMade = [], secretsForgotten = [] } = decision
  assert(decision.events.length > 0 || (secretsMade.length === 0 && secretsForgotten.length === 0), 'a secret needs an event that tells of it')
  for (const secretId of secretsMade) {
    const { guildId } = guild
    const made = deps.sealer.makeSecret({ guildId, secretId, random: (length) => deps.random(length) })
    guild.secrets = new Map([...(guild.secrets ?? noSecrets), [secretId, made.secret]])
    rows.secrets.push({ guildId, secretId, sealed: made.sealed })
  }
  for (const secretId of secretsForgotten) {
    guild.secrets = new Map([...(guild.secrets ?? noSecrets)].filter(([id]) => id !== secretId))
    rows.forgottenSecrets.push({ guildId: guild.guildId, secretId })
  }
}

/**
 * Takes the outcome of an outbox row in: what it means to its feature, and that it is settled, in one commit. An
 * `impossible` effect is done with, as far as the outbox goes; a dead one stays visible until somebody looks.
 */
function settleEffect(
  deps: TurnDeps,
  guild: LiveGuild,
  rows: TurnRows,
  input: TurnInput & { command: SettleEffectCommand },
): Decided {
  const { seq, ordinal, effect, result } = input.command
  const meaning = deps.registry.get(effect.feature)?.onEffectSettled?.(effect, result) ?? null
  const advisory = meaning === null ? [] : decide(deps, guild, rows, { ...input, command: meaning }).advisory
  const reason = result.kind === 'done' ? null : result.reason
  const event: RuntimeEvent = { kind: 'effect-settled', seq, ordinal, result: result.kind, reason }
  append(deps, guild, rows, { ...input, feature: runtimeFeature, event })
  rows.settlement = settlementOf(guild, input.command, result.kind === 'dead' ? 'dead' : 'done', reason)
  return { reply: { kind: 'effect-settled' }, advisory }
}

function settlementOf(
  guild: LiveGuild,
  { seq, ordinal, attempts }: SettleEffectCommand,
  state: 'done' | 'dead',
  lastError: string | null,
): OutboxSettlement {
  return { guildId: guild.guildId, seq: sequence(seq), ordinal, state, attempts, nextAttemptAt: 0, lastError }
}

/** Journals that a command is passed over after it failed too often: visible, and final for its op id. */
export function runRejection(deps: TurnDeps, guild: LiveGuild, input: TurnInput & { reason: string }): TurnResult {
  const rows = emptyRows()
  const alarmsBefore = { ...guild.state.alarms }
  const event: RuntimeEvent = {
    kind: 'command-rejected',
    opId: input.opId,
    feature: input.command.feature,
    command: input.command.kind,
    reason: input.reason.slice(0, 500),
  }
  append(deps, guild, rows, { ...input, feature: runtimeFeature, event })
  // The row whose outcome breaks its guild is a dead letter: somebody must look at it.
  if (input.command.feature === 'runtime') rows.settlement = settlementOf(guild, input.command, 'dead', input.reason)
  rows.alarms.push(...alarmChanges(guild, alarmsBefore))
  return { outcome: { status: 'refused', reason: 'rejected' }, rows, advisory: [] }
}

/** Of a turn that writes nothing yet. */
export const emptyRows = (): TurnRows => ({
  journal: [],
  alarms: [],
  outbox: [],
  secrets: [],
  forgottenSecrets: [],
  students: [],
  attendanceSessions: [],
  attendanceEntries: [],
  panels: [],
  receipts: [],
  receiptsVersion1: [],
  erasures: [],
  guildKeys: [],
  keyClosings: [],
  waiting: [],
  sealedWaiting: [],
  chainHead: null,
  settlement: null,
})

/** Of every read; nobody writes into it, because a turn without events is not committed. */
const noRows: TurnRows = emptyRows()

function append(
  deps: TurnDeps,
  guild: LiveGuild,
  rows: TurnRows,
  input: { opId: OpId; now: number; feature: string; event: JournaledEvent | RuntimeEvent },
): void {
  const seq = sequence(guild.seq + 1)
  const entry: JournalEntry = { seq, at: input.now, opId: input.opId, feature: input.feature, event: input.event }
  const payload = journalText(entry)
  const hash = journalHash(guild.head, payload)
  evolveGuild(guild.state, entry, deps.registry)
  guild.seq = seq
  guild.head = hash
  rows.journal.push({ guildId: guild.guildId, seq, payload, hash })
  assert(rows.journal.length <= limits.commitBatchEventsMax, 'a turn decided more events than a commit holds')
}

function sealingTurn(deps: TurnDeps, guild: LiveGuild, rows: TurnRows, input: { opId: OpId; now: number }): SealingTurn {
  return {
    sealer: deps.sealer,
    guild,
    rows,
    now: input.now,
    random: (length) => deps.random(length),
    append: (event) => {
      append(deps, guild, rows, { ...input, feature: runtimeFeature, event })
      return guild.seq
    },
  }
}

function alarmChanges(guild: LiveGuild, before: GuildState['alarms']): AlarmRow[] {
  const changes: AlarmRow[] = []
  const place = { guildId: guild.guildId, slot: guild.slot, setSeq: guild.seq }
  for (const [key, alarm] of Object.entries(guild.state.alarms)) {
    if (before[key]?.setSeq === alarm.setSeq) continue
    changes.push({ ...place, purpose: key, dueAt: alarm.dueAt, setSeq: sequence(alarm.setSeq) })
  }
  for (const key of Object.keys(before)) {
    if (guild.state.alarms[key] === undefined) changes.push({ ...place, purpose: key, dueAt: null })
  }
  return changes
}
