/**
 * The codes of a session: derived, never stored, never the same twice in a row. Pure; whoever calls brings the HMAC.
 *
 *   F(k, j) = HMAC-SHA-256(secret, k ‖ j), k as 8 and j as 4 bytes, big-endian, reduced to characters: a byte counts
 *             where it is below the greatest multiple of the alphabet's length, as its remainder; others are passed over,
 *             so that every character is equally likely.
 *   even k: F(k, 0) · odd k: the first of F(k, 0), F(k, 1), … that differs from F(k−1, 0) and F(k+1, 0)
 *
 * Two codes in a row are never equal, and none depends on the one before: any process that knows the secret shows and
 * accepts the same code at the same instant, without having seen an earlier one.
 */
import { assert } from '../../../kernel/assert.ts'
import type { CodeAlphabet } from '../../protocol/attendance-settings.ts'
import type { CodeRule } from '../../protocol/code-session.ts'

/** HMAC-SHA-256 under the session's secret. */
export type CodeHmac = (message: Uint8Array) => Uint8Array

export const alphabetCharacters: Readonly<Record<CodeAlphabet, string>> = {
  full: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  unambiguous: 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789',
}

type CodeForm = Pick<CodeRule, 'codeLength' | 'alphabet'>

export function codeAt(hmac: CodeHmac, form: CodeForm, step: number): string {
  if (step % 2 === 0) return derive(hmac, form, step, 0)
  const before = derive(hmac, form, step - 1, 0)
  const after = derive(hmac, form, step + 1, 0)
  for (let attempt = 0; ; attempt += 1) {
    const code = derive(hmac, form, step, attempt)
    if (code !== before && code !== after) return code
  }
}

/** Which code is shown at this instant of Discord's clock: 0 is the first, however early. */
export function stepAt({ rotatesFrom, intervalMs }: Pick<CodeRule, 'rotatesFrom' | 'intervalMs'>, instant: number): number {
  return Math.max(0, Math.floor((instant - rotatesFrom) / intervalMs))
}

/** When the code of this step gives way to the next one. */
export function stepEnd({ rotatesFrom, intervalMs }: Pick<CodeRule, 'rotatesFrom' | 'intervalMs'>, step: number): number {
  return rotatesFrom + (step + 1) * intervalMs
}

/** The codes that count at this instant: the one shown, and as many before it as grace allows. */
export function acceptedCodes(hmac: CodeHmac, rule: CodeRule, instant: number): readonly string[] {
  const step = stepAt(rule, instant)
  const codes = [codeAt(hmac, rule, step)]
  for (let back = 1; back <= rule.grace && back <= step; back += 1) codes.push(codeAt(hmac, rule, step - back))
  return codes
}

/** Every code and every character is looked at, whichever differs: the time taken tells nothing of how much was right. */
export function isAccepted(codes: readonly string[], typed: string): boolean {
  let accepted = 0
  for (const code of codes) {
    let difference = code.length ^ typed.length
    for (let at = 0; at < code.length; at += 1) difference |= code.charCodeAt(at) ^ (typed.charCodeAt(at) | 0)
    accepted |= Number(difference === 0)
  }
  return accepted === 1
}

function derive(hmac: CodeHmac, { codeLength, alphabet }: CodeForm, step: number, attempt: number): string {
  const message = new Uint8Array(12)
  const view = new DataView(message.buffer)
  view.setBigUint64(0, BigInt(step))
  view.setUint32(8, attempt)
  const characters = alphabetCharacters[alphabet]
  const bound = 256 - (256 % characters.length)
  let code = ''
  for (const byte of hmac(message)) {
    if (code.length === codeLength) break
    if (byte < bound) code += characters[byte % characters.length]
  }
  // 21 of 32 bytes passed over, each with 1 in 64: this does not happen before the sun burns out.
  assert(code.length === codeLength, 'a code has all its characters')
  return code
}
