/**
 * The order of a period's entries: by time descending, then by user id ascending, each member once.
 *
 * One order, so that one result has one text. User ids compare as numbers: as text a shorter id would come after a longer.
 */
import type { PeriodEntry } from '../protocol/record.ts'

export function comparePeriodEntries(left: PeriodEntry, right: PeriodEntry): number {
  if (left.duration_seconds !== right.duration_seconds) return right.duration_seconds - left.duration_seconds
  const [a, b] = [BigInt(left.user_id), BigInt(right.user_id)]
  return a < b ? -1 : a > b ? 1 : 0
}

export function hasPeriodOrder(entries: readonly PeriodEntry[]): boolean {
  const members = new Set(entries.map((entry) => entry.user_id))
  if (members.size !== entries.length) return false
  return entries.every((entry, index) => {
    const before = entries[index - 1]
    return before === undefined || comparePeriodEntries(before, entry) < 0
  })
}
