/**
 * What the doctor found: one thing each, with what to do about it.
 */

/**
 * ok: looked at and fine. note: worth knowing. warning: it works, and will hurt one day. problem: something does not work,
 * or is not safe.
 */
export type FindingLevel = 'ok' | 'note' | 'warning' | 'problem'

export interface Finding {
  /** What was looked at: a word or two. */
  readonly check: string
  readonly level: FindingLevel
  readonly says: string
  /** What to do; only warnings and problems have one, and all of them do. */
  readonly fix: string | null
}

export const ok = (check: string, says: string): Finding => ({ check, level: 'ok', says, fix: null })
export const note = (check: string, says: string): Finding => ({ check, level: 'note', says, fix: null })
export const warning = (check: string, says: string, fix: string): Finding => ({ check, level: 'warning', says, fix })
export const problem = (check: string, says: string, fix: string): Finding => ({ check, level: 'problem', says, fix })
