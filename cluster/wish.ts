/**
 * What an operator may wish of the manager, and what the manager tells of how far it has come: both travel as JSON text in
 * a row of Postgres, and each end parses what the other wrote.
 */
import { z } from 'zod'
import { allowedShardCounts } from '../kernel/shard-counts.ts'

const count = z.number().int().min(1).max(384)

const wishSchema = z.discriminatedUnion('kind', [
  /** Another shape; what is null stays as it is. */
  z.object({
    kind: z.literal('rescale'),
    shardCount: count.refine((shards) => (allowedShardCounts as readonly number[]).includes(shards)).nullable(),
    processCount: count.nullable(),
    isDryRun: z.boolean(),
  }),
  /** Every process replaced by a new one, one after the other. */
  z.object({ kind: z.literal('restart'), isDryRun: z.boolean() }),
  /** One process replaced: by number, name, pid or incarnation. */
  z.object({ kind: z.literal('drain'), node: z.string().min(1).max(200), isDryRun: z.boolean() }),
])
export type Wish = z.infer<typeof wishSchema>

const shapeSchema = z.object({ generation: z.number().int(), shardCount: z.number().int(), processCount: z.number().int() })
export type Shape = z.infer<typeof shapeSchema>

const planSchema = z.object({
  from: shapeSchema.nullable(),
  to: shapeSchema,
  /** IDENTIFYs that it spends, and what Discord has left for this token. */
  identifies: z.number().int(),
  identifiesLeft: z.number().int(),
  identifiesTotal: z.number().int(),
  /** Until Discord gives the whole budget back. */
  resetAfterMs: z.number(),
  maxConcurrency: z.number().int(),
  /** An estimate, seconds. */
  prepareSeconds: z.number(),
  switchSeconds: z.number(),
})
export type RescalePlan = z.infer<typeof planSchema>

export const progressSteps = ['plan', 'prepare', 'switch', 'retire', 'abort', 'end'] as const
export type ProgressStep = (typeof progressSteps)[number]

const progressSchema = z.object({
  step: z.enum(progressSteps),
  plan: planSchema.nullable(),
  /** New processes that hear all their shards, and how many there are. */
  heard: z.number().int(),
  processes: z.number().int(),
  /** Slots that the new processes serve, of 384. */
  slots: z.number().int(),
  /** Old processes that have not ended. */
  old: z.number().int(),
})
export type RescaleProgress = z.infer<typeof progressSchema>

export const emptyProgress: RescaleProgress = { step: 'plan', plan: null, heard: 0, processes: 0, slots: 0, old: 0 }

/** Both throw on what the other end should not have written. */
export const parseWish = (text: string): Wish => wishSchema.parse(JSON.parse(text))
export const parseProgress = (text: string): RescaleProgress => progressSchema.parse(JSON.parse(text))

/** How a wish is called where it stands in the way of another. */
export function nameOfWish(wish: Wish): string {
  if (wish.kind === 'restart') return 'muster restart --rolling'
  if (wish.kind === 'drain') return `muster drain ${wish.node}`
  const shards = wish.shardCount === null ? '' : ` --shards ${wish.shardCount}`
  const processes = wish.processCount === null ? '' : ` --clusters ${wish.processCount}`
  return `muster rescale${shards}${processes}`
}
