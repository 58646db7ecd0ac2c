/**
 * The answer of every strict reader in this room: the value, or what is wrong with the bytes.
 *
 * Malformed input is expected here (anyone may send a receipt), so it is a value and not a throw. `problem` is a
 * sentence for the sender; it never repeats the bytes it complains about.
 */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: string }

export function parsed<Value>(value: Value): Parsed<Value> {
  return { ok: true, value }
}

export function malformed(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem }
}
