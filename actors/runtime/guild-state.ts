/**
 * One guild's whole state: each feature's part, the receipt chain, the pending alarms, the time of the newest event.
 *
 * It is plain JSON, and a pure function of the journal: replaying the same entries gives the same bytes (I11). Alarms
 * are derived from the features after every event; what is kept of them is when they were set, because that names the
 * op id under which an alarm takes effect once.
 */
import { assert } from '../../kernel/assert.ts'
import type { OpId, Sequence } from '../../kernel/ids.ts'
import type { BehaviourRegistry, ErasedBehaviour, JournaledEvent } from '../behaviours/registry.ts'
import type { EffectResult } from '../protocol/effect.ts'
import type { ChainState, ReceiptIssued } from '../records/chain-state.ts'
import { evolveChain, initialChain } from '../records/chain-state.ts'
import { noteDispatch } from './dispatch-marks.ts'
import type { DispatchMark } from './dispatch-marks.ts'
import type { SigningEvent } from '../protocol/signing.ts'
import { evolveSigning, initialSigning, noteReceipt } from './signing-state.ts'
import type { SigningState } from './signing-state.ts'

/** Feature name of the runtime's own events. */
export const runtimeFeature = 'runtime'

export interface CommandRejected {
  readonly kind: 'command-rejected'
  readonly opId: OpId
  readonly feature: string
  readonly command: string
  /** What failed, in words for an operator; never the content of the command. */
  readonly reason: string
}

/** What became of an outbox row. */
export interface EffectSettled {
  readonly kind: 'effect-settled'
  readonly seq: number
  readonly ordinal: number
  readonly result: EffectResult['kind']
  readonly reason: string | null
}

export type RuntimeEvent = ReceiptIssued | CommandRejected | EffectSettled | SigningEvent

/** One line of the journal, before it is text. */
export interface JournalEntry {
  readonly seq: Sequence
  /** Unix ms, database's clock; never decreasing per guild (I13). */
  readonly at: number
  readonly opId: OpId
  readonly feature: string
  readonly event: JournaledEvent | RuntimeEvent
}

export interface PendingAlarm {
  readonly feature: string
  readonly purpose: string
  readonly dueAt: number
  readonly setSeq: number
}

export interface GuildState {
  at: number
  /** The gateway's dispatches that had their effect. */
  dispatches: readonly DispatchMark[]
  chain: ChainState
  /** null until something of it differs from its beginning: memory stays small. */
  signing: SigningState | null
  /** By `feature/purpose`. */
  alarms: Record<string, PendingAlarm>
  /** Alarms whose command was rejected, by key: not set again until the feature wants another instant. */
  rejectedAlarms: Record<string, number>
  features: Record<string, { version: number; state: object }>
}

export function emptyGuildState(): GuildState {
  return { at: 0, dispatches: [], chain: initialChain(), signing: null, alarms: {}, rejectedAlarms: {}, features: {} }
}

/** A feature's part, or how it starts. What is returned for an untouched feature is not stored: memory stays small. */
export function featureState(state: GuildState, behaviour: ErasedBehaviour): object {
  return state.features[behaviour.feature]?.state ?? behaviour.initial()
}

/** Applies one journal entry in place. */
export function evolveGuild(state: GuildState, entry: JournalEntry, registry: BehaviourRegistry): void {
  assert(entry.at >= state.at, 'I13: event time decreased')
  state.at = entry.at
  state.dispatches = noteDispatch(state.dispatches, entry.opId)
  if (entry.feature === runtimeFeature) {
    evolveRuntime(state, entry, registry)
    return
  }
  const behaviour = registry.get(entry.feature)
  assert(behaviour !== undefined, `journal names a feature that is not registered: ${entry.feature}`)
  const next = behaviour.evolve(featureState(state, behaviour), entry.event, entry.at)
  state.features[entry.feature] = { version: behaviour.stateVersion, state: next }
  if (behaviour.alarms !== undefined) deriveAlarms(state, behaviour, next, entry.seq)
}

function evolveRuntime(state: GuildState, entry: JournalEntry, registry: BehaviourRegistry): void {
  const event = entry.event as RuntimeEvent
  switch (event.kind) {
    case 'receipt-issued':
      state.chain = evolveChain(state.chain, event)
      if (state.signing !== null) noteReceipt(state.signing, event)
      tellReceipt(state, event, registry)
      return
    case 'effect-settled':
      // An outcome changes the feature's state by that feature's own events, which come with it.
      return
    case 'command-rejected':
      rejectAlarm(state, event)
      return
    default:
      state.signing ??= initialSigning()
      evolveSigning(state.signing, event, entry.seq)
  }
}

/** Features whose records are amended later keep where their receipts stand. */
function tellReceipt(state: GuildState, receipt: ReceiptIssued, registry: BehaviourRegistry): void {
  for (const behaviour of registry.values()) {
    const part = state.features[behaviour.feature]
    if (part !== undefined && behaviour.evolveReceipt !== undefined) part.state = behaviour.evolveReceipt(part.state, receipt)
  }
}

function rejectAlarm(state: GuildState, event: CommandRejected): void {
  const alarm = Object.entries(state.alarms).find(([key, pending]) => isAlarmOp(event.opId, key, pending.setSeq))
  if (alarm === undefined) return
  state.rejectedAlarms[alarm[0]] = alarm[1].dueAt
  delete state.alarms[alarm[0]]
}

function deriveAlarms(state: GuildState, behaviour: ErasedBehaviour, featureStateNow: object, seq: Sequence): void {
  const wanted = new Map(
    (behaviour.alarms?.(featureStateNow) ?? []).map((alarm) => [`${behaviour.feature}/${alarm.purpose}`, alarm]),
  )
  for (const [key, pending] of Object.entries(state.alarms)) {
    if (pending.feature === behaviour.feature && !wanted.has(key)) delete state.alarms[key]
  }
  for (const [key, alarm] of wanted) {
    if (state.alarms[key]?.dueAt === alarm.dueAt || state.rejectedAlarms[key] === alarm.dueAt) continue
    delete state.rejectedAlarms[key]
    state.alarms[key] = { feature: behaviour.feature, purpose: alarm.purpose, dueAt: alarm.dueAt, setSeq: seq }
  }
}

const alarmOpSuffix = (key: string, setSeq: number): string => `${key}:${setSeq}`

/** `alarm:{guild}:{feature}/{purpose}:{seq at which it was set}`. */
export function alarmOpId(guild: string, key: string, setSeq: number): string {
  return `alarm:${guild}:${alarmOpSuffix(key, setSeq)}`
}

function isAlarmOp(op: OpId, key: string, setSeq: number): boolean {
  return op.startsWith('alarm:') && op.endsWith(`:${alarmOpSuffix(key, setSeq)}`)
}

/** True while some feature needs this guild in memory. */
export function hasOpenWork(state: GuildState, registry: BehaviourRegistry): boolean {
  for (const behaviour of registry.values()) {
    const part = state.features[behaviour.feature]
    if (part !== undefined && behaviour.hasOpenWork(part.state)) return true
  }
  return false
}

/** Entries over all features, for the snapshot rule. */
export function entryCount(state: GuildState, registry: BehaviourRegistry): number {
  let count = 0
  for (const behaviour of registry.values()) {
    const part = state.features[behaviour.feature]
    if (part !== undefined) count += behaviour.entryCount(part.state)
  }
  return count
}

/** A stored state (snapshot) as today's: each part upgraded by its own feature. Unknown features are kept as they are. */
export function upgradeGuildState(stored: GuildState, registry: BehaviourRegistry): GuildState {
  // Snapshots that are older than signing's part have no such field.
  stored.signing ??= null
  // Snapshots that are older than this part have no such field.
  stored.dispatches ??= []
  for (const [feature, part] of Object.entries(stored.features)) {
    const behaviour = registry.get(feature)
    if (behaviour === undefined || part.version === behaviour.stateVersion) continue
    part.state = behaviour.upgrade(part.state, part.version)
    part.version = behaviour.stateVersion
  }
  return stored
}
