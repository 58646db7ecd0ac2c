/**
 * A page of a chain as `GET /verify/chain/{guild}` gives it: hashes in order and the signed head. It has no bytes of
 * receipts, so what is checked is the order, and that the head is signed by a key that is known.
 */
import { decodeBase64 } from '../../actors/records/base64.ts'
import { chainHeadBytes } from '../../actors/records/chain-head.ts'
import { zeroHashHex } from '../../actors/records/chain-state.ts'
import { verifies } from '../../actors/records/ed25519.ts'
import { equalBytes } from '../../actors/records/hash.ts'
import { decodeHex } from '../../actors/records/hex.ts'
import { isKnownKey } from '../../actors/records/known-keys.ts'
import type { KnownKeys } from '../../actors/records/known-keys.ts'
import type { Finding } from './check-file.ts'

interface Entry {
  readonly sequence: number
  readonly payload_hash: string
  readonly prev_hash: string
}

interface Head {
  readonly sequence: number
  readonly hash: string
  readonly key_id: string
  readonly signed: string
  readonly signature: string
}

const invalid = (detail: string): Finding => ({ kind: 'chain', verdict: 'invalid', detail })

export function checkChainFile(known: KnownKeys, text: string): Finding {
  const page = parsePage(text)
  if (page === null) return { kind: 'unreadable', verdict: 'invalid', detail: 'neither a receipt, a bundle, a chain nor a history' }
  const { guildId, receipts, head } = page
  for (const [index, entry] of receipts.entries()) {
    const before = receipts[index - 1]
    if (before !== undefined && entry.sequence !== before.sequence + 1) return invalid(`the receipt ${before.sequence + 1} is missing`)
    const named = before === undefined ? (entry.sequence === 1 ? zeroHashHex : entry.prev_hash) : before.payload_hash
    if (entry.prev_hash !== named) return invalid(`receipt ${entry.sequence} does not name the hash of the one before`)
  }
  const last = receipts.at(-1)
  const headProblem = findHeadProblem(guildId, head, last)
  if (headProblem !== null) return invalid(headProblem)
  const isSigned = isSignedByKnown(known, guildId, head)
  return { kind: 'chain', verdict: isSigned ? 'valid' : 'key-unknown', detail: `receipts ${receipts[0]?.sequence ?? 0} to ${last?.sequence ?? 0} of ${head.sequence} of guild ${guildId}` }
}

function parsePage(text: string): { readonly guildId: string; readonly receipts: readonly Entry[]; readonly head: Head } | null {
  try {
    const { guild_id: guildId, receipts, head } = JSON.parse(text) as { guild_id?: unknown; receipts?: unknown; head?: unknown }
    const isPage = typeof guildId === 'string' && Array.isArray(receipts) && typeof head === 'object' && head !== null
    return isPage ? { guildId, receipts: receipts as readonly Entry[], head: head as Head } : null
  } catch {
    return null // Not JSON at all: it is said that it is nothing that is known.
  }
}

function findHeadProblem(guildId: string, head: Head, last: Entry | undefined): string | null {
  const hash = decodeHex(String(head.hash), 32)
  const signed = decodeBase64(String(head.signed))
  if (!hash.ok || !signed.ok) return 'the head is not in its form'
  const facts = { guildId, keyId: head.key_id, sequence: head.sequence, hash: hash.value }
  if (!equalBytes(signed.value, chainHeadBytes(facts))) return 'the head and its signed bytes say different things'
  if (last === undefined) return null
  if (last.sequence > head.sequence) return 'there are receipts beyond the signed head'
  return last.sequence === head.sequence && last.payload_hash !== head.hash ? 'the newest receipt is not the one the signed head names' : null
}

/** Every key that is known is tried: the page names the key of its head by id alone. */
function isSignedByKnown(known: KnownKeys, guildId: string, head: Head): boolean {
  const signed = decodeBase64(head.signed)
  const signature = decodeBase64(String(head.signature), 64)
  if (!signed.ok || !signature.ok) return false
  const candidates = [
    ...known.byHand,
    ...known.stated.filter((key) => key.keyId === head.key_id && key.guildId === guildId).map(({ publicKey }) => publicKey),
  ]
  return candidates.some(
    (publicKey) =>
      isKnownKey(known, { publicKey, guildId, keyId: head.key_id, sequence: head.sequence }) &&
      verifies({ publicKey, bytes: signed.value, signature: signature.value }),
  )
}
