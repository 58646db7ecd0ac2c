/**
 * From evidence and verdict to what the page about a record shows. Shown is what is signed; a record that does not verify
 * shows what stands in its bytes all the same, under a verdict that says so.
 */
import type { Amendment } from '../actors/records/amendments.ts'
import { encodeBase64 } from '../actors/records/base64.ts'
import type { TrustedClusterKeys } from '../actors/records/cluster-key.ts'
import { encodeHex } from '../actors/records/hex.ts'
import { believedKeys } from '../actors/records/key-history.ts'
import { parseReceipt } from '../actors/records/receipt.ts'
import type { RecordEvidence, Verdict } from '../actors/records/verdict.ts'
import type { CheckableRecord, RecordPageModel, ShownChange, Standing } from '../web/page/record-page.ts'

type Shown = Omit<RecordPageModel, 'recordId' | 'address' | 'checkedAt' | 'assets'>

export const waitingModel: Shown = {
  standing: 'waiting', reason: null, receipt: null, hidesEntries: false, changes: [], checkable: null, hasReceiptFile: false,
}

/** `hidesEntries`: a period of a guild that does not show its boards; its bytes contain them, and are not given out either. */
export function modelOfRecord(
  trusted: TrustedClusterKeys,
  evidence: RecordEvidence,
  { verdict, hidesEntries }: { readonly verdict: Verdict; readonly hidesEntries: boolean },
): Shown {
  const { signed } = evidence.receipt
  const read = signed === null ? null : parseReceipt(signed)
  const checkable = hidesEntries ? null : checkableOf(trusted, evidence)
  return {
    standing: standingOf(verdict),
    reason: verdict.valid ? null : verdict.reason,
    receipt: read?.ok === true ? { ...read.value.receipt, payload: { ...read.value.receipt.payload } } : null,
    hidesEntries,
    changes: changesOf(verdict).map(shownChange),
    checkable: read?.ok === true ? checkable : null,
    hasReceiptFile: checkable !== null,
  }
}

function standingOf(verdict: Verdict): Standing {
  if (verdict.valid) return verdict.current ? 'genuine' : 'changed'
  return verdict.erasedBy === undefined ? 'invalid' : 'erased'
}

function changesOf(verdict: Verdict): readonly Amendment[] {
  if (verdict.valid) return verdict.current ? [] : verdict.amendments
  return verdict.erasedBy === undefined ? [] : [verdict.erasedBy]
}

function shownChange({ receipt, payload }: Amendment): ShownChange {
  const { change, from, to, by_user_id: by, reason } = payload
  return { at: receipt.issued_at, change, from, to, by, reason }
}

/** Only with a key that is believed: under another one a browser would call a forgery genuine. */
function checkableOf(trusted: TrustedClusterKeys, { receipt, keys }: RecordEvidence): CheckableRecord | null {
  if (receipt.signed === null) return null
  const key = believedKeys(trusted, keys).find(({ keyId, guildId }) => keyId === receipt.keyId && guildId === receipt.guildId)
  const clusterKey = key === undefined ? undefined : trusted.get(key.clusterKeyId)
  if (key === undefined || clusterKey === undefined) return null
  return {
    guild_id: receipt.guildId,
    sequence: receipt.sequence,
    prev_hash: encodeHex(receipt.prevHash),
    signed: encodeBase64(receipt.signed),
    signature: encodeBase64(receipt.signature),
    // As it stands in the row: that the bytes hash to it is for the browser to find.
    payload_hash: encodeHex(receipt.payloadHash),
    key_id: receipt.keyId,
    public_key: encodeBase64(key.publicKey),
    statement: encodeBase64(key.statement),
    statement_signature: encodeBase64(key.statementSignature),
    cluster_key_id: key.clusterKeyId,
    cluster_public_key: encodeBase64(clusterKey),
  }
}
