/**
 * Checks a guild's whole history offline: its journal, chained by hash from the first row, and its snapshots, signed by the
 * cluster's key, line by line in the order of the journal.
 *
 *   {"history_format":1,"guild_id","cluster_keys":[base64 …]}
 *   {"kind":"journal","seq","payload","hash"}
 *   {"kind":"snapshot","seq","fence","slot","state","signed","signature","cluster_key_id"}   after the row it stands at
 *
 * A snapshot vouches for every row before it. Older snapshots are swept, so the one that a snapshot names as its
 * predecessor need not be there; only the first may name none.
 */
import { decodeBase64 } from './base64.ts'
import type { JsonLine } from './bundle.ts'
import { clusterKeyIdOf } from './cluster-key.ts'
import { equalBytes, sha256 } from './hash.ts'
import { decodeHex } from './hex.ts'
import type { KnownKeys } from './known-keys.ts'
import { verifySnapshot } from './snapshot.ts'

export type HistoryVerdict =
  | { readonly ok: true; readonly isKnown: boolean; readonly guildId: string; readonly rows: number; readonly snapshots: number }
  | { readonly ok: false; readonly reason: string; readonly atRow: number }

export interface HistoryCheck {
  take(line: JsonLine): boolean
  finish(): HistoryVerdict
}

export function createHistoryCheck(known: KnownKeys): HistoryCheck {
  return new Check(known)
}

const emptyHash = new Uint8Array(32)

class Check implements HistoryCheck {
  readonly #known: KnownKeys
  #guildId: string | null = null
  #trusted = new Map<string, Uint8Array>()
  #seq = 0
  #head: Uint8Array = emptyHash
  #snapshots = 0
  #isKnown = true
  #problem: string | null = null

  constructor(known: KnownKeys) {
    this.#known = known
  }

  take(line: JsonLine): boolean {
    this.#problem ??= this.#takeLine(line)
    return this.#problem === null
  }

  finish(): HistoryVerdict {
    const reason = this.#problem ?? (this.#guildId === null ? 'it is empty' : this.#snapshots === 0 ? 'no snapshot vouches for it' : null)
    if (reason !== null) return { ok: false, reason, atRow: this.#seq }
    return { ok: true, isKnown: this.#isKnown, guildId: this.#guildId ?? '', rows: this.#seq, snapshots: this.#snapshots }
  }

  #takeLine(line: JsonLine): string | null {
    if (this.#guildId === null) return this.#takeHeader(line)
    if (line['kind'] === 'journal') return this.#takeRow(line)
    return line['kind'] === 'snapshot' ? this.#takeSnapshot(line) : 'a line is of no kind that is known'
  }

  #takeHeader({ history_format: format, guild_id: guildId, cluster_keys: keys }: JsonLine): string | null {
    if (format !== 1 || typeof guildId !== 'string' || !Array.isArray(keys)) return 'the first line is not that of a history'
    for (const text of keys as readonly unknown[]) {
      const key = typeof text === 'string' ? decodeBase64(text, 32) : null
      if (key?.ok !== true) return 'a cluster key is not in its form'
      this.#trusted.set(clusterKeyIdOf(key.value), key.value)
    }
    this.#guildId = guildId
    return null
  }

  #takeRow({ seq, payload, hash }: JsonLine): string | null {
    if (seq !== this.#seq + 1) return 'a row of the journal is missing'
    const stated = typeof hash === 'string' ? decodeHex(hash, 32) : null
    if (typeof payload !== 'string' || stated?.ok !== true) return 'a row of the journal is not in its form'
    this.#seq += 1
    const text = new TextEncoder().encode(payload)
    const both = new Uint8Array(32 + text.length)
    both.set(this.#head)
    both.set(text, 32)
    this.#head = sha256(both)
    return equalBytes(this.#head, stated.value) ? null : 'the hash of a row does not follow from the row before'
  }

  #takeSnapshot(line: JsonLine): string | null {
    const { seq, fence, slot, state, cluster_key_id: clusterKeyId } = line
    const [signed, signature] = [line['signed'], line['signature']].map((text) => (typeof text === 'string' ? decodeBase64(text) : null))
    const isWhole = typeof state === 'string' && typeof clusterKeyId === 'string' && typeof fence === 'number' && typeof slot === 'number'
    if (!isWhole || signed?.ok !== true || signature?.ok !== true) return 'a snapshot is not in its form'
    if (seq !== this.#seq) return 'a snapshot does not stand at its row'
    const expected = { guildId: this.#guildId ?? '', slot, fence, sequence: this.#seq, state, journalHead: this.#head }
    const read = verifySnapshot(this.#trusted, { signed: signed.value, signature: signature.value, clusterKeyId }, expected)
    if (!read.ok) return `a snapshot: ${read.problem}`
    if (this.#snapshots > 0 && read.value.previousSnapshot === null) return 'a later snapshot claims to be the first'
    this.#snapshots += 1
    const key = this.#trusted.get(clusterKeyId)
    this.#isKnown &&= [...this.#known.byHand, ...this.#known.ofClusters].some((given) => key !== undefined && equalBytes(given, key))
    return null
  }
}
