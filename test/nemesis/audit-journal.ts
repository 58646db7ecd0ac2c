/**
 * The judge of one guild's journal by itself, pure: dense (I2), chained to its head, under fences that never decrease (I1),
 * in time that never does (I13). What its events mean is for others to judge.
 */
import { createHash } from 'node:crypto'

export interface JournalRows {
  readonly guildId: string
  readonly head: { readonly seq: number; readonly hash: Buffer } | null
  readonly journal: readonly { readonly seq: number; readonly fence: number; readonly payload: string; readonly hash: Buffer }[]
}

export interface JournalEntry<Event> {
  readonly seq: number
  readonly fence: number
  readonly at: number
  readonly op: string
  readonly event: Event
}

export interface JournalFindings<Event> {
  readonly entries: readonly JournalEntry<Event>[]
  readonly holes: readonly string[]
  /** Chain, head, fence, time. */
  readonly wrongRows: readonly string[]
}

export function auditJournal<Event>({ guildId, head, journal }: JournalRows): JournalFindings<Event> {
  const entries: JournalEntry<Event>[] = []
  const holes: string[] = []
  const wrongRows: string[] = []
  let [seq, fence, at, hash]: [number, number, number, Buffer] = [0, 0, 0, Buffer.alloc(32)]
  for (const row of journal) {
    const place = `${guildId} at ${row.seq}`
    const entry = JSON.parse(row.payload) as { readonly seq: number; readonly at: number; readonly op: string; readonly event: Event }
    if (row.seq !== seq + 1 || entry.seq !== row.seq) holes.push(`${place}: follows ${seq}`)
    hash = createHash('sha256').update(hash).update(row.payload, 'utf8').digest()
    if (!hash.equals(row.hash)) wrongRows.push(`${place}: does not chain`)
    if (row.fence < fence) wrongRows.push(`${place}: fence ${row.fence} after ${fence}`)
    if (entry.at < at) wrongRows.push(`${place}: time ${entry.at} after ${at}`)
    ;[seq, fence, at, hash] = [row.seq, row.fence, entry.at, row.hash]
    entries.push({ seq, fence, at, op: entry.op, event: entry.event })
  }
  const headIsRight = head === null ? seq === 0 : head.seq === seq && head.hash.equals(hash)
  if (!headIsRight) wrongRows.push(`${guildId}: its head says ${head?.seq ?? 'nothing'}, its journal ends at ${seq}`)
  return { entries, holes, wrongRows }
}
