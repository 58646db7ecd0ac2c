/**
 * `muster …` as an operator types it, beside a fleet: a process of its own with nothing but the address of the database.
 */
import type { Fleet } from './fleet-processes.ts'
import type { Program } from './program.ts'
import { startProgram } from './program.ts'

export interface MusterResult {
  readonly exitCode: number | null
  readonly output: string
  /** The last line, where it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>>
}

export function startMuster(fleet: Pick<Fleet, 'environment'>, args: readonly string[]): Program {
  const { DATABASE_URL, REDIS_URL, REDIS_PREFIX, NODE_ENV } = fleet.environment as Record<string, string>
  const environment = { DATABASE_URL, REDIS_URL, REDIS_PREFIX, NODE_ENV } as Record<string, string>
  return startProgram({ name: `muster ${args[0]}`, entry: 'cli/main.ts', args, environment, ipc: false })
}

export async function runMuster(fleet: Pick<Fleet, 'environment'>, args: readonly string[]): Promise<MusterResult> {
  const program = startMuster(fleet, args)
  const { exitCode } = await program.closed
  const output = program.output()
  const last = output.trim().split('\n').at(-1) ?? ''
  return { exitCode, output, json: last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {} }
}
