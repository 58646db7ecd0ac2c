/**
 * `muster verify FILE…`: is what these files hold genuine? Offline, a line each, exit status 0 only when all of it is.
 *
 * Without a key that somebody vouches for, the best that can be said is "consistent, key unknown": anybody can make a key
 * and sign with it. That is status 1.
 */
import type { FileResult } from '../verify/check-file.ts'
import { checkFile } from '../verify/check-file.ts'
import { readKnownKeys } from '../verify/known-files.ts'

export interface VerifyOptions {
  readonly files: readonly string[]
  readonly key: readonly string[]
  readonly keys: readonly string[]
  readonly snapshots: boolean
  readonly json: boolean
}

/** Resolves with the exit status. Throws `configuration-invalid` when a given key cannot be used. */
export async function verifyFiles(options: VerifyOptions, print: (line: string) => void): Promise<number> {
  const known = await readKnownKeys(options)
  let allValid = true
  for (const file of options.files) {
    const result = await checkFile(known, file, options)
    allValid &&= result.verdict === 'valid'
    print(options.json ? JSON.stringify(result) : describe(result))
  }
  return allValid ? 0 : 1
}

function describe({ file, verdict, detail }: FileResult): string {
  switch (verdict) {
    case 'valid':
      return `${file}: valid: ${detail}`
    case 'key-unknown':
      return `${file}: consistent, key unknown: ${detail}`
    case 'invalid':
      return `${file}: NOT VALID: ${detail}`
  }
}
