/**
 * The checks that a reader's browser makes by itself, step by step. It runs the library that our server does not use for
 * this (@noble/ed25519), behind the same strict refusals, on bytes that came with the page.
 *
 * Each step answers by itself: one that fails does not hide the others. What cannot be asked (offline) is `unknown`, which
 * is neither good nor bad.
 */
import { decodeBase64 } from '../../actors/records/base64.ts'
import { checkSignatureByReference } from '../../actors/records/ed25519-reference.ts'
import { encodeHex } from '../../actors/records/hex.ts'
import type { ShownReceipt } from '../page/facts.ts'
import { factsOf } from '../page/facts.ts'
import type { CheckableRecord } from '../page/record-page.ts'

export type StepId = 'hash' | 'signature' | 'key' | 'page' | 'chain'

export interface StepResult {
  readonly id: StepId
  readonly state: 'holds' | 'fails' | 'unknown'
  /** What was found, with the numbers, for who wants to look. */
  readonly detail: string
}

export interface CheckDeps {
  sha256(bytes: Uint8Array): Promise<Uint8Array>
  /** What stands on the page under the id of a fact; null: no such place. */
  shownText(factId: string): string | null
  /** A page of the chain, or null when it cannot be asked. */
  fetchChain(guildId: string, from: number, to: number): Promise<unknown>
}

type Check = (deps: CheckDeps, record: CheckableRecord) => Promise<Omit<StepResult, 'id'>>

const checks: Readonly<Record<StepId, Check>> = {
  hash: checkHash,
  signature: checkRecordSignature,
  key: checkKey,
  page: checkPage,
  chain: checkChain,
}

/** Gives each result as it comes, in the order of the page. */
export async function* checkRecord(deps: CheckDeps, record: CheckableRecord): AsyncGenerator<StepResult> {
  for (const id of Object.keys(checks) as StepId[]) {
    try {
      yield { id, ...(await checks[id](deps, record)) }
    } catch (thrown) {
      // What the page was given is in no form that can be checked: that is a failure like any other.
      yield { id, ...fails(thrown instanceof Error ? thrown.message : 'it cannot be read') }
    }
  }
}

const holds = (detail: string): Omit<StepResult, 'id'> => ({ state: 'holds', detail })
const fails = (detail: string): Omit<StepResult, 'id'> => ({ state: 'fails', detail })

function bytesOf(base64: string): Uint8Array {
  const decoded = decodeBase64(base64)
  if (!decoded.ok) throw new Error(decoded.problem)
  return decoded.value
}

function readReceipt(record: CheckableRecord): ShownReceipt & { readonly prev_hash?: unknown; readonly key_id?: unknown } {
  // Ids are strings in version 2, so JSON.parse loses nothing.
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(record.signed))) as ShownReceipt
}

async function checkHash(deps: CheckDeps, record: CheckableRecord): Promise<Omit<StepResult, 'id'>> {
  const found = encodeHex(await deps.sha256(bytesOf(record.signed)))
  return found === record.payload_hash
    ? holds(`Computed here: ${found}`)
    : fails(`Computed here: ${found}; the record claims ${record.payload_hash}`)
}

async function checkRecordSignature(_deps: CheckDeps, record: CheckableRecord): Promise<Omit<StepResult, 'id'>> {
  const check = await checkSignatureByReference({
    publicKey: bytesOf(record.public_key),
    bytes: bytesOf(record.signed),
    signature: bytesOf(record.signature),
  })
  if (check.kind === 'verified') return holds(`Key ${record.public_key}`)
  return fails(check.kind === 'malformed' ? `This is no signature: ${check.problem}` : 'The signature does not belong to this text and key')
}

async function checkKey(_deps: CheckDeps, record: CheckableRecord): Promise<Omit<StepResult, 'id'>> {
  const statement = bytesOf(record.statement)
  const check = await checkSignatureByReference({
    publicKey: bytesOf(record.cluster_public_key),
    bytes: statement,
    signature: bytesOf(record.statement_signature),
  })
  if (check.kind !== 'verified') return fails('The statement about the key was not signed by the operator')
  const said = JSON.parse(new TextDecoder().decode(statement)) as Readonly<Record<string, unknown>>
  const receipt = readReceipt(record)
  const isThisKey =
    said['domain'] === 'muster/guild-key' && said['public_key'] === record.public_key && said['key_id'] === receipt.key_id &&
    said['guild_id'] === receipt.guild_id && Number(said['first_sequence']) <= receipt.sequence
  return isThisKey
    ? holds(`Stated by the operator’s key ${record.cluster_public_key}`)
    : fails('The statement speaks of another key, another server or a later time')
}

async function checkPage(deps: CheckDeps, record: CheckableRecord): Promise<Omit<StepResult, 'id'>> {
  const facts = factsOf(readReceipt(record))
  const wrong = facts.find((fact) => deps.shownText(fact.id) !== fact.text)
  if (wrong !== undefined) return fails(`Signed is “${wrong.label}: ${wrong.text}”; the page shows something else`)
  return await Promise.resolve(holds(`${facts.length} entries compared`))
}

interface ChainAnswer {
  readonly receipts: readonly { readonly sequence: number; readonly payload_hash: string; readonly prev_hash: string }[]
  readonly head: { readonly signed: string; readonly signature: string; readonly key_id: string } | null
}

async function checkChain(deps: CheckDeps, record: CheckableRecord): Promise<Omit<StepResult, 'id'>> {
  const { guild_id: guild, sequence, prev_hash: prevHash } = readReceipt(record) as ShownReceipt & { readonly prev_hash: string }
  const answer = (await deps.fetchChain(guild, Math.max(1, sequence - 1), sequence + 1)) as ChainAnswer | null
  if (answer === null) return { state: 'unknown', detail: 'The chain could not be fetched: this page is offline, or the server did not answer' }
  const at = (place: number) => answer.receipts.find((entry) => entry.sequence === place)
  const own = at(sequence)
  if (own?.payload_hash !== record.payload_hash) return fails('The chain has another record at this place')
  const before = sequence === 1 ? '0'.repeat(64) : at(sequence - 1)?.payload_hash
  if (before !== prevHash) return fails('The record before is not the one that this record names')
  const next = at(sequence + 1)
  if (next !== undefined && next.prev_hash !== record.payload_hash) return fails('The record after names another one')
  const end = await findEnd(record, answer)
  if (typeof end === 'string') return fails(end)
  if (end !== null && end < (next === undefined ? sequence : sequence + 1)) return fails('The signed end of the chain is before this record')
  return holds(`Place ${sequence} of ${end ?? 'more'}; its neighbours fit${end === null ? '' : ', and the end of the chain is signed'}`)
}

/** The place that the signed head names. null: another key of the server signed it. A text: what is wrong with it. */
async function findEnd(record: CheckableRecord, { head }: ChainAnswer): Promise<number | string | null> {
  if (head === null) return 'The chain has no signed end'
  if (head.key_id !== record.key_id) return null
  const bytes = bytesOf(head.signed)
  const check = await checkSignatureByReference({ publicKey: bytesOf(record.public_key), bytes, signature: bytesOf(head.signature) })
  if (check.kind !== 'verified') return 'The signature of the end of the chain does not fit'
  const said = JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>>
  const isOfServer = said['domain'] === 'muster/chain-head' && said['guild_id'] === record.guild_id
  return isOfServer ? Number(said['sequence']) : 'The signed end is of another chain'
}
