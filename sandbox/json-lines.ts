/**
 * A file of JSON lines, appended to and never rewritten.
 *
 * Each line is written before `write` returns: the process may be killed at any moment and what happened before is on
 * record. That costs some microseconds a line, which a sandbox has.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export interface JsonLines {
  write(line: object): void
  close(): void
}

export function openJsonLines(file: string): JsonLines {
  mkdirSync(dirname(file), { recursive: true })
  const descriptor = openSync(file, 'a')
  return {
    write(line) {
      writeSync(descriptor, `${JSON.stringify(line)}\n`)
    },
    close: () => closeSync(descriptor),
  }
}
