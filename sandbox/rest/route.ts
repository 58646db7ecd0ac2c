/**
 * What a route is, what it is given, and what it may reach.
 *
 * A route may assume that its body fits the operation's schema, that its `*_id` parameters are snowflakes and that the
 * caller is the bot; everything else it checks itself, before it changes the world.
 */
import type { RESTGetAPIGatewayBotResult } from 'discord-api-types/v10'
import type { Interactions } from '../interactions/registry.ts'
import type { World } from '../world/world.ts'
import type { BucketName } from './bucket-rules.ts'
import type { OperationName } from './operations.ts'
import type { UploadedFile } from './request-body.ts'

export interface RouteCall {
  readonly world: World
  readonly interactions: InteractionsPort
  readonly gatewayInfo: () => RESTGetAPIGatewayBotResult
  /** Origin of the sandbox without a trailing slash; attachment URLs begin with it. */
  readonly baseUrl: string
  readonly portal: Portal
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Fits the schema of the operation; routes name its type. */
  readonly body: unknown
  readonly files: readonly UploadedFile[]
  /** X-Audit-Log-Reason, decoded. */
  readonly reason: string | undefined
  /** Uses one request of a limit that only some bodies of a route fall under. */
  takeSublimit(name: BucketName, major: string): void
  /** Records that something valid was asked for that the sandbox does not do; a test that sees it fails. */
  noteNotBuilt(detail: string): void
}

export interface Answer {
  readonly status: 200 | 201 | 204
  readonly body?: unknown
}

export interface Route {
  readonly method: string
  /** As the OpenAPI description writes it. */
  readonly pattern: string
  readonly operation: OperationName
  /** `path-token`: the token in the address is the authorization (interactions and their webhooks). */
  readonly auth: 'bot' | 'path-token'
  /** Null for routes Discord does not limit. */
  readonly bucket: BucketName | null
  handle(call: RouteCall): Answer
}

/** Settings of the developer portal that routes depend on. */
export interface Portal {
  /** The GuildMembers intent, needed to list members. */
  readonly membersIntent: boolean
}

/** What routes use of the interactions part; a message given to it is complete, as the API shows it. */
export type InteractionsPort = Omit<Interactions, 'create' | 'watch' | 'stop'>

type RouteOptions = { auth?: Route['auth']; bucket: BucketName | null; handle: Route['handle'] }

/** A route under the name its operation has in the description. */
export function route(operation: OperationName, options: RouteOptions): Route {
  const [method = '', pattern = ''] = operation.split(' ')
  return { method, pattern, operation, auth: 'bot', ...options }
}

/** The parameter of a pattern; that it is there is the pattern's business. */
export function param(call: RouteCall, name: string): string {
  return call.params[name] ?? ''
}

export const noContent: Answer = { status: 204 }
export const ok = (body: unknown): Answer => ({ status: 200, body })
