/**
 * What the environment (and .env) sets for a process, and no more: only the variables that process reads.
 *
 * What the house decides itself (addresses of what it started, keys) is added on top by the caller.
 */
import type { Environment } from '../../kernel/settings.ts'
import { variablesOf } from '../../kernel/settings.ts'
import { everySetting } from '../every-setting.ts'

const variables = {
  api: variablesOf(everySetting.api),
  /** Its shard processes get their environment through it. */
  manager: [...variablesOf(everySetting.manager), ...variablesOf(everySetting.shard)],
  sandbox: variablesOf(everySetting.sandbox),
} as const

export function configuredFor(
  process: keyof typeof variables,
  environment: Environment,
): Record<string, string> {
  const configured: Record<string, string> = {}
  for (const name of variables[process]) {
    const text = environment[name]
    if (text !== undefined && text !== '') configured[name] = text
  }
  return configured
}
