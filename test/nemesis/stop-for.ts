/**
 * SIGSTOP for a while: the process stands still in the middle of whatever it does, and goes on as if nothing had been.
 */
import { stopProcess } from './child.ts'
import type { House } from './house.ts'

export async function stopFor(house: House, pid: number, ms: number): Promise<void> {
  const stopped = stopProcess(pid)
  try {
    await house.wait(ms)
  } finally {
    await stopped.resume()
  }
}
