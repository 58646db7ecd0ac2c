/**
 * SIGSTOP for a while: processes stand still in the middle of whatever they do, and go on as if nothing had been.
 */
import { stopProcesses } from './child.ts'
import type { House } from './house.ts'

export async function stopFor(house: House, pids: readonly number[], ms: number): Promise<void> {
  const stopped = stopProcesses(pids)
  try {
    await house.wait(ms)
  } finally {
    await stopped.resume()
  }
}
