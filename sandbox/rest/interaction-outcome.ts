/**
 * The interactions part answers with values, REST with status codes: this is the seam.
 */
import type { InteractionOutcome } from '../interactions/interaction.ts'
import { Refusal } from './refusals.ts'

/** The message of an outcome; throws its refusal. */
export function requireOutcome<Outcome extends InteractionOutcome>(
  outcome: Outcome,
): Extract<Outcome, { ok: true }>['message'] {
  if (outcome.ok) return outcome.message
  throw new Refusal(outcome.status, { message: outcome.message, code: outcome.code })
}
