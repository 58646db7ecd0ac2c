/**
 * The place of this shard process in its topology, as the manager tells it through the environment: beside the library's
 * own variables (which shards, of how many) the generation, and whether it starts holding.
 */
import { z } from 'zod'
import { placeVariables } from '../cluster/protocol.ts'
import { AppError } from '../kernel/errors.ts'
import type { Generation } from '../kernel/ids.ts'
import { generation } from '../kernel/ids.ts'

const schema = z.object({
  [placeVariables.generation]: z.string().regex(/^[1-9]\d{0,8}$/),
  [placeVariables.startsHolding]: z.enum(['yes', 'no']),
})

export interface Place {
  readonly generation: Generation
  readonly startsHolding: boolean
}

/** Throws `configuration-invalid`: a shard process is started by the manager, never by hand. */
export function parsePlace(environment: Readonly<Record<string, string | undefined>>): Place {
  const result = schema.safeParse(environment)
  if (!result.success) {
    throw new AppError('configuration-invalid', 'a shard process is started by the manager (`muster up`, or cluster/main), not by itself')
  }
  return {
    generation: generation(Number(result.data[placeVariables.generation])),
    startsHolding: result.data[placeVariables.startsHolding] === 'yes',
  }
}
