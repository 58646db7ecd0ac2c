/**
 * Registered keys by guild, remembered for a few seconds: `POST /verify` asks for the same guild's again and again.
 *
 * Rows are remembered as they stand and judged each time, so a remembered row is believed no more than a fresh one. A new
 * key is known after a few seconds; no record needs it sooner, because who brings a file has waited for it longer.
 */
import type { Clock } from '../kernel/clock.ts'
import type { RecordReader } from '../actors/records/record-reader.ts'
import type { StatedKey } from '../actors/records/stored.ts'

const guildsMax = 10_000
/** A key that a file names and that is not among these is asked for again after this. */
const believedForMs = 5_000

export type FindRegisteredKeys = (guildId: string) => Promise<readonly StatedKey[]>

export function createRegisteredKeys(clock: Pick<Clock, 'monotonicMs'>, records: Pick<RecordReader, 'listKeys'>): FindRegisteredKeys {
  const known = new Map<string, { readonly keys: Promise<readonly StatedKey[]>; readonly until: number }>()
  return (guildId) => {
    const now = clock.monotonicMs()
    const found = known.get(guildId)
    if (found !== undefined && found.until > now) return found.keys
    const keys = records.listKeys(guildId)
    known.delete(guildId)
    if (known.size >= guildsMax) known.delete(known.keys().next().value ?? '')
    known.set(guildId, { keys, until: now + believedForMs })
    // What failed is told to whoever asked, and asked for again by the next.
    keys.catch(() => known.delete(guildId))
    return keys
  }
}
