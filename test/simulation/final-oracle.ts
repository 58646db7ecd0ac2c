/**
 * When all is quiet: what is in Postgres must be one consistent story, and every memory must agree with it.
 */
import { createHash } from 'node:crypto'
import type { GuildId, Sequence } from '../../kernel/ids.ts'
import type { BehaviourRegistry } from '../../actors/behaviours/registry.ts'
import type { GuildState } from '../../actors/runtime/guild-state.ts'
import { emptyGuildState, evolveGuild } from '../../actors/runtime/guild-state.ts'
import { parseJournalText } from '../../actors/runtime/journal-entry.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'
import type { ActorProcess } from './actor-process.ts'
import type { History } from './history.ts'
import { finalOutcome, leavesTrace } from './history.ts'
import type { JournalOracle } from './journal-oracle.ts'
import type { Verdict } from './verdict.ts'
import { judgeClassBooks } from './class-books.ts'
import { judgeVoiceBooks } from './voice-books.ts'

export interface FinalOracleDeps {
  readonly database: MemoryDatabase
  readonly journal: JournalOracle
  readonly history: History
  readonly actors: readonly ActorProcess[]
  readonly registry: BehaviourRegistry
  readonly verdict: Verdict
}

export function judgeEnd(deps: FinalOracleDeps): void {
  for (const guildId of deps.journal.guilds.keys()) {
    const state = replay(deps, guildId)
    checkMemories(deps, guildId, state)
    judgeVoiceBooks(deps, guildId, state)
    judgeClassBooks(deps, guildId)
    checkAlarmRows(deps, guildId, state)
    checkReceipts(deps, guildId, state)
  }
  checkOperations(deps)
  checkDispatches(deps)
  checkOutbox(deps)
}

/** Every row hashes to the next, and the chain ends at the head (I2). */
function replay({ database, registry, verdict }: FinalOracleDeps, guildId: GuildId): GuildState {
  const state = emptyGuildState()
  let head: Uint8Array = new Uint8Array(32)
  let seq = 0
  for (const row of database.journal.get(guildId)?.values() ?? []) {
    seq += 1
    head = createHash('sha256').update(head).update(row.payload, 'utf8').digest()
    if (row.seq !== seq) verdict.fail('I2', `guild ${guildId}: row ${row.seq} where ${seq} should be`)
    if (!Buffer.from(head).equals(row.hash)) verdict.fail('I2', `guild ${guildId}: hash broken at ${row.seq}`)
    evolveGuild(state, parseJournalText(row.payload), registry)
  }
  const actor = database.actors.get(guildId)
  if (actor?.seq !== (seq as Sequence) || !Buffer.from(head).equals(actor.head)) {
    verdict.fail('I2', `guild ${guildId}: the head is not the end of the journal`)
  }
  return state
}

/** I11: who holds the guild in memory holds what the journal replays to. */
function checkMemories({ actors, verdict }: FinalOracleDeps, guildId: GuildId, state: GuildState): void {
  for (const actor of actors) {
    const activation = actor.runtime?.catalog.find(guildId)
    if (activation === undefined || activation.phase !== 'active') continue
    verdict.count('memory compared with replay')
    const [memory, journal] = [canonical(activation.state), canonical(state)]
    if (memory !== journal) verdict.fail('I11', `guild ${guildId}: memory ${memory} is not the replay ${journal}`)
  }
}

/** Keys sorted: the order in which they were set is nobody's business. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

/** Receipts are dense, chained, and end where the state and the stored head say. */
function checkReceipts({ database, verdict }: FinalOracleDeps, guildId: GuildId, state: GuildState): void {
  const receipts = [...database.receipts.values()]
    .filter((receipt) => receipt.guildId === guildId)
    .sort((a, b) => a.sequence - b.sequence)
  let previous: Uint8Array = new Uint8Array(32)
  for (const [index, receipt] of receipts.entries()) {
    if (receipt.sequence !== index + 1) verdict.fail('I2', `guild ${guildId}: receipt ${receipt.sequence} is number ${index + 1}`)
    if (!Buffer.from(receipt.prevHash).equals(previous)) verdict.fail('I2', `guild ${guildId}: receipt chain broken`)
    previous = receipt.payloadHash
  }
  if (state.chain.sequence !== receipts.length) verdict.fail('I2', `guild ${guildId}: receipts and chain disagree`)
  const head = database.chainHeads.get(guildId)
  if ((head?.sequence ?? 0) !== receipts.length) verdict.fail('I2', `guild ${guildId}: the chain's head is not its last receipt`)
}

/** The alarms of the state and the alarm rows are the same. */
function checkAlarmRows({ database, verdict }: FinalOracleDeps, guildId: GuildId, state: GuildState): void {
  const stored = [...database.alarms.values()]
    .filter((row) => row.guildId === guildId)
    .map((row) => `${row.purpose} ${row.dueAt} ${row.setSeq}`)
  const wanted = Object.entries(state.alarms).map(([key, alarm]) => `${key} ${alarm.dueAt} ${alarm.setSeq}`)
  if (stored.sort().join() !== wanted.sort().join()) {
    verdict.fail('I4', `guild ${guildId}: alarm rows ${stored.join()} are not the state's ${wanted.join()}`)
  }
}

/** I4: what was acknowledged is in the journal, once; what was refused for good is not. */
function checkOperations({ history, journal, verdict }: FinalOracleDeps): void {
  for (const operation of history.operations) {
    const { guildId, opId, kind } = operation
    if (kind === 'read' || kind === 'voice-read') continue
    const isWritten = journal.account(guildId).spans.has(opId)
    const outcome = finalOutcome(operation)
    if (outcome !== null && !isWritten && leavesTrace(operation, outcome)) verdict.fail('I4', `${opId} was answered ${outcome.status} and is not in the journal`)
    if (kind === 'break' && outcome?.status === 'answered') verdict.fail('bug', `${opId} cannot be decided and was answered`)
    if (kind !== 'break' && outcome?.status === 'refused') verdict.fail('bug', `${opId} was rejected and is no bug`)
  }
}

/** A dispatch that was taken by a life that neither died nor lost the slot is applied. */
function checkDispatches({ journal, actors, verdict }: FinalOracleDeps): void {
  const living = new Set(actors.map(({ machine }) => `${machine.name}:${machine.life}`))
  for (const dispatch of journal.dispatches) {
    if (!dispatch.isUnique || dispatch.mayBeLost || !living.has(dispatch.takenBy)) continue
    if (journal.account(dispatch.guildId).spans.has(dispatch.opId)) continue
    verdict.fail('I7', `dispatch ${dispatch.opId} was taken and never applied`)
  }
}

/** I4: one outbox row for each append that posts, none without its event; each is settled once and says so. */
function checkOutbox({ database, journal, verdict }: FinalOracleDeps): void {
  for (const row of database.outbox.values()) {
    const { feature, payload } = JSON.parse(row.payload) as { feature: string; payload: { value: string } }
    if (row.state === 'pending') verdict.fail('quiescence', `outbox row ${row.guildId} ${row.seq} is still pending`)
    if (feature !== 'ledger') continue
    const account = journal.account(row.guildId)
    const isThere = account.values.filter((known) => known === payload.value).length === 1
    if (!isThere) verdict.fail('I4', `an outbox row posts ${payload.value}, which is not in the journal once`)
  }
}
