/**
 * What must have been recorded, computed from the sandbox's voice log alone, and compared with the receipts.
 *
 * Written from the description of the log in sandbox/README.md and from nothing of the bot: a stay is one stretch of one
 * member in one channel. Member by member the stays and the receipts must be the same channels in the same order; a stay
 * without its receipt is lost, a receipt without its stay is doubled.
 */
import type { VoiceLogLine } from '../../sandbox/voice-log.ts'
import type { WrittenReceipt } from './written-rows.ts'

export interface Stay {
  readonly guildId: string
  readonly userId: string
  readonly channelId: string
  readonly from: number
  readonly to: number
}

/** Stays that have ended, in the order of their ends. */
export function staysOf(lines: readonly VoiceLogLine[]): readonly Stay[] {
  const open = new Map<string, Stay>()
  const ended: Stay[] = []
  for (const line of lines) {
    if (!('guild' in line)) continue
    const key = `${line.guild} ${line.user}`
    const before = open.get(key)
    if (before !== undefined && before.channelId !== line.channel) {
      ended.push({ ...before, to: line.at })
      open.delete(key)
    }
    if (line.channel !== null && !open.has(key)) {
      open.set(key, { guildId: line.guild, userId: line.user, channelId: line.channel, from: line.at, to: Infinity })
    }
  }
  return ended
}

export interface Comparison {
  readonly pairs: readonly { readonly stay: Stay; readonly receipt: WrittenReceipt }[]
  readonly lost: readonly Stay[]
  readonly doubled: readonly WrittenReceipt[]
}

export function compareWithReceipts(stays: readonly Stay[], receipts: readonly WrittenReceipt[]): Comparison {
  const receiptsOf = byMember(receipts)
  const staysByMember = byMember(stays)
  const result = { pairs: [] as Comparison['pairs'][number][], lost: [] as Stay[], doubled: [] as WrittenReceipt[] }
  for (const member of new Set([...staysByMember.keys(), ...receiptsOf.keys()])) {
    const expected = [...(staysByMember.get(member) ?? [])]
    const written = (receiptsOf.get(member) ?? []).toSorted((a, b) => a.sequence - b.sequence)
    while (expected.length > 0 || written.length > 0) {
      const [stay] = expected
      const [receipt] = written
      if (stay !== undefined && receipt?.channelId === stay.channelId) {
        result.pairs.push({ stay, receipt })
        expected.shift()
        written.shift()
      } else if (receipt !== undefined && written.length > expected.length) {
        result.doubled.push(receipt)
        written.shift()
      } else if (stay !== undefined) {
        result.lost.push(stay)
        expected.shift()
      }
    }
  }
  return result
}

function byMember<Row extends { readonly guildId: string; readonly userId: string }>(rows: readonly Row[]): ReadonlyMap<string, Row[]> {
  const rowsOf = new Map<string, Row[]>()
  for (const row of rows) {
    const key = `${row.guildId} ${row.userId}`
    rowsOf.set(key, [...(rowsOf.get(key) ?? []), row])
  }
  return rowsOf
}

/** Accounts that a session's seconds are floored into: counted and unobserved, and one for each of seven pauses. */
const accountsMax = 9

/** Null when the seconds are all there (I10): wall time less what the accounts' floors took. Else what is wrong. */
export function findMissingSeconds(receipt: WrittenReceipt): string | null {
  const wallMs = receipt.leftAt - receipt.joinedAt
  const accountedMs = (receipt.durationSeconds + receipt.pausedSeconds + receipt.unobservedSeconds) * 1000
  const missingMs = wallMs - accountedMs
  if (missingMs >= 0 && missingMs < accountsMax * 1000) return null
  return `record ${receipt.recordId}: ${wallMs} ms between joining and leaving, ${accountedMs} ms accounted`
}
