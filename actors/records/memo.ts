/**
 * What a pure function gave before, by a text that holds all of its arguments: bounded, oldest out first.
 *
 * For bytes that are built again and again of the same facts (a guild's key statement, its newest head). Remembering changes
 * the time it takes and nothing else.
 */
export interface Memo<Value> {
  find(key: string, make: () => Value): Value
}

export function createMemo<Value extends object>(entriesMax: number): Memo<Value> {
  const known = new Map<string, Value>()
  return {
    find(key, make) {
      const found = known.get(key)
      if (found !== undefined) return found
      const made = make()
      if (known.size >= entriesMax) known.delete(known.keys().next().value ?? '')
      known.set(key, made)
      return made
    },
  }
}
