/**
 * Keys that the person who checks brings along: `--key` as base64, PEM or a file of either; `--keys` as an export bundle or
 * what `GET /keys` and `GET /keys/{guild}` answered.
 */
import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { decodeBase64 } from '../../actors/records/base64.ts'
import type { JsonLine } from '../../actors/records/bundle.ts'
import { readGuildKey } from '../../actors/records/bundle.ts'
import { findPublicKeyProblem } from '../../actors/records/ed25519-strict.ts'
import type { KnownKeys } from '../../actors/records/known-keys.ts'
import { pemOfPublicKey } from '../../actors/records/spki.ts'
import type { StatedKey } from '../../actors/records/stored.ts'
import { AppError } from '../../kernel/errors.ts'
import { readJsonLines } from './json-lines.ts'

/** Throws `configuration-invalid` when a given key cannot be used: what was meant as proof must not be passed over. */
export async function readKnownKeys(given: { readonly key: readonly string[]; readonly keys: readonly string[] }): Promise<KnownKeys> {
  const byHand = await Promise.all(given.key.map(readKeyByHand))
  const ofClusters: Uint8Array[] = []
  const stated: StatedKey[] = []
  for (const file of given.keys) {
    for (const line of await readKeyLines(file)) {
      if (isClusterKey(line)) ofClusters.push(decodeKey(file, line['public_key']))
      else stated.push(readStated(file, line))
    }
    if (ofClusters.length + stated.length === 0) throw refuse(`${file} holds no keys`)
  }
  return { byHand, ofClusters, stated }
}

async function readKeyByHand(given: string): Promise<Uint8Array> {
  const text = existsSync(given) ? await readFile(given, 'utf8') : given
  const pem = /^-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(text)
  if (pem === null) return decodeKey('--key', text.trim())
  const der = Buffer.from((pem[1] ?? '').replaceAll(/\s/g, ''), 'base64')
  const key = new Uint8Array(der.subarray(-32))
  if (der.length !== 44 || pemOfPublicKey(key).replaceAll(/\s/g, '') !== text.replaceAll(/\s/g, '')) throw refuse('--key: the PEM is no Ed25519 public key')
  return decodeKey('--key', Buffer.from(key).toString('base64'))
}

/** The lines of a bundle that are keys, or the entries of a list of keys with the guild around them. */
async function readKeyLines(file: string): Promise<readonly JsonLine[]> {
  const found: JsonLine[] = []
  for await (const read of readJsonLines(file)) {
    if (!read.ok) return readKeyList(file, await readFile(file, 'utf8'))
    if (Array.isArray(read.line['keys'])) return readKeyList(file, JSON.stringify(read.line))
    if (read.line['kind'] === 'key' || read.line['kind'] === 'cluster-key') found.push(read.line)
  }
  return found
}

function readKeyList(file: string, text: string): readonly JsonLine[] {
  try {
    const { guild_id: guildId, keys } = JSON.parse(text) as { readonly guild_id?: unknown; readonly keys: readonly JsonLine[] }
    return keys.map((key) => ({ ...key, ...(guildId === undefined ? {} : { guild_id: guildId }) }))
  } catch {
    throw refuse(`${file} is neither an export bundle nor a list of keys`)
  }
}

const isClusterKey = (line: JsonLine): boolean => line['kind'] === 'cluster-key' || line['statement'] === undefined

function readStated(file: string, line: JsonLine): StatedKey {
  const read = readGuildKey(line, String(line['guild_id']))
  if (!read.ok) throw refuse(`${file}: ${read.problem}`)
  return read.value
}

function decodeKey(where: string, text: unknown): Uint8Array {
  const decoded = decodeBase64(typeof text === 'string' ? text : '', 32)
  const problem = decoded.ok ? findPublicKeyProblem(decoded.value) : decoded.problem
  if (!decoded.ok || problem !== null) throw refuse(`${where}: not an Ed25519 public key in base64 or PEM`)
  return decoded.value
}

const refuse = (message: string): AppError => new AppError('configuration-invalid', message)
