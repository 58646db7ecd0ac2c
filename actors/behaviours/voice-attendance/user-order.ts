/**
 * The order of members that are equal otherwise: by user id as a number, so that ties never depend on chance.
 */

/** Canonical decimal: the shorter is the smaller, and equal lengths compare as text. */
export function compareUsers(a: string, b: string): number {
  if (a === b) return 0
  return a.length - b.length || (a < b ? -1 : 1)
}
