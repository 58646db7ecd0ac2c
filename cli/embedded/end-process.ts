/**
 * Ends a process by its pid and waits until it is really gone, child of ours or not.
 *
 * Signals are tried in the order given, each with its own patience; the last should be one that cannot be ignored.
 * A process that got the same pid after ours had ended is left alone: its stamp differs.
 */
import { waitFor } from '../../kernel/clock.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AppError, codeOf, coerceError } from '../../kernel/errors.ts'
import { isSameProcess } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { lookAgainMs } from './embedded-server.ts'

export interface EndingStep {
  readonly signal: NodeJS.Signals
  readonly patienceMs: number
}

export async function endProcess(clock: Clock, known: ProcessIdentity, steps: readonly EndingStep[]): Promise<void> {
  if (!(await isSameProcess(known))) return
  for (const { signal, patienceMs } of steps) {
    sendSignal(known.pid, signal)
    if (await isGoneWithin(clock, known, patienceMs)) return
  }
  throw new AppError('embedded-server-failed', `process ${known.pid} does not end`, { context: { pid: known.pid } })
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    const error = coerceError(thrown)
    // ESRCH: it went by itself between our look and our signal, which is what we want.
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

async function isGoneWithin(clock: Clock, known: ProcessIdentity, patienceMs: number): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + patienceMs
  while (await isSameProcess(known)) {
    if (clock.monotonicMs() >= deadlineMs) return false
    await waitFor(clock, lookAgainMs)
  }
  return true
}
