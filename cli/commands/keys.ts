/**
 * `muster keys rewrap`: after the key-encryption key was changed, wraps every guild key under the new one.
 *
 * Steps of a few keys; interrupted, the next run goes on with what is left. Exit status 0: nothing is left under an older
 * key, so that one may be taken out of MUSTER_KEK; 1: some keys did not open.
 */
import { randomBytes } from 'node:crypto'
import type { KeyEncryptionKeys } from '../../actors/records/cluster-key.ts'
import type { KeyWrapStore } from '../../actors/records/key-rewrap.ts'
import { rewrapStep } from '../../actors/records/key-rewrap.ts'
import { silentLog } from '../../kernel/log.ts'
import { createPostgresKeyWrapStore } from '../../prisma/key-wrap-store.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'

const keysPerStepMax = 100

export interface RewrapOutput {
  /** One JSON object at the end and nothing else; otherwise a line a step. */
  readonly json: boolean
  print(line: string): void
}

/** Runs with a connection of its own. Resolves with the exit status. */
export async function withKeyWraps(databaseUrl: string, work: (store: KeyWrapStore) => Promise<number>): Promise<number> {
  const pool = createPostgresPool(
    { log: silentLog },
    { connectionString: databaseUrl, connectionsMax: 1, statementTimeoutMs: 30_000, connectTimeoutMs: 5_000, applicationName: 'muster-cli' },
  )
  try {
    return await work(createPostgresKeyWrapStore(pool))
  } finally {
    await pool.end()
  }
}

export async function rewrapKeys(
  deps: { readonly store: KeyWrapStore; readonly keks: KeyEncryptionKeys },
  output: RewrapOutput,
): Promise<number> {
  const { store, keks } = deps
  const total = await store.countOutdated(keks[0].kekId)
  const failed: { keyId: string; guildId: string; problem: string }[] = []
  let rewrapped = 0
  let after: string | null = null
  do {
    const step: Awaited<ReturnType<typeof rewrapStep>> = await rewrapStep(
      { store, keks, random: (length) => new Uint8Array(randomBytes(length)) },
      { after, limit: keysPerStepMax },
    )
    rewrapped += step.rewrapped
    failed.push(...step.failed)
    after = step.next
    if (!output.json && total > 0) output.print(`${rewrapped} of ${total} guild keys are wrapped by the first key of MUSTER_KEK.`)
  } while (after !== null)
  const left = await store.countOutdated(keks[0].kekId)
  if (output.json) output.print(JSON.stringify({ kekId: keks[0].kekId, rewrapped, left, failed }))
  else tellEnd(output, { left, failed })
  return left === 0 ? 0 : 1
}

function tellEnd(output: RewrapOutput, { left, failed }: { left: number; failed: readonly { guildId: string; problem: string }[] }): void {
  for (const { problem } of failed) output.print(problem)
  if (left === 0) output.print('No guild key is under an older key-encryption key: older ones may be taken out of MUSTER_KEK.')
  else output.print(`${left} guild keys are still under an older key-encryption key. Put the one that wrapped them after the first in MUSTER_KEK, and run this again.`)
}
