/**
 * Finds the route of a request.
 *
 * Patterns are written as Discord's OpenAPI description writes them (`/channels/{channel_id}/messages`), so that a
 * route and its schemas (operations.ts) have one name. Addresses arrive percent-encoded (`/users/%40me`): each segment
 * is decoded by itself, after the split, so that an encoded slash stays inside its segment. A literal segment wins
 * over a parameter.
 */

export interface RouteMatch<Handled> {
  readonly pattern: string
  readonly handled: Handled
  readonly params: Readonly<Record<string, string>>
}

export type RouteOutcome<Handled> =
  | { readonly kind: 'matched'; readonly match: RouteMatch<Handled> }
  | { readonly kind: 'wrong-method' }
  | { readonly kind: 'unknown' }

export interface Router<Handled> {
  find(method: string, path: string): RouteOutcome<Handled>
}

interface Entry<Handled> {
  readonly method: string
  readonly pattern: string
  readonly segments: readonly string[]
  readonly handled: Handled
}

export function createRouter<Handled extends { method: string; pattern: string }>(
  routes: readonly Handled[],
): Router<Handled> {
  const byLength = new Map<number, Entry<Handled>[]>()
  for (const handled of routes) {
    const segments = handled.pattern.split('/').slice(1)
    const entries = byLength.get(segments.length) ?? []
    entries.push({ method: handled.method, pattern: handled.pattern, segments, handled })
    byLength.set(segments.length, entries)
  }
  for (const entries of byLength.values()) entries.sort(literalFirst)

  return {
    find(method, path) {
      const segments = decodeSegments(path)
      if (segments === undefined) return { kind: 'unknown' }
      const fitting = (byLength.get(segments.length) ?? []).filter((entry) => fits(entry.segments, segments))
      if (fitting.length === 0) return { kind: 'unknown' }
      const entry = fitting.find((one) => one.method === method)
      if (entry === undefined) return { kind: 'wrong-method' }
      const params: Record<string, string> = {}
      entry.segments.forEach((segment, index) => {
        if (isParameter(segment)) params[segment.slice(1, -1)] = segments[index] ?? ''
      })
      return { kind: 'matched', match: { pattern: entry.pattern, handled: entry.handled, params } }
    },
  }
}

const isParameter = (segment: string): boolean => segment.startsWith('{')

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.every((part, index) => (isParameter(part) ? segments[index] !== '' : part === segments[index]))
}

function literalFirst<Handled>(a: Entry<Handled>, b: Entry<Handled>): number {
  for (const [index, part] of a.segments.entries()) {
    const other = b.segments[index] ?? ''
    if (isParameter(part) !== isParameter(other)) return isParameter(part) ? 1 : -1
  }
  return 0
}

/** Undefined for an escape that is none: such an address names nothing. */
function decodeSegments(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .slice(1)
      .map((segment) => decodeURIComponent(segment))
  } catch (thrown) {
    if (thrown instanceof URIError) return undefined
    throw thrown
  }
}
