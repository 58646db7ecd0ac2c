/**
 * Code attendance at the end of a run: who was answered "recorded" is in the records exactly once, nobody is in them who
 * sent no right code, and every record has its receipt.
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { AttendanceEvent, AttendanceReply, SubmitCode } from '../../actors/protocol/attendance.ts'
import type { OpenedSession } from '../../actors/protocol/code-session.ts'
import { parseJournalText } from '../../actors/runtime/journal-entry.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'
import { isRight } from './draw-class-plan.ts'
import type { History } from './history.ts'
import { finalOutcome } from './history.ts'
import type { Verdict } from './verdict.ts'

interface Books {
  readonly database: MemoryDatabase
  readonly history: History
  readonly verdict: Verdict
}

/** By session id: who was recorded in it, as the journal tells. */
type Recorded = Map<string, Set<string>>

export function judgeClassBooks(books: Books, guildId: GuildId): void {
  const { verdict } = books
  const fail = (what: string): void => verdict.fail('I4', `guild ${guildId}: ${what}`)
  const { recorded, byOp, closed } = readJournal(books, guildId, fail)
  const rows = [...books.database.attendanceEntries.values()].filter((row) => row.guildId === guildId)
  for (const sessionId of closed) {
    verdict.count('class closed')
    const listed = rows.filter((row) => row.sessionId === sessionId)
    const wanted = recorded.get(sessionId) ?? new Set()
    const users = new Set(listed.map(({ userId }) => String(userId)))
    if (listed.length !== wanted.size || [...wanted].some((user) => !users.has(user))) fail(`class ${sessionId} lists ${[...users].join()}, recorded were ${[...wanted].join()}`)
    for (const { recordId } of listed) {
      const receipts = [...books.database.receipts.values()].filter((receipt) => receipt.guildId === guildId && receipt.recordId === recordId)
      if (receipts.length !== 1) fail(`record ${recordId} has ${receipts.length} receipts`)
    }
  }
  for (const operation of books.history.operations) {
    const outcome = operation.guildId === guildId ? finalOutcome(operation) : null
    const reply = outcome?.status === 'answered' ? (outcome.reply as AttendanceReply) : null
    if (reply?.kind !== 'code-recorded') continue
    verdict.count(reply.isRepeated ? 'class: recorded again' : 'class: recorded')
    // A submission that a later one overtook is told that it stands, and writes nothing.
    if (!reply.isRepeated && !byOp.has(operation.opId)) fail(`${operation.opId} was told "recorded" and is not in the journal`)
  }
  if (books.history.operations.some((operation) => isRefusedAs(operation, 'wrong-code'))) verdict.count('class: wrong code')
}

function isRefusedAs(operation: History['operations'][number], reason: string): boolean {
  const outcome = finalOutcome(operation)
  return outcome?.status === 'answered' && (outcome.reply as { readonly reason?: string }).reason === reason
}

function readJournal(
  { database, history, verdict }: Books,
  guildId: GuildId,
  fail: (what: string) => void,
): { readonly recorded: Recorded; readonly byOp: ReadonlySet<string>; readonly closed: readonly string[] } {
  const recorded: Recorded = new Map()
  const byOp = new Set<string>()
  const closed: string[] = []
  let open: OpenedSession | null = null
  const opened = new Map<string, OpenedSession>()
  for (const row of database.journal.get(guildId)?.values() ?? []) {
    const entry = parseJournalText(row.payload)
    if (entry.feature !== 'code-attendance') continue
    const event = entry.event as AttendanceEvent
    if (event.kind === 'code-session-opened') {
      open = event
      opened.set(event.sessionId, event)
    }
    if (event.kind === 'code-session-closed') {
      closed.push(event.sessionId)
      open = null
    }
    const session = event.kind === 'code-submitted' ? open : event.kind === 'attendance-recorded' ? (opened.get(event.sessionId) ?? null) : null
    if ((event.kind !== 'code-submitted' && event.kind !== 'attendance-recorded') || session === null) continue
    if (event.kind === 'attendance-recorded') verdict.count('class: recorded after its end')
    byOp.add(entry.opId)
    recorded.set(session.sessionId, (recorded.get(session.sessionId) ?? new Set()).add(event.userId))
    const typed = history.find(guildId, entry.opId)?.command as SubmitCode | undefined
    if (typed === undefined || !isRight(guildId, session, typed)) fail(`${entry.opId} was recorded and sent no right code`)
  }
  return { recorded, byOp, closed }
}
