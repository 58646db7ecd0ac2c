/**
 * Keeping a running server: the record in the folder, the guardian beside it, and the end.
 *
 * `keepServer` makes this process the keeper. `visitServer` is for a server somebody else keeps: it can be used and
 * is never ended from here.
 */
import { rm } from 'node:fs/promises'
import type { Clock } from '../../kernel/clock.ts'
import { endProcess } from './end-process.ts'
import type { EndingStep } from './end-process.ts'
import type { EmbeddedServer } from './embedded-server.ts'
import { startGuardian } from './guardian.ts'
import { identify } from './process-identity.ts'
import { writeServerRecord } from './server-record.ts'

type RunningServer = Omit<EmbeddedServer, 'stop'>

export function visitServer(server: RunningServer): EmbeddedServer {
  return { ...server, stop: () => Promise.resolve() }
}

export async function keepServer(
  clock: Clock,
  server: RunningServer,
  options: {
    readonly recordFile: string
    readonly ending: readonly EndingStep[]
    readonly guardianSignal: 'INT' | 'TERM' | 'KILL'
    /** Removed when the server has ended, however it did. */
    readonly removeFolders?: readonly string[]
  },
): Promise<EmbeddedServer> {
  const removeFolders = options.removeFolders ?? []
  const guardian = startGuardian({ pid: server.pid, signal: options.guardianSignal, removeFolders })
  const identity = await identify(server.pid)
  await writeServerRecord(options.recordFile, server)
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    await endProcess(clock, identity, options.ending)
    await guardian.dismiss()
    for (const folder of removeFolders) await rm(folder, { recursive: true, force: true })
  }
  // The record stays: it holds the port, so that the next start is found under the same address.
  return { ...server, stop: () => (stopping ??= stop()) }
}
