/**
 * The buckets of the sandbox: which requests share a limit, how many pass, in what time.
 *
 * Discord leaves its real numbers undocumented on purpose; those here are what has been observed often enough to be
 * believed, and a client must obey the headers, never the table. A bucket counts per major parameter (channel,
 * guild, or webhook with its token). Interaction callbacks have none: Discord exempts them.
 * https://docs.discord.com/developers/topics/rate-limits
 */

/** Which part of the address gives a bucket its own count. */
export type MajorParameter = 'channel' | 'guild' | 'webhook' | 'none'

export interface BucketRule {
  readonly requests: number
  readonly windowMs: number
  readonly major: MajorParameter
  /** `shared` limits count for everybody's requests on the resource and do not count as a client's fault. */
  readonly scope: 'user' | 'shared'
}

const rule = (requests: number, windowMs: number, major: MajorParameter): BucketRule => ({
  requests,
  windowMs,
  major,
  scope: 'user',
})

export const bucketRules = {
  'application-read': rule(60, 10_000, 'none'),
  'command-read': rule(30, 10_000, 'none'),
  'command-write': rule(20, 20_000, 'none'),
  'guild-command-write': rule(20, 20_000, 'guild'),
  'user-read': rule(60, 30_000, 'none'),
  'direct-channel-open': rule(10, 10_000, 'none'),
  'channel-read': rule(30, 10_000, 'channel'),
  'channel-write': rule(10, 15_000, 'channel'),
  /** A sublimit inside channel-write: only changes of name or topic count. */
  'channel-rename': { requests: 2, windowMs: 600_000, major: 'channel', scope: 'shared' },
  'channel-permissions': rule(10, 15_000, 'channel'),
  'channel-typing': rule(5, 5_000, 'channel'),
  'message-read': rule(30, 10_000, 'channel'),
  'message-post': rule(5, 5_000, 'channel'),
  'message-edit': rule(5, 5_000, 'channel'),
  'message-delete': rule(5, 1_000, 'channel'),
  'message-bulk-delete': rule(1, 3_000, 'channel'),
  'message-react': rule(1, 250, 'channel'),
  'message-pin': rule(5, 5_000, 'channel'),
  'webhook-message': rule(5, 2_000, 'webhook'),
  'guild-read': rule(30, 10_000, 'guild'),
  'guild-channel-create': rule(10, 10_000, 'guild'),
  'guild-role-write': rule(10, 10_000, 'guild'),
  'member-read': rule(30, 10_000, 'guild'),
  'member-list': rule(10, 10_000, 'guild'),
  'member-edit': rule(10, 10_000, 'guild'),
  'member-roles': rule(10, 10_000, 'guild'),
  'member-remove': rule(10, 10_000, 'guild'),
  'guild-bans': rule(10, 10_000, 'guild'),
  'guild-audit-log': rule(10, 10_000, 'guild'),
} as const satisfies Record<string, BucketRule>

export type BucketName = keyof typeof bucketRules

/** Requests a second of one token over all its connections. */
export const globalRequestsPerSecond = 50
