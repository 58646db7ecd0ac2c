/**
 * The text of a journal row and its place in the guild's hash chain.
 *
 * hash = SHA-256(previous hash ‖ UTF-8 of the text), 32 zero bytes before the first. The text is stored as it was hashed
 * and never rebuilt, so a snapshot over a hash vouches for every row before it.
 */
import { createHash } from 'node:crypto'
import { assert } from '../../kernel/assert.ts'
import { AppError, coerceError } from '../../kernel/errors.ts'
import { opId, sequence } from '../../kernel/ids.ts'
import type { JournalEntry } from './guild-state.ts'

export const firstHead: Uint8Array = new Uint8Array(32)

export function journalText(entry: JournalEntry): string {
  return JSON.stringify({ seq: entry.seq, at: entry.at, op: entry.opId, feature: entry.feature, event: entry.event })
}

export function journalHash(previous: Uint8Array, text: string): Uint8Array {
  assert(previous.length === 32, 'a journal hash has 32 bytes')
  return createHash('sha256').update(previous).update(text, 'utf8').digest()
}

/** Reads a row back. Throws `journal-corrupt` when the text is not a journal entry. */
export function parseJournalText(text: string): JournalEntry {
  try {
    const value = JSON.parse(text) as { seq: number; at: number; op: string; feature: string; event: JournalEntry['event'] }
    const isEntry = typeof value.at === 'number' && typeof value.feature === 'string' && typeof value.event.kind === 'string'
    if (isEntry) return { seq: sequence(value.seq), at: value.at, opId: opId(value.op), feature: value.feature, event: value.event }
  } catch (thrown) {
    throw new AppError('journal-corrupt', 'a journal row is not a journal entry', { cause: coerceError(thrown) })
  }
  throw new AppError('journal-corrupt', 'a journal row is not a journal entry')
}
