/**
 * What manager and shard processes say to each other, over the library's IPC channel.
 *
 * Every message is one of these and is parsed at the receiving door; anything else on the channel is the library's own.
 * Nothing here carries a secret: what a child must know it reads from its environment.
 */
import { z } from 'zod'

const incarnationText = z.string().min(1).max(200)
const count = z.number().int().min(0)

const fromShardSchema = z.discriminatedUnion('kind', [
  /** Its lease stands; from here on its death is worth reporting to others. */
  z.object({ kind: z.literal('started'), incarnation: incarnationText }),
  /** It answers /health and /metrics on this port of its machine, under this name. */
  z.object({ kind: z.literal('listening'), process: z.string().min(1).max(64), port: z.number().int().min(1).max(65_535) }),
  /** All guilds of all its shards have been told; it holds what comes until it is told to switch. */
  z.object({ kind: z.literal('heard'), guilds: count }),
  /** Its slots are taken and its guilds reconciled. `order`: of the switch it answers, 0 of its start. */
  z.object({ kind: z.literal('ready'), shards: z.array(z.number().int()), guilds: count, order: count }),
  /** Its event loop turns; every second. `owned`: slots that it serves. */
  z.object({ kind: z.literal('heartbeat'), owned: count }),
  /** It cannot run; `exitCode` as in the README, `sentence` for a person. */
  z.object({ kind: z.literal('failed'), exitCode: z.number().int(), sentence: z.string().max(2000) }),
])
export type ShardMessage = z.infer<typeof fromShardSchema>

const fromManagerSchema = z.discriminatedUnion('kind', [
  /** The manager saw this process exit: its lease need not end before its slots are taken. */
  z.object({ kind: z.literal('process-dead'), incarnation: incarnationText }),
  /** Take the slots of your shards, from whoever has them; answered with `ready` under the same order. */
  z.object({ kind: z.literal('switch'), order: count }),
  /** Want no slot any more, serve what there is until the other generation asks: its switch begins, or ours is given up. */
  z.object({ kind: z.literal('hand-back') }),
  /** The other generation has every slot: end as soon as none is left here. */
  z.object({ kind: z.literal('retire') }),
  /** Finish, make durable, let go, exit. */
  z.object({ kind: z.literal('drain') }),
])
export type ManagerMessage = z.infer<typeof fromManagerSchema>

/** How often a shard process says that it is there. */
export const heartbeatIntervalMs = 1_000

/** Variables with which the manager tells a shard process its place, beside the library's own. */
export const placeVariables = {
  /** Number of the topology it belongs to. */
  generation: 'MUSTER_GENERATION',
  /** `yes`: it hears and holds until it is told to switch; else it takes its slots as its shards are heard. */
  startsHolding: 'MUSTER_STARTS_HOLDING',
} as const

/** The field of the library's message that holds ours. */
const field = 'muster'

export const wrapMessage = (message: ShardMessage | ManagerMessage): Record<string, unknown> => ({ [field]: message })

/** Null: not one of ours. Throws when it claims to be ours and is not well-formed. */
export function parseShardMessage(raw: unknown): ShardMessage | null {
  const ours = unwrap(raw)
  return ours === undefined ? null : fromShardSchema.parse(ours)
}

export function parseManagerMessage(raw: unknown): ManagerMessage | null {
  const ours = unwrap(raw)
  return ours === undefined ? null : fromManagerSchema.parse(ours)
}

function unwrap(raw: unknown): unknown {
  return typeof raw === 'object' && raw !== null && field in raw ? raw[field] : undefined
}

/** Exit codes of every process of this house. */
export const exitCodes = { normal: 0, configuration: 1, store: 2, gateway: 3 } as const
