/**
 * What the environment (and .env) sets for a process, and no more: only the variables that process reads.
 *
 * What the house decides itself (addresses of what it started, keys) is added on top by the caller.
 */
import { apiVariables } from '../../api/config.ts'
import { managerVariables } from '../../cluster/config.ts'
import { sandboxVariables } from '../../sandbox/config.ts'
import { shardVariables } from '../../shards/config.ts'

const variablesOf = {
  api: apiVariables,
  /** Its shard processes get their environment through it. */
  manager: [...managerVariables, ...shardVariables],
  sandbox: sandboxVariables,
} as const

export function configuredFor(
  process: keyof typeof variablesOf,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const configured: Record<string, string> = {}
  for (const name of variablesOf[process]) {
    const text = environment[name]
    if (text !== undefined && text !== '') configured[name] = text
  }
  return configured
}
