/**
 * Waits until a run's sessions are recorded, checks each through the API as anyone would, and judges the run.
 */
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import { decodeBase64 } from '../../actors/records/base64.ts'
import { parseReceipt } from '../../actors/records/receipt.ts'
import type { PrismaClient } from '../../prisma/prisma-client.ts'
import type { ExportedReceipt, RunExport } from '../../prisma/run-export.ts'
import { readRun } from '../../prisma/run-export.ts'
import type { RecordedSession, RunVerdict, Stretch } from './run-verdict.ts'
import { compareRun } from './run-verdict.ts'

const lookAgainMs = 100
/** After a killed process: spawn, identify (5 s a bucket), reconcile. */
const patienceMs = 30_000

export interface RunRecords {
  readonly run: RunExport
  readonly verdict: RunVerdict
}

/**
 * Resolves when every stretch has its receipt, or after 30 s with what there is. Sessions that began before `since` are not
 * this run's: an interrupted run may have left people in voice.
 */
export async function waitForRecords(
  deps: { readonly clock: Clock; readonly client: PrismaClient; readonly signal: AbortSignal },
  options: { readonly guildIds: readonly string[]; readonly since: number; readonly stretches: readonly Stretch[] },
): Promise<RunRecords> {
  const startedAt = deps.clock.monotonicMs()
  for (;;) {
    const { receipts, keys } = await readRun(deps.client, options)
    const run = { receipts: receipts.filter((receipt) => readSession(receipt).joinedAt >= options.since), keys }
    const verdict = compareRun(options.stretches, run.receipts.map(readSession))
    const waitedMs = deps.clock.monotonicMs() - startedAt
    if (verdict.lost.length === 0 || waitedMs > patienceMs) return { run, verdict }
    await waitFor(deps.clock, lookAgainMs, deps.signal)
  }
}

function readSession(receipt: ExportedReceipt): RecordedSession {
  const bytes = decodeBase64(receipt.file.signed)
  const parsed = bytes.ok ? parseReceipt(bytes.value) : null
  const payload = (parsed?.ok === true ? parsed.value.receipt.payload : {}) as Record<string, unknown>
  return {
    recordId: receipt.recordId,
    guildId: receipt.guildId,
    userId: String(payload['user_id']),
    channelId: String(payload['channel_id']),
    joinedAt: Date.parse(String(payload['joined_at'])),
    leftAt: Date.parse(String(payload['left_at'])),
  }
}

export interface CheckedSession {
  readonly id: string
  readonly url: string
  readonly valid: boolean
}

/** Asks the public API about each record; whatever is not a clear yes is a no. */
export async function checkByApi(apiUrl: string, recordIds: readonly string[]): Promise<readonly CheckedSession[]> {
  return await Promise.all(
    recordIds.map(async (id) => {
      const url = `${apiUrl}/verify/session/${id}`
      const response = await fetch(url)
      const body = (await response.json()) as { valid?: unknown }
      return { id, url, valid: response.ok && body.valid === true }
    }),
  )
}
