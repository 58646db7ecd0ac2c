/**
 * Checks one file, whatever it is: a receipt, an export bundle, a page of a chain, a guild's history. No network.
 */
import { open, readFile } from 'node:fs/promises'
import type { BundleVerdict } from '../../actors/records/bundle-check.ts'
import { createBundleCheck } from '../../actors/records/bundle-check.ts'
import { createHistoryCheck } from '../../actors/records/history-check.ts'
import type { HistoryVerdict } from '../../actors/records/history-check.ts'
import { checkSignature } from '../../actors/records/ed25519.ts'
import { parseSignedRecord } from '../../actors/records/file-verdict.ts'
import type { KnownKeys } from '../../actors/records/known-keys.ts'
import { isKnownKey } from '../../actors/records/known-keys.ts'
import { parseReceiptFileBytes } from '../../actors/records/receipt-file.ts'
import { coerceError } from '../../kernel/errors.ts'
import { checkChainFile } from './check-chain-file.ts'
import { readJsonLines } from './json-lines.ts'

export interface FileResult {
  readonly file: string
  readonly kind: 'receipt' | 'bundle' | 'chain' | 'history' | 'unreadable'
  readonly verdict: 'valid' | 'invalid' | 'key-unknown'
  /** What it is about, or what is wrong with it. */
  readonly detail: string
}

export type Finding = Omit<FileResult, 'file'>

export async function checkFile(known: KnownKeys, file: string, options: { readonly snapshots: boolean }): Promise<FileResult> {
  try {
    return { file, ...(await check(known, file, options)) }
  } catch (thrown) {
    return { file, kind: 'unreadable', verdict: 'invalid', detail: coerceError(thrown).message }
  }
}

async function check(known: KnownKeys, file: string, { snapshots }: { readonly snapshots: boolean }): Promise<Finding> {
  const start = await readStart(file)
  if (/^\s*\{\s*"history_format"/.test(start)) return await checkHistory(known, file)
  if (snapshots) return { kind: 'history', verdict: 'invalid', detail: 'this is no history: write one with muster export --history' }
  if (/^\s*\{\s*"bundle_format"/.test(start)) return await checkBundle(known, file)
  const bytes = await readFile(file)
  if (/"receipt_format"/.test(bytes.subarray(0, 100_000).toString('latin1'))) return checkReceipt(known, bytes)
  return checkChainFile(known, bytes.toString('utf8'))
}

async function readStart(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(200), position: 0 })
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

function checkReceipt(known: KnownKeys, bytes: Uint8Array): Finding {
  const invalid = (detail: string): Finding => ({ kind: 'receipt', verdict: 'invalid', detail })
  const file = parseReceiptFileBytes(bytes)
  if (!file.ok) return invalid(file.problem)
  const record = parseSignedRecord(file.value.signed)
  if (!record.ok) return invalid(`the signed bytes are no receipt: ${record.problem}`)
  const { signed, signature, publicKey, keyId } = file.value
  if (record.value.version === 2 && record.value.receipt.key_id !== keyId) return invalid('the file names another key than the receipt')
  const signatureCheck = checkSignature({ publicKey, bytes: signed, signature })
  if (signatureCheck.kind !== 'verified') return invalid(signatureCheck.kind === 'malformed' ? signatureCheck.problem : 'the signature does not verify')
  const { guildId, recordId, version } = record.value
  const sequence = record.value.version === 2 ? record.value.receipt.sequence : null
  const type = record.value.version === 2 ? record.value.receipt.type : record.value.record.type
  const isKnown = isKnownKey(known, { publicKey, guildId, keyId, sequence })
  const place = sequence === null ? `signing version ${version}` : `sequence ${sequence}`
  return { kind: 'receipt', verdict: isKnown ? 'valid' : 'key-unknown', detail: `${type} ${recordId} of guild ${guildId}, ${place}` }
}

async function checkBundle(known: KnownKeys, file: string): Promise<Finding> {
  const bundle = createBundleCheck(known)
  for await (const read of readJsonLines(file)) {
    if (!read.ok) return { kind: 'bundle', verdict: 'invalid', detail: read.problem }
    if (!bundle.take(read.line)) break
  }
  return describeBundle(bundle.finish())
}

function describeBundle(verdict: BundleVerdict): Finding {
  if (!verdict.ok) {
    const where = verdict.firstBadSequence === null ? '' : ` (first bad sequence: ${verdict.firstBadSequence})`
    return { kind: 'bundle', verdict: 'invalid', detail: `${verdict.reason}${where}` }
  }
  const { guildId, from, to, newest, erased, isKnown } = verdict
  const gone = erased === 0 ? '' : `, ${erased} erased`
  const detail = `receipts ${from} to ${to} of ${newest} of guild ${guildId}${gone}`
  return { kind: 'bundle', verdict: isKnown ? 'valid' : 'key-unknown', detail }
}

async function checkHistory(known: KnownKeys, file: string): Promise<Finding> {
  const history = createHistoryCheck(known)
  for await (const read of readJsonLines(file)) {
    if (!read.ok) return { kind: 'history', verdict: 'invalid', detail: read.problem }
    if (!history.take(read.line)) break
  }
  return describeHistory(history.finish())
}

function describeHistory(verdict: HistoryVerdict): Finding {
  if (!verdict.ok) return { kind: 'history', verdict: 'invalid', detail: `${verdict.reason} (after row ${verdict.atRow})` }
  const { guildId, rows, snapshots, isKnown } = verdict
  return { kind: 'history', verdict: isKnown ? 'valid' : 'key-unknown', detail: `${rows} rows and ${snapshots} snapshots of guild ${guildId}` }
}
