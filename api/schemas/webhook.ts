/**
 * What a webhook sends, and what it is answered.
 */
import { z } from 'zod'
import { guildIdText, instantText, recordIdText, snowflakeText, statusText } from './fields.ts'

export const webhookBody = z
  .strictObject({
    event_id: z.string().regex(/^[\x21-\x7e]{1,100}$/, { error: 'is not 1 to 100 visible ASCII characters' }).describe('Names the event: sent again within a day it gets the same answer.'),
    guild_id: guildIdText,
    user_id: snowflakeText.optional().describe('The member; this or student_id.'),
    student_id: z.string().min(1).max(100).optional().describe('What the member registered; this or user_id.'),
    session_id: z.string().regex(/^[0-9A-Za-z_-]{1,100}$/, { error: 'is not 1 to 100 letters, digits, _ or -' }).optional(),
    status: statusText,
    at: instantText.describe('When it was submitted, RFC 3339.'),
  })
  .refine((body) => (body.user_id === undefined) !== (body.student_id === undefined), {
    error: 'one of user_id and student_id is given',
  })

export type WebhookBody = z.output<typeof webhookBody>

export const webhookAnswer = z.strictObject({
  event_id: z.string(),
  record_id: recordIdText,
  user_id: snowflakeText,
  session_id: z.string(),
  status: statusText,
  previous_status: statusText.nullable().describe('What it was before; null: this is a new entry.'),
})
