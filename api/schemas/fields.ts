/**
 * Single fields of requests and answers, as the description of the API names them.
 */
import { z } from 'zod'
import { isSnowflake } from '../../kernel/ids.ts'

export const snowflakeText = z
  .string()
  .regex(/^(0|[1-9]\d{0,18})$/)
  .refine(isSnowflake, { error: 'is not a Discord id' })
  .describe('A Discord id, as a string: it is beyond 2^53.')
export const guildIdText = snowflakeText.describe('The id of a Discord server.')
export const recordIdText = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  .describe('The id of a record: what its link names.')
export const keyIdText = recordIdText.describe('The id of a key.')
export const hashText = z.string().regex(/^[0-9a-f]{64}$/).describe('SHA-256 in lower-case hexadecimal.')
export const base64Text = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/).describe('Base64 with padding (RFC 4648, section 4).')
export const sequenceNumber = z.int().min(1).describe('A place in the guild’s chain of receipts, counted from 1.')
export const signingVersionText = z.enum(['1', '2'])
export const statusText = z.enum(['present', 'late', 'excused', 'absent'])
export const instantText = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/)
  .refine((text) => !Number.isNaN(Date.parse(text)) && text >= '2015', { error: 'is not a time' })
export const secretText = z.string().min(1).max(200)
