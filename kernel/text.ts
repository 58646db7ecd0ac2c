/**
 * Text from outside, made fit to be stored and signed.
 *
 * Postgres refuses U+0000 in text and a lone surrogate has no UTF-8 form, so one such name would fail a whole batch
 * of commits. Doors (translate, the API's parsers) pass every foreign string through here exactly once.
 */

/** Replaces lone surrogates by U+FFFD and removes U+0000; everything else stays, whatever the script. */
export function wellFormedText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '')
}

/** Cuts to at most `lengthMax` UTF-16 units without splitting a character, ending in "…" where something was cut. */
export function truncateText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text
  return `${text.slice(0, lengthMax - 1).toWellFormed().replace(/\uFFFD$/u, '')}…`
}
