/**
 * Settings that more than one process reads: the same form, the same default and the same words for each.
 */
import { z } from 'zod'
import { logLevels } from './log.ts'
import type { SettingNotes } from './settings.ts'
import { baseUrl, host, integer, noted, oneOf, port, url } from './settings.ts'
import { allowedShardCounts } from './shard-counts.ts'

export const discordApiDefault = 'https://discord.com/api'
/** As OpenTelemetry's Prometheus exporters: seldom taken by anything else. */
export const healthPortDefault = 9464

export const databaseUrl = noted(url('postgres:', 'postgresql:'), {
  section: 'given',
  about: 'PostgreSQL 14 or newer; not set: one is started under .muster/ by `muster up`.',
  example: 'postgresql://muster:password@localhost:5432/muster',
  isSecret: true,
})

export const redisUrl = noted(url('redis:', 'rediss:'), {
  section: 'given',
  about: 'Redis 6.2 or newer, one primary, no cluster mode; not set: one is started under .muster/ by `muster up`.',
  example: 'redis://localhost:6379',
  isSecret: true,
})

export const redisPrefix = noted(z.string().max(64).default('muster:'), {
  section: 'given',
  about: 'In front of every key and channel, so that several installations may share a Redis.',
})

export const discordToken = noted(z.string().min(1), {
  section: 'given',
  about:
    'Token of your application (developer portal, Bot → Reset Token); not set: the sandbox, a Discord on this machine. DISCORD_BOT_TOKEN is read where this is not set.',
  example: '',
  isSecret: true,
  alias: 'DISCORD_BOT_TOKEN',
})

export const discordApi = noted(baseUrl().default(discordApiDefault), {
  section: 'given',
  about: 'Base of Discord’s REST interface, without a version; another one only for tests.',
})

const clusterPublicKeysNotes: SettingNotes = {
  section: 'keys',
  about: 'Public halves that are believed, base64, separated by commas; what the API trusts. `muster up` sets it by itself.',
  example: '',
}
/** Public keys are parsed where they are believed; the words are the same everywhere. */
export const clusterPublicKeys = <Schema extends z.ZodType>(schema: Schema): Schema => noted(schema, clusterPublicKeysNotes)

export const clusterKey = <Schema extends z.ZodType>(schema: Schema): Schema =>
  noted(schema, {
    section: 'keys',
    about:
      'Seed of the key that signs snapshots and guild keys: `openssl rand -base64 32`. Not set: made once by `muster up`, in .muster/keys.json.',
    example: '',
    isSecret: true,
  })

export const keyEncryptionKeys = <Schema extends z.ZodType>(schema: Schema): Schema =>
  noted(schema, {
    section: 'keys',
    about:
      'Key under which the guilds’ private keys are stored: `openssl rand -base64 32`; more than one, separated by commas, to change it: the first wraps, all unwrap. Set both keys or neither.',
    example: '',
    isSecret: true,
  })

export const shardCount = noted(
  z
    .string()
    .refine((text) => (allowedShardCounts as readonly number[]).map(String).includes(text), {
      error: `must be one of ${allowedShardCounts.join(', ')}`,
    })
    .transform(Number)
    .optional(),
  {
    section: 'processes',
    about: `Shards: one of ${allowedShardCounts.join(' ')}; not set: what Discord recommends, rounded up.`,
    example: '2',
  },
)

export const processCount = noted(integer(1, 384).default(2), {
  section: 'processes',
  about: 'Shard processes that the shards are shared out over.',
})

/** Reads of one shard process; the manager passes it on. */
export const databaseConnections = noted(integer(1, 100).default(5), {
  section: 'processes',
  about: 'Connections to Postgres that one shard process opens for reads; two more commit.',
})

export const defaultTier = <const Words extends readonly [string, ...string[]]>(tiers: Words) =>
  noted(oneOf(tiers).default(tiers[0] as Words[number]), {
    section: 'processes',
    about: `Tier of guilds that were given none: ${tiers.join(' or ')}.`,
  })

export const webhookAllow = <Schema extends z.ZodType>(schema: Schema): Schema =>
  noted(schema, {
    section: 'processes',
    about: 'Hosts, or host:port, that webhooks may be delivered to although they are not public; separated by commas.',
    example: '',
  })

export const membersIntent = noted(oneOf(['off', 'on']).default('off'), {
  section: 'processes',
  about: 'Whether the privileged intent for members is asked for (switch it on in the developer portal, too): seats of role panels are then freed when a member leaves or loses the role by another hand.',
})

export const logLevel = noted(oneOf(logLevels).default('info'), {
  section: 'health',
  about: `${logLevels.slice(0, -1).join(', ')} or ${logLevels.at(-1)}. With debug every command can be followed by its \`trace\` through commit and effects.`,
})

export const healthPort = noted(port.default(healthPortDefault), {
  section: 'health',
  about:
    'Port on which the manager answers /health and /metrics, for itself and all its shard processes; taken: the next free one. 0: any.',
})

export const healthHost = noted(host.default('127.0.0.1'), {
  section: 'health',
  about: 'Address on which the manager listens for that; a container sets 0.0.0.0.',
})

export const publicUrlNotes: SettingNotes = {
  section: 'api',
  about: 'How others reach the API; verify links are made of it.',
  example: 'http://127.0.0.1:8080',
}

export const apiPort = noted(port.default(8080), {
  section: 'api',
  about: 'Port it listens on; taken: the next free one. 0: any.',
})

/** Not a port of anything well known; the same every time, since bots remember the gateway's address. */
export const sandboxPort = noted(port.default(4_140), {
  section: 'sandbox',
  about: 'Port of its gateway, REST interface and faces; taken: the next free one. 0: any.',
})
