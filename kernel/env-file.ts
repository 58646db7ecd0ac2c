/**
 * Looks over a `.env` file before it is read: a line that cannot be understood is told, not passed over.
 *
 * The reader (dotenv) skips what it does not understand, so a missing `=` or a quote that never ends would show up later
 * as a variable "not set", or not at all. Values are secrets: only line numbers are told.
 */
import { readFileSync } from 'node:fs'
import { AppError, codeOf, coerceError } from './errors.ts'

const nothing = /[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)/y
/** A quoted value may span lines; one that begins with a quote must end with it. */
const assignment =
  /[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*(?:=|:[ \t])[ \t]*(?:'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|(?!['"`])[^#\r\n]*)[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)/y
const wholeLine = /[^\n]*(?:\n|$)/y

/** Numbers of the lines, from 1, that are neither empty, nor a comment, nor an assignment. */
export function brokenEnvLines(text: string): readonly number[] {
  const broken: number[] = []
  let at = 0
  let line = 1
  while (at < text.length) {
    const understood = lengthAt(nothing, text, at) ?? lengthAt(assignment, text, at)
    if (understood === null) broken.push(line)
    const length = understood ?? lengthAt(wholeLine, text, at) ?? text.length
    line += text.slice(at, at + length).split('\n').length - 1
    at += length
  }
  return broken
}

/** Throws `configuration-invalid` when the file is there and cannot be used. */
export function checkEnvFile(file: string): void {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) === 'ENOENT') return
    throw new AppError('configuration-invalid', `${file} cannot be read (${codeOf(error) ?? error.message}); correct it or remove it`, {
      cause: error,
    })
  }
  const lines = brokenEnvLines(text.replace(/^\uFEFF/, ''))
  if (lines.length === 0) return
  const which = `line${lines.length === 1 ? '' : 's'} ${lines.join(', ')}`
  throw new AppError('configuration-invalid', `${file} cannot be used: ${which} should read NAME=value, with quotes closed`)
}

function lengthAt(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0].length ?? null
}
