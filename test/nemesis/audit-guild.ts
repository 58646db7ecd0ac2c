/**
 * One guild's rows against what the client was told of it. Pure.
 *
 * Every acknowledged append stands in the journal once, where it was said to stand; what was refused for good stands
 * nowhere; reads showed what stands, and nothing older than what was known when they were asked (I3, I5). And the journal
 * by itself: dense (I2), chained to its head, under fences that never decrease (I1), in time that never does (I13). Every
 * effect that was wished for is settled, once (I4).
 */
import type { JournalRows } from './audit-journal.ts'
import { auditJournal } from './audit-journal.ts'
import type { ClientRecord } from './record.ts'

export interface GuildRows extends JournalRows {
  readonly outbox: readonly { readonly seq: number; readonly ordinal: number; readonly state: string }[]
}

export interface GuildFindings {
  readonly lost: string[]
  readonly doubled: string[]
  readonly holes: string[]
  readonly wrongReads: string[]
  /** Chain, head, fence, time, or a position that is not what was answered. */
  readonly wrongRows: string[]
  /** Stands in the journal although its asker was told that nothing was done. */
  readonly afterRefusal: string[]
  /** Fence of the row that holds an op. */
  readonly fenceOf: ReadonlyMap<string, number>
}

interface LedgerEvent {
  readonly kind: string
  readonly value?: string
  readonly position?: number
  readonly seq?: number
  readonly ordinal?: number
}

export function auditGuild(rows: GuildRows, records: readonly ClientRecord[]): GuildFindings {
  const findings = {
    lost: [] as string[],
    doubled: [] as string[],
    holes: [] as string[],
    wrongReads: [] as string[],
    wrongRows: [] as string[],
    afterRefusal: [] as string[],
    fenceOf: new Map<string, number>(),
  }
  const { values, positionOf, settled } = readJournal(rows, findings)
  checkEffects(rows, settled, findings)
  const known = knownBefore(records)
  for (const record of records) checkRecord(rows.guildId, record, { values, positionOf, known }, findings)
  return findings
}

interface Journal {
  readonly values: readonly string[]
  readonly positionOf: ReadonlyMap<string, number>
  /** How often an outbox row was settled, by `seq:ordinal`, and how often its feature was told, by `value`. */
  readonly settled: ReadonlyMap<string, number>
}

type Growing = ReturnType<typeof auditGuild> & { fenceOf: Map<string, number> }

function readJournal(rows: GuildRows, findings: Growing): Journal {
  const { guildId } = rows
  const { entries, holes, wrongRows } = auditJournal<LedgerEvent>(rows)
  findings.holes.push(...holes)
  findings.wrongRows.push(...wrongRows)
  const values: string[] = []
  const positionOf = new Map<string, number>()
  const settled = new Map<string, number>()
  const settle = (name: string): void => void settled.set(name, (settled.get(name) ?? 0) + 1)
  for (const { seq, fence, op, event } of entries) {
    const place = `${guildId} at ${seq}`
    if (event.kind === 'effect-settled') settle(`${event.seq}:${event.ordinal}`)
    else if (event.kind === 'ledger-posted') settle(`value ${event.value}`)
    else if (event.kind !== 'ledger-appended') findings.wrongRows.push(`${place}: ${event.kind}, which nobody asked for`)
    if (event.kind !== 'ledger-appended') continue
    if (positionOf.has(op)) findings.doubled.push(`${place}: ${op} stands at position ${positionOf.get(op)} too`)
    values.push(op)
    if (event.position !== values.length) findings.holes.push(`${place}: position ${event.position} is the ${values.length}th`)
    if (event.value !== op) findings.wrongRows.push(`${place}: the value of another op`)
    positionOf.set(op, values.length)
    findings.fenceOf.set(op, fence)
  }
  return { values, positionOf, settled }
}

function checkEffects({ guildId, outbox }: GuildRows, settled: ReadonlyMap<string, number>, findings: GuildFindings): void {
  for (const [name, count] of settled) if (count > 1) findings.doubled.push(`${guildId}: the effect ${name} was settled ${count} times`)
  for (const { seq, ordinal, state } of outbox) {
    const isSettled = state === 'done' && settled.has(`${seq}:${ordinal}`)
    if (!isSettled) findings.lost.push(`${guildId}: the effect ${seq}:${ordinal} is ${state}, settled ${settled.get(`${seq}:${ordinal}`) ?? 0} times`)
  }
}

/** How many entries somebody had been told of before an instant. */
function knownBefore(records: readonly ClientRecord[]): (instant: number) => number {
  const told = records
    .filter((record) => record.kind !== 'refused')
    .map((record) => ({ at: record.at, count: record.kind === 'appended' ? record.position : record.count }))
    .sort((a, b) => a.at - b.at)
  let most = 0
  const floors = told.map(({ at, count }) => ({ at, most: (most = Math.max(most, count)) }))
  return (instant) => {
    let [from, to] = [0, floors.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((floors[middle]?.at ?? 0) < instant) from = middle + 1
      else to = middle
    }
    return floors[from - 1]?.most ?? 0
  }
}

function checkRecord(
  guildId: string,
  record: ClientRecord,
  { values, positionOf, known }: Omit<Journal, 'settled'> & { known: (instant: number) => number },
  findings: GuildFindings,
): void {
  const { opId } = record
  const floor = known(record.askedAt)
  switch (record.kind) {
    case 'appended': {
      const position = positionOf.get(opId)
      if (position === undefined) findings.lost.push(`${guildId}: ${opId}, acknowledged at position ${record.position}`)
      else if (position !== record.position) findings.wrongRows.push(`${guildId}: ${opId} stands at ${position}, answered ${record.position}`)
      if (record.position <= floor) findings.wrongReads.push(`${guildId}: ${opId} got ${record.position}, ${floor} were known before`)
      return
    }
    case 'read': {
      if (record.count < floor) findings.wrongReads.push(`${guildId}: read ${record.count} entries, ${floor} were known before`)
      const last = record.count === 0 ? null : (values[record.count - 1] ?? 'nothing')
      if (last !== record.last) findings.wrongReads.push(`${guildId}: read ${record.last} as entry ${record.count}, where ${last} stands`)
      return
    }
    case 'refused':
      if (positionOf.has(opId)) findings.afterRefusal.push(`${guildId}: ${opId} was refused ${record.reason} and stands`)
  }
}
