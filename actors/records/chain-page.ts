/**
 * The verdict on a page of a guild's chain: every wanted receipt up to the signed head is there, in order, whole.
 *
 * Done in slices, because a thousand signatures take 60 ms and other requests wait meanwhile: the caller asks for the
 * next step and may let others go first.
 */
import { findHeadProblem, verifyChainRun } from './chain.ts'
import type { ChainVerdict } from './chain.ts'
import type { TrustedClusterKeys } from './cluster-key.ts'
import { zeroHashHex } from './chain-state.ts'
import { encodeHex } from './hex.ts'
import { readKeyHistory } from './key-history.ts'
import type { ChainPage } from './record-reader.ts'

export type PageVerdict =
  | { readonly valid: true }
  | { readonly valid: false; readonly firstBadSequence: number; readonly reason: string }

/** Receipts verified between two breaths: about 5 ms. */
const sliceLength = 64

export function* verifyChainPage(
  trusted: TrustedClusterKeys,
  page: ChainPage,
  wanted: { readonly guildId: string; readonly from: number; readonly to: number },
): Generator<undefined, PageVerdict> {
  const history = readKeyHistory(trusted, page.keys)
  const bad = (firstBadSequence: number, reason: string): PageVerdict => ({ valid: false, firstBadSequence, reason })
  if (page.before === null && wanted.from > 1 && page.receipts.length > 0) {
    return bad(wanted.from - 1, 'the receipt with this sequence is missing')
  }
  let expected = wanted.from
  let prevHash = page.before === null ? (wanted.from === 1 ? zeroHashHex : null) : encodeHex(page.before.payloadHash)
  for (let start = 0; start < page.receipts.length; start += sliceLength) {
    const rows = page.receipts.slice(start, start + sliceLength)
    const verdict: ChainVerdict = verifyChainRun(history, { guildId: wanted.guildId, from: expected, prevHash, rows })
    if (!verdict.ok) return bad(verdict.firstBadSequence, verdict.reason)
    expected = verdict.nextSequence
    prevHash = verdict.headHash
    yield
  }
  const { head, newestSequence } = page
  const end = Math.min(wanted.to, Math.max(head?.sequence ?? 0, newestSequence))
  if (expected <= end) return bad(expected, 'the receipt with this sequence is missing')
  // A guild that never had a receipt has no head. Nothing else may be without one.
  if (head === null && newestSequence === 0 && page.keys.length === 0) return { valid: true }
  const newestHash = expected - 1 === newestSequence ? (prevHash ?? '') : null
  const headProblem = findHeadProblem(history, { head, sequence: newestSequence, hash: newestHash })
  return headProblem === null ? { valid: true } : bad(firstBadAtHead(newestSequence, head?.sequence ?? newestSequence), headProblem)
}

function firstBadAtHead(newestSequence: number, headSequence: number): number {
  if (headSequence === newestSequence) return newestSequence
  return Math.min(headSequence, newestSequence) + 1
}
