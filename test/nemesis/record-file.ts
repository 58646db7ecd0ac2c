/**
 * The files in which the client, and each owner, wrote down the answers of one series; read back line by line.
 */
import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { ClientRecord } from './record.ts'
import { parseRecord } from './record.ts'

/** `owner` null: the client's. */
export const recordFile = (series: number, owner: number | null): string =>
  `answers-${series}-${owner === null ? 'client' : `owner-${owner}`}.log`

/** In the order the answers came; nothing when nobody wrote. */
export async function* readRecords(file: string): AsyncGenerator<ClientRecord> {
  if (!existsSync(file)) return
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line !== '') yield parseRecord(line)
  }
}
