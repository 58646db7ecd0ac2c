/**
 * The verdict on a receipt file that somebody brings: from the bytes as they are, under registered keys alone.
 *
 * The key inside the file is compared with the registered one and never used: anybody can make a key, sign with it and
 * put it into a file. Nothing of the store but the guild's keys is looked at, so a file verifies also when its row is
 * gone. Both signing versions are read; version 1 names neither key nor place, so any key of its guild may have signed.
 */
import type { TrustedClusterKeys } from './cluster-key.ts'
import { checkSignature } from './ed25519.ts'
import type { SignatureCheck, SignatureInput } from './ed25519.ts'
import { equalBytes } from './hash.ts'
import { believedKeys, readKeyHistory } from './key-history.ts'
import type { KeyInUse } from './key-history.ts'
import { malformed, parsed } from './parsed.ts'
import type { Parsed } from './parsed.ts'
import { parseReceipt } from './receipt.ts'
import type { ParsedReceipt } from './receipt.ts'
import type { ReceiptFileParts } from './receipt-file.ts'
import { parseReceiptV1 } from './receipt-v1.ts'
import type { ReceiptV1 } from './receipt-v1.ts'
import type { StatedKey } from './stored.ts'

/** What signed bytes are, whoever signed them. */
export type SignedRecord =
  | ({ readonly version: 2; readonly guildId: string } & ParsedReceipt)
  | { readonly version: 1; readonly guildId: string; readonly record: ReceiptV1; readonly recordId: string }

export type FileVerdict = { readonly valid: true } | { readonly valid: false; readonly reason: string }

export function parseSignedRecord(bytes: Uint8Array): Parsed<SignedRecord> {
  const current = parseReceipt(bytes)
  if (current.ok) return parsed({ version: 2, guildId: current.value.receipt.guild_id, ...current.value })
  const old = parseReceiptV1(bytes)
  // What looks like neither is told what keeps it from being the current version.
  if (!old.ok) return malformed(current.problem)
  const record = old.value
  return parsed({
    version: 1,
    guildId: record.guildId,
    record,
    recordId: record.type === 'period' ? record.periodId : record.sessionId,
  })
}

/** Key rows of the guild that the record names, believed or not, under the cluster keys that are trusted. */
export interface RegisteredKeys {
  readonly trusted: TrustedClusterKeys
  readonly keys: readonly StatedKey[]
}

export function judgeReceiptFile(registered: RegisteredKeys, file: ReceiptFileParts, record: SignedRecord): FileVerdict {
  const prepared = prepareFileCheck(registered, file, record)
  return prepared.ok ? concludeFileCheck(checkSignature(prepared.value)) : { valid: false, reason: prepared.problem }
}

/** Everything but the signature itself: what is to be checked, under the registered key; or why not. */
export function prepareFileCheck(registered: RegisteredKeys, file: ReceiptFileParts, record: SignedRecord): Parsed<SignatureInput> {
  const key = findKey(registered, file, record)
  if (!key.ok) return malformed(key.problem)
  if (!equalBytes(key.publicKey, file.publicKey)) return malformed('the key in the file is not the registered one')
  return parsed({ publicKey: key.publicKey, bytes: file.signed, signature: file.signature })
}

export function concludeFileCheck(check: SignatureCheck): FileVerdict {
  if (check.kind === 'verified') return { valid: true }
  return { valid: false, reason: check.kind === 'malformed' ? check.problem : 'the signature does not verify' }
}

function findKey({ trusted, keys }: RegisteredKeys, file: ReceiptFileParts, record: SignedRecord): KeyInUse {
  const { guildId } = record
  if (record.version === 1) {
    const key = believedKeys(trusted, keys).find((believed) => believed.keyId === file.keyId && believed.guildId === guildId)
    return key === undefined ? { ok: false, problem: 'the guild has no such key' } : { ok: true, publicKey: key.publicKey }
  }
  const { key_id: keyId, sequence } = record.receipt
  if (keyId !== file.keyId) return { ok: false, problem: 'the file names another key than the receipt' }
  return readKeyHistory(trusted, keys).keyInUse({ guildId, keyId, sequence })
}
