/**
 * What rows say of a member's entry, as a front door reads it for a command that is asked again with it.
 */
import type { AttendanceFacts, AttendanceQuestion } from '../../actors/protocol/attendance-facts.ts'
import type { Command, Outcome } from '../../actors/protocol/command.ts'
import type { GuildId } from '../../kernel/ids.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'

/** null: the answer asks for nothing. */
export function questionOf(outcome: Outcome | null): AttendanceQuestion | null {
  return outcome?.status === 'answered' && outcome.reply.kind === 'facts-needed' ? outcome.reply.question : null
}

export function withFacts(database: MemoryDatabase, guildId: GuildId, asked: { readonly command: Command; readonly question: AttendanceQuestion }): Command {
  const { command, question } = asked
  return { ...command, facts: readFacts(database, guildId, question) } as Command
}

function readFacts(database: MemoryDatabase, guildId: GuildId, question: AttendanceQuestion): AttendanceFacts {
  const sessions = [...database.attendanceSessions.values()].filter((row) => row.guildId === guildId)
  const entries = [...database.attendanceEntries.values()].filter((row) => row.guildId === guildId)
  const { sessionId } = question
  if (sessionId === null) throw new Error('the load asks about sessions that it names')
  const own = entries.filter((row) => row.userId === question.userId)
  return {
    question,
    asOf: Math.max(0, ...[...sessions, ...entries].map(({ change }) => change)),
    chainSequence: database.chainHeads.get(guildId)?.sequence ?? 0,
    sessionId,
    isSessionKnown: sessions.some((row) => row.sessionId === sessionId),
    username: own[0]?.username ?? null,
    entries: own.filter((row) => row.sessionId === sessionId).map(({ recordId, status, dateId, at, localTime }) => {
      const receipt = [...database.receipts.values()].find((row) => row.guildId === guildId && row.recordId === recordId)
      const named = receipt === undefined ? null : { sequence: receipt.sequence, hash: Buffer.from(receipt.payloadHash).toString('hex') }
      return { sessionId, recordId, status, dateId, at, localTime, receipt: named }
    }),
  }
}
