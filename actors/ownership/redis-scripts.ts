/**
 * Lua scripts: source in files `scripts/<name>-<number of keys>.lua`, each with its Input and Output above it; `any` is a
 * number of keys, too.
 *
 * A script is read when its store is made. It runs by its digest; a server that does not know it yet (new, restarted)
 * is sent the text. Every script is safe to run twice, because an answer may be lost after it took effect.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Redis } from 'ioredis'
import { assert } from '../../kernel/assert.ts'
import { coerceError } from '../../kernel/errors.ts'

export interface RedisScript {
  readonly name: string
  /** null: as many as it is given. */
  readonly keyCount: number | null
  readonly text: string
  readonly digest: string
}

/** Reads `…/scripts/<name>-<keys>.lua`; a name without its number of keys, or with a wrong one, is a bug. */
export function readScript(file: URL): RedisScript {
  const fileName = basename(fileURLToPath(file))
  const [, name, keys] = /^([a-z-]+)-(\d|any)\.lua$/.exec(fileName) ?? []
  assert(name !== undefined && keys !== undefined, `a script is named <name>-<number of keys>.lua: ${fileName}`)
  const text = readFileSync(file, 'utf8')
  const keyCount = keys === 'any' ? null : Number(keys)
  const used = [...text.matchAll(/KEYS\[(\d+)\]/g)].map((match) => Number(match[1]))
  assert(Math.max(0, ...used) === (keyCount ?? 0), `${fileName} uses another number of keys than its name says`)
  return { name, keyCount, text, digest: createHash('sha1').update(text).digest('hex') }
}

export async function runScript(
  redis: Redis,
  script: RedisScript,
  keys: readonly string[],
  values: readonly (string | number)[],
): Promise<unknown> {
  assert(keys.length === (script.keyCount ?? keys.length), `${script.name} takes ${script.keyCount} keys`)
  try {
    return await redis.evalsha(script.digest, keys.length, ...keys, ...values)
  } catch (thrown) {
    const error = coerceError(thrown)
    // Refused before it ran: this server does not have the text yet.
    if (!error.message.startsWith('NOSCRIPT')) throw error
    return await redis.eval(script.text, keys.length, ...keys, ...values)
  }
}
