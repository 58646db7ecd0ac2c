/**
 * The question how many entries a guild has and which is the last, and its answer as it is written down.
 */
import type { Outcome } from '../../actors/protocol/command.ts'
import type { GuildId, OpId } from '../../kernel/ids.ts'
import { asCommand, asLedgerReply } from '../simulation/ledger.ts'
import { machineMs } from './machine-time.ts'
import type { ClientRecord } from './record.ts'

export const readCommand = asCommand({ feature: 'ledger', kind: 'read' })

/** Null: it was refused, and nothing was learnt. */
export function readRecord(
  question: { readonly askedAt: number; readonly guildId: GuildId; readonly opId: OpId },
  outcome: Outcome,
): ClientRecord | null {
  if (outcome.status === 'refused') return null
  const reply = asLedgerReply(outcome.reply)
  if (reply.kind !== 'ledger') throw new Error(`a read was answered ${JSON.stringify(reply)}`)
  return { ...question, kind: 'read', at: machineMs(), count: reply.count, last: reply.last }
}
