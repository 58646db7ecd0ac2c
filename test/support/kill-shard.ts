/** SIGKILL of a shard process, until everything is served again. */
import type { Fleet } from './fleet-processes.ts'

export async function killUntilReady(fleet: Pick<Fleet, 'whenExited' | 'whenReady'>, pid: number): Promise<void> {
  const exited = fleet.whenExited(pid)
  process.kill(pid, 'SIGKILL')
  await exited
  await fleet.whenReady()
}
