/**
 * A file as JSON lines, read in bounded memory: a line longer than any of ours ends the reading.
 */
import { createReadStream } from 'node:fs'
import type { JsonLine } from '../../actors/records/bundle.ts'

/** A period of 10,000 members in base64 stays below. */
const lineLengthMax = 16 * 1024 * 1024

export type ReadLine = { readonly ok: true; readonly line: JsonLine } | { readonly ok: false; readonly problem: string }

export async function* readJsonLines(file: string): AsyncGenerator<ReadLine> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    const lines = `${rest}${String(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield parseLine(line)
    if (rest.length > lineLengthMax) {
      yield { ok: false, problem: 'a line is longer than any line of ours' }
      return
    }
  }
  if (rest.trim() !== '') yield parseLine(rest)
}

function parseLine(text: string): ReadLine {
  const value = tryParse(text)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? { ok: true, line: value as JsonLine } : { ok: false, problem: 'a line is no JSON object' }
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Not JSON: told as a value, like everything else that is wrong with a file.
  }
}
