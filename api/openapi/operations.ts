/**
 * Every address of the API: what it is for, what it takes, what it answers. The description is written from this list.
 */
import type { z } from 'zod'
import {
  chainPage, clusterKeys, fileVerdict, guildKeys, healthAnswer, jwkSet, liveAnswer, periodVerdict, readyAnswer,
  receiptFileBody, recordVerdict, waitingVerdict,
} from '../schemas/answers.ts'
import { guildIdText, recordIdText, secretText, sequenceNumber, signingVersionText } from '../schemas/fields.ts'
import { webhookAnswer, webhookBody } from '../schemas/webhook.ts'

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description: string
  readonly schema: z.ZodType
}

export interface Outcome {
  readonly status: number
  readonly description: string
  /** Absent: an error, or a page. */
  readonly schema?: z.ZodType
  readonly contentType?: string
}

export interface Operation {
  readonly method: 'get' | 'post'
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly description?: string
  readonly parameters: readonly Parameter[]
  readonly body?: z.ZodType
  readonly outcomes: readonly Outcome[]
}

const path = (name: string, description: string, schema: z.ZodType): Parameter => ({ name, in: 'path', required: true, description, schema })
const query = (name: string, description: string, schema: z.ZodType): Parameter => ({ name, in: 'query', required: false, description, schema })
const recordId = path('recordId', 'The id of the record; its link ends with it.', recordIdText)
const guild = path('guildId', 'The id of the Discord server.', guildIdText)

const malformed: Outcome = { status: 400, description: 'Malformed: what the address names is not in its form.' }
const unknown: Outcome = { status: 404, description: 'There is no such record, guild or address.' }
const unchanged: Outcome = { status: 304, description: 'As before: the ETag that was sent is still the one.' }
const tooMany: Outcome = { status: 429, description: 'Too many requests from this address; see Retry-After.' }
const away: Outcome = { status: 503, description: 'The records cannot be read at the moment; see Retry-After.' }
const readable = [unchanged, malformed, unknown, tooMany, away]

const verdictOf = (kind: string, what: string): Operation => ({
  method: 'get',
  path: `/verify/${kind}/{recordId}`,
  id: `verify-${kind}`,
  summary: `The verdict on one ${what}`,
  description: 'A record that does not verify is 200 with `valid: false` and a reason.',
  parameters: [recordId],
  outcomes: [{ status: 200, description: 'The verdict.', schema: recordVerdict.or(waitingVerdict) }, ...readable],
})

const keyOperations: readonly Operation[] = [
  {
    method: 'get', path: '/keys', id: 'cluster-keys', summary: 'The cluster’s public keys: the trust anchor',
    description: 'From this server’s configuration. Compare them with a copy you got elsewhere or earlier.', parameters: [],
    outcomes: [{ status: 200, description: 'The keys.', schema: clusterKeys }, unchanged, tooMany],
  },
  {
    method: 'get', path: '/keys/jwks', id: 'cluster-jwks', summary: 'The cluster’s public keys as a JWK set', parameters: [],
    outcomes: [{ status: 200, description: 'RFC 7517, RFC 8037.', schema: jwkSet, contentType: 'application/jwk-set+json' }, unchanged, tooMany],
  },
  {
    method: 'get', path: '/keys/{guildId}', id: 'guild-keys', summary: 'All public keys of a server, with their statements', parameters: [guild],
    outcomes: [{ status: 200, description: 'Only keys whose statement verifies.', schema: guildKeys }, ...readable],
  },
  {
    method: 'get', path: '/keys/{guildId}/jwks', id: 'guild-jwks', summary: 'A server’s public keys as a JWK set', parameters: [guild],
    outcomes: [{ status: 200, description: 'RFC 7517, RFC 8037.', schema: jwkSet, contentType: 'application/jwk-set+json' }, ...readable],
  },
]

const healthOperations: readonly Operation[] = [
  { method: 'get', path: '/health/live', id: 'live', summary: 'The process is up', parameters: [], outcomes: [{ status: 200, description: 'It is.', schema: liveAnswer }] },
  {
    method: 'get', path: '/health/ready', id: 'ready', summary: 'It should be sent requests', parameters: [],
    outcomes: [{ status: 200, description: 'Yes; `degraded` without Redis.', schema: readyAnswer }, { status: 503, description: 'No; `missing` says why.', schema: readyAnswer }],
  },
  { method: 'get', path: '/health', id: 'health', summary: 'Health in detail', parameters: [], outcomes: [{ status: 200, description: 'The parts.', schema: healthAnswer }] },
]

export const operations: readonly Operation[] = [
  verdictOf('session', 'voice session'),
  verdictOf('attendance', 'attendance entry'),
  {
    method: 'get', path: '/verify/period/{guildId}/{index}', id: 'verify-period', summary: 'The verdict on a finished period, with counts',
    description: 'Entries, and the bytes that contain them, only where the server has switched on public boards.',
    parameters: [guild, path('index', 'The number of the period, from 1.', sequenceNumber)],
    outcomes: [{ status: 200, description: 'The verdict.', schema: periodVerdict }, ...readable],
  },
  {
    method: 'get', path: '/verify/chain/{guildId}', id: 'verify-chain', summary: 'A server’s chain of receipts, to recompute',
    description: 'Hashes in order, at most 1,000 a page, and the head that its key signed.',
    parameters: [
      guild, query('from', 'First sequence; 1 unless given.', sequenceNumber),
      query('to', 'Last sequence; a full page unless given.', sequenceNumber),
    ],
    outcomes: [{ status: 200, description: 'The page.', schema: chainPage }, ...readable],
  },
  {
    method: 'post', path: '/verify', id: 'verify-file', summary: 'The verdict on a receipt file that you have',
    description: 'From the bytes as sent and registered keys only; a key in the file is compared and never used. Nothing is stored.',
    parameters: [], body: receiptFileBody,
    outcomes: [
      { status: 200, description: 'The verdict.', schema: fileVerdict }, { ...malformed, description: 'Not a receipt file.' },
      { status: 413, description: 'Longer than any receipt file.' }, { status: 415, description: 'Not sent as JSON.' }, tooMany, away,
    ],
  },
  {
    method: 'get', path: '/receipts/{recordId}', id: 'receipt-file', summary: 'The receipt file, to keep',
    parameters: [recordId, query('signing_version', '2 unless given; 1: AttendiBot’s form, where the server issues it.', signingVersionText)],
    outcomes: [
      { status: 200, description: 'The file.', schema: receiptFileBody }, ...readable,
      { status: 409, description: 'Not signed yet, or its key is not believed.' }, { status: 410, description: 'Erased.' },
    ],
  },
  ...keyOperations,
  {
    method: 'get', path: '/v/{recordId}', id: 'page', summary: 'The page about one record, for people', parameters: [recordId],
    outcomes: [
      { status: 200, description: 'The page.', contentType: 'text/html' }, unchanged,
      { ...malformed, contentType: 'text/html' }, { ...unknown, contentType: 'text/html' }, tooMany, away,
    ],
  },
  {
    method: 'post', path: '/webhooks/attendance', id: 'record-attendance', summary: 'Record an attendance from another system',
    description: 'The same event gets the same answer for 24 hours.',
    parameters: [{ name: 'x-webhook-secret', in: 'header', required: false, description: 'The server’s secret; without it 401.', schema: secretText }],
    body: webhookBody,
    outcomes: [
      { status: 202, description: 'Recorded, durably.', schema: webhookAnswer }, malformed, { status: 401, description: 'Wrong secret.' },
      { status: 409, description: 'The server has as many entries as are kept.' },
      { status: 413, description: 'Too long.' }, { status: 415, description: 'Not sent as JSON.' },
      { status: 422, description: 'Nobody has this student id.' }, tooMany, { ...away, description: 'Not known whether recorded; send the same event again.' },
    ],
  },
  ...healthOperations,
]
