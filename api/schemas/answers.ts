/**
 * What the API answers, as schemas: the description that is served is made of them, and tests hold every answer against
 * them.
 */
import { z } from 'zod'
import { base64Text, guildIdText, hashText, keyIdText, recordIdText, sequenceNumber, snowflakeText } from './fields.ts'

export const errorAnswer = z.strictObject({
  error: z.strictObject({ code: z.string().describe('Stable.'), message: z.string().describe('For people.') }),
})

/** A receipt of signing version 2 as JSON: for reading. What counts are the bytes in `signed`. */
export const receipt = z
  .looseObject({
    signing_version: z.literal(2),
    type: z.enum(['voice-session', 'attendance', 'period', 'amendment']),
    guild_id: guildIdText,
    key_id: keyIdText,
    sequence: sequenceNumber,
    prev_hash: hashText,
    issued_at: z.string(),
    payload: z.looseObject({}),
  })
  .describe('The receipt for reading. What is signed are exactly the bytes in `signed`.')

const amendment = z.strictObject({
  receipt,
  signed: base64Text.nullable(),
  signature: base64Text,
  payload_hash: hashText,
  key_id: keyIdText,
})

const neighbour = z.strictObject({ sequence: sequenceNumber, payload_hash: hashText }).nullable()
const place = z
  .strictObject({ sequence: z.int(), prev_hash: hashText, previous: neighbour, next: neighbour })
  .describe('The record’s place in its guild’s chain, and its neighbours.')

const version1Form = z
  .strictObject({ signed: base64Text, signature: base64Text, payload_hash: hashText })
  .nullable()
  .describe('The same record in AttendiBot’s form, by the same key; null where the server does not issue it.')

const standing = {
  valid: z.boolean().describe('Computed from the stored bytes now; never read from a column.'),
  current: z.boolean().describe('False once a later receipt amends this one.'),
  reason: z.string().optional().describe('Why it is not valid.'),
  amended_by: amendment.optional().describe('The last amendment: how the record stands.'),
  amendments: z.array(amendment).optional(),
}

export const waitingVerdict = z
  .strictObject({ valid: z.literal(false), reason: z.literal('not signed yet') })
  .describe('A finished record whose guild’s signing is locked.')

export const recordVerdict = z.strictObject({
  ...standing,
  receipt: receipt.nullable(),
  signed: base64Text.nullable().describe('Exactly the bytes that were signed; null when they were erased.'),
  signature: base64Text,
  payload_hash: hashText,
  key_id: z.string(),
  public_key: base64Text.nullable().describe('null: the key is not stated by this cluster.'),
  public_key_pem: z.string().nullable(),
  signing_version_1: version1Form,
  chain: place,
  receipt_url: z.string(),
  page_url: z.string(),
})

export const periodVerdict = z.strictObject({
  ...standing,
  guild_id: guildIdText,
  period_index: sequenceNumber,
  period: z
    .strictObject({
      period_id: recordIdText,
      started_at: z.string(),
      ended_at: z.string(),
      rules_version: z.int(),
      unsigned: z.strictObject({ sessions: z.int(), seconds: z.int() }),
      members: z.int(),
      sessions: z.int(),
      duration_seconds: z.int(),
    })
    .nullable(),
  entries: z
    .array(z.strictObject({ user_id: snowflakeText, duration_seconds: z.int(), sessions: z.int() }))
    .nullable()
    .describe('By time descending; shown only when the server has switched on public boards.'),
  signed: base64Text.nullable().describe('Exactly the bytes that were signed; they contain the entries and are shown with them.'),
  signature: base64Text,
  payload_hash: hashText,
  key_id: z.string(),
  public_key: base64Text.nullable(),
  signing_version_1: version1Form,
  chain: place,
})

export const fileVerdict = z.strictObject({
  valid: z.boolean(),
  reason: z.string().optional(),
  signing_version: z.union([z.literal(1), z.literal(2)]),
  type: z.string(),
  guild_id: guildIdText,
  record_id: recordIdText,
  receipt: receipt.nullable(),
  signed_text: z.string().nullable().describe('Signing version 1 as it was signed.'),
  payload_hash: hashText,
  key_id: keyIdText,
  standing_url: z.string().nullable().describe('Where to ask whether the record was amended since.'),
})

export const receiptFileBody = z.strictObject({
  receipt_format: z.literal(1),
  signed: base64Text,
  signature: base64Text,
  payload_hash: hashText,
  key_id: keyIdText,
  public_key: base64Text,
  public_key_pem: z.string(),
})

export const chainPage = z.strictObject({
  valid: z.boolean(),
  first_bad_sequence: z.int().optional(),
  reason: z.string().optional(),
  guild_id: guildIdText,
  receipts: z.array(
    z.strictObject({ sequence: z.int(), payload_hash: hashText, prev_hash: hashText, key_id: z.string(), erased: z.boolean().optional() }),
  ),
  head: z
    .strictObject({ sequence: z.int(), hash: hashText, key_id: z.string(), signed: base64Text, signature: base64Text })
    .nullable(),
})

const jwk = z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), use: z.literal('sig'), kid: z.string(), x: z.string() })
export const jwkSet = z.strictObject({ keys: z.array(jwk) })

export const clusterKeys = z.strictObject({
  keys: z.array(z.strictObject({ cluster_key_id: z.string(), public_key: base64Text, public_key_pem: z.string() })),
  jwks: jwkSet,
})

export const guildKeys = z.strictObject({
  guild_id: guildIdText,
  keys: z.array(
    z.strictObject({
      key_id: keyIdText,
      public_key: base64Text,
      public_key_pem: z.string(),
      first_sequence: z.int(),
      last_sequence: z.int().nullable(),
      statement: base64Text,
      statement_signature: base64Text,
      cluster_key_id: z.string(),
      predecessor_signature: base64Text.nullable(),
      created_at: z.string().nullable().describe('For people: nothing signed says so.'),
    }),
  ),
  jwks: jwkSet,
})

const status = z.enum(['ready', 'degraded', 'unready'])
const partState = z.enum(['up', 'down', 'not-configured'])
export const liveAnswer = z.strictObject({ status: z.literal('live') })
export const readyAnswer = z.strictObject({ status, missing: z.array(z.string()).optional() })
export const healthAnswer = z.strictObject({
  status,
  missing: z.array(z.string()),
  database: partState,
  redis: partState,
  draining: z.boolean(),
  uptime_seconds: z.int(),
})
