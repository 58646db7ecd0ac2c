/**
 * Checks an export bundle line by line, holding no more than its keys and the last hash: as long as it is, memory is flat.
 *
 * Consistent means: every receipt is there, in order, linked, signed by the key that its cluster states for its place; and
 * the signed head is where it says. Known means: somebody vouches for the keys from outside the bundle.
 */
import { decodeBase64 } from './base64.ts'
import type { JsonLine } from './bundle.ts'
import { readGuildKey } from './bundle.ts'
import { chainHeadBytes } from './chain-head.ts'
import { zeroHashHex } from './chain-state.ts'
import { checkSignature } from './ed25519.ts'
import { equalBytes, sha256 } from './hash.ts'
import { decodeHex, encodeHex } from './hex.ts'
import { readKeyHistory } from './key-history.ts'
import type { KeyHistory } from './key-history.ts'
import { isKnownKey } from './known-keys.ts'
import type { KnownKeys } from './known-keys.ts'
import type { RecordDraft } from '../protocol/record.ts'
import { parseReceipt } from './receipt.ts'
import type { ParsedReceipt } from './receipt.ts'
import { receiptV1Bytes } from './receipt-v1.ts'
import type { StatedKey } from './stored.ts'

export type BundleVerdict =
  | { readonly ok: true; readonly isKnown: boolean; readonly guildId: string; readonly from: number; readonly to: number; readonly erased: number; readonly newest: number }
  | { readonly ok: false; readonly reason: string; readonly firstBadSequence: number | null }

export interface BundleCheck {
  /** Takes the next line. False: something is wrong, and no further line can mend it. */
  take(line: JsonLine): boolean
  finish(): BundleVerdict
}

export function createBundleCheck(known: KnownKeys): BundleCheck {
  return new Check(known)
}

class Check implements BundleCheck {
  readonly #known: KnownKeys
  #guildId: string | null = null
  #from = 0
  #to = 0
  readonly #clusterKeys = new Map<string, Uint8Array>()
  readonly #stated: StatedKey[] = []
  /** Made with the first receipt: all keys stand before it. */
  #history: KeyHistory | null = null
  #expected = 0
  #prevHash: string | null = null
  #erased = 0
  /** The newest receipt with its key: its form of signing version 1 may follow. */
  #last: { readonly read: ParsedReceipt; readonly publicKey: Uint8Array } | null = null
  #head: { sequence: number; hash: string } | null = null
  readonly #knownKeyIds = new Map<string, boolean>()
  #problem: { reason: string; firstBadSequence: number | null } | null = null

  constructor(known: KnownKeys) {
    this.#known = known
  }

  take(line: JsonLine): boolean {
    const reason = this.#problem === null ? this.#takeLine(line) : null
    if (reason !== null) this.#problem = { reason, firstBadSequence: this.#history === null || this.#expected > this.#to ? null : this.#expected }
    return this.#problem === null
  }

  finish(): BundleVerdict {
    const problem = this.#problem ?? this.#findEndProblem()
    if (problem !== null) return { ok: false, ...problem }
    return {
      ok: true,
      isKnown: this.#knownKeyIds.size > 0 && [...this.#knownKeyIds.values()].every((isKnown) => isKnown),
      guildId: this.#guildId ?? '',
      from: this.#from,
      to: this.#to,
      erased: this.#erased,
      newest: this.#head?.sequence ?? 0,
    }
  }

  #takeLine(line: JsonLine): string | null {
    if (this.#guildId === null) return this.#takeHeader(line)
    if (this.#head !== null) return 'there is something after the head'
    switch (line['kind']) {
      case 'cluster-key':
        return this.#takeClusterKey(line)
      case 'key':
        return this.#takeKey(line)
      case 'receipt':
        return this.#takeReceipt(line)
      case 'receipt-version-1':
        return this.#takeVersion1(line)
      case 'head':
        return this.#takeHead(line)
      default:
        return 'a line is of no kind that is known'
    }
  }

  #takeHeader({ bundle_format: format, guild_id: guildId, from, to }: JsonLine): string | null {
    if (format !== 1) return 'bundle_format is not 1'
    const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && Number(from) >= 1 && Number(to) >= Number(from) - 1
    if (typeof guildId !== 'string' || !isRange) return 'the first line names no guild and range'
    this.#guildId = guildId
    this.#from = this.#expected = Number(from)
    this.#to = Number(to)
    this.#prevHash = this.#from === 1 ? zeroHashHex : null
    return null
  }

  #takeClusterKey({ cluster_key_id: id, public_key: text }: JsonLine): string | null {
    const key = typeof text === 'string' ? decodeBase64(text, 32) : null
    if (typeof id !== 'string' || key?.ok !== true) return 'a cluster key is not in its form'
    this.#clusterKeys.set(id, key.value)
    return null
  }

  #takeKey(line: JsonLine): string | null {
    if (this.#history !== null) return 'a key stands after a receipt'
    if (line['guild_id'] !== this.#guildId) return 'a key is of another guild'
    const key = readGuildKey(line, String(line['guild_id']))
    if (!key.ok) return key.problem
    this.#stated.push(key.value)
    return null
  }

  #takeReceipt(line: JsonLine): string | null {
    const { sequence, payload_hash: hash, prev_hash: prevHash, key_id: keyId, signed } = line
    if (sequence !== this.#expected) return 'the receipt with this sequence is missing'
    if (this.#expected > this.#to) return 'there are receipts beyond the range'
    if (typeof hash !== 'string' || typeof keyId !== 'string' || !decodeHex(hash, 32).ok) return 'a receipt is not in its form'
    if (this.#prevHash !== null && prevHash !== this.#prevHash) return 'prev_hash is not the hash of the receipt before'
    const publicKey = this.#findKey(keyId, this.#expected)
    if (typeof publicKey === 'string') return publicKey
    this.#last = null
    const problem = signed === null ? null : this.#findBytesProblem(line, publicKey)
    if (problem !== null) return problem
    if (signed === null) this.#erased += 1
    this.#prevHash = hash
    this.#expected += 1
    return null
  }

  #findBytesProblem(line: JsonLine, publicKey: Uint8Array): string | null {
    const signed = decodeText(line['signed'])
    const signature = decodeText(line['signature'])
    if (signed === null || signature === null) return 'a receipt is not in its form'
    if (encodeHex(sha256(signed)) !== line['payload_hash']) return 'the hash is not that of the signed bytes'
    const check = checkSignature({ publicKey, bytes: signed, signature })
    if (check.kind !== 'verified') return check.kind === 'malformed' ? check.problem : 'the signature does not verify'
    const read = parseReceipt(signed)
    if (!read.ok) return `the signed bytes are no receipt: ${read.problem}`
    const { receipt } = read.value
    const agrees =
      receipt.guild_id === this.#guildId && receipt.sequence === line['sequence'] && receipt.key_id === line['key_id'] &&
      receipt.prev_hash === line['prev_hash']
    this.#last = { read: read.value, publicKey }
    return agrees ? null : 'the line does not agree with the signed bytes'
  }

  #takeVersion1(line: JsonLine): string | null {
    const last = this.#last
    this.#last = null
    const [signed, signature] = [decodeText(line['signed']), decodeText(line['signature'])]
    if (signed === null || signature === null) return 'a form of signing version 1 is not in its form'
    if (last === null || line['sequence'] !== last.read.receipt.sequence) return 'a form of signing version 1 does not stand after its receipt'
    const { read, publicKey } = last
    const { type, payload } = read.receipt
    const bytes = receiptV1Bytes(this.#guildId ?? '', { type, payload, recordId: read.recordId } as RecordDraft)
    if (bytes === null || !equalBytes(bytes, signed)) return 'a form of signing version 1 says something else than its receipt'
    return checkSignature({ publicKey, bytes: signed, signature }).kind === 'verified'
      ? null
      : 'the signature of a form of signing version 1 does not verify'
  }

  #findKey(keyId: string, sequence: number): Uint8Array | string {
    this.#history ??= readKeyHistory(this.#clusterKeys, this.#stated)
    const inUse = this.#history.keyInUse({ guildId: this.#guildId ?? '', keyId, sequence })
    if (!inUse.ok) return inUse.problem
    if (!this.#knownKeyIds.has(keyId)) {
      const claim = { publicKey: inUse.publicKey, guildId: this.#guildId ?? '', keyId, sequence }
      this.#knownKeyIds.set(keyId, isKnownKey(this.#known, claim, this.#stated))
    }
    return inUse.publicKey
  }

  #takeHead(line: JsonLine): string | null {
    const { sequence, hash, key_id: keyId } = line
    if (!Number.isSafeInteger(sequence) || typeof hash !== 'string' || typeof keyId !== 'string') return 'the head is not in its form'
    const publicKey = this.#findKey(keyId, Number(sequence))
    if (typeof publicKey === 'string') return `the signed head: ${publicKey}`
    const hashed = decodeHex(hash, 32)
    const signed = decodeText(line['signed'])
    const signature = decodeText(line['signature'])
    if (!hashed.ok || signed === null || signature === null) return 'the head is not in its form'
    const facts = { guildId: this.#guildId ?? '', keyId, sequence: Number(sequence), hash: hashed.value }
    if (!equalBytes(signed, chainHeadBytes(facts))) return 'the head and its signed bytes say different things'
    if (checkSignature({ publicKey, bytes: signed, signature }).kind !== 'verified') return 'the signature of the head does not verify'
    this.#head = { sequence: Number(sequence), hash }
    return null
  }

  #findEndProblem(): { reason: string; firstBadSequence: number | null } | null {
    const bad = (reason: string, firstBadSequence: number | null = null) => ({ reason, firstBadSequence })
    if (this.#guildId === null) return bad('it is empty')
    if (this.#expected <= this.#to) return bad('the receipt with this sequence is missing', this.#expected)
    if (this.#head === null) return bad('the signed head is missing')
    if (this.#head.sequence < this.#to) return bad('there are receipts beyond the signed head', this.#head.sequence + 1)
    if (this.#head.sequence === this.#to && this.#head.hash !== this.#prevHash) return bad('the newest receipt is not the one the signed head names', this.#to)
    return null
  }
}

function decodeText(text: unknown): Uint8Array | null {
  const decoded = typeof text === 'string' ? decodeBase64(text) : null
  return decoded?.ok === true ? decoded.value : null
}
