/**
 * The file in which the client wrote down the answers of one series, read back line by line.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { ClientRecord } from './record.ts'
import { parseRecord } from './record.ts'

export const recordFile = (series: number): string => `answers-${series}.log`

/** In the order the answers came. */
export async function* readRecords(file: string): AsyncGenerator<ClientRecord> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line !== '') yield parseRecord(line)
  }
}
