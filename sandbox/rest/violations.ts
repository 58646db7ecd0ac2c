/**
 * What a test must not see in the request log: the sandbox met something it does not know, or broke its own word.
 *
 * An unknown route and a request for something that was never built are recorded, so that a green test cannot rest on
 * a 404 nobody looked at; an answer of the sandbox that does not fit Discord's description is a bug of the sandbox.
 */
export interface ViolationEntry {
  readonly kind: 'violation'
  readonly what: 'unknown-route' | 'answer-unlike-spec' | 'not-built'
  readonly method: string
  readonly route: string
  readonly detail: string
}
