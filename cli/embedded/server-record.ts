/**
 * The note a running server leaves in the data folder: where it listens and who keeps it.
 *
 * The note is advice. Whether the server really runs is found out by asking it (server-answers.ts); the note only
 * says where to ask, which port to prefer next time, and whether the keeper still lives.
 */
import { parseIdentity, parseJson, readFileIfThere, writeWhole } from './data-folder.ts'
import { identify, isSameProcess } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

export interface ServerRecord {
  readonly pid: number
  readonly port: number
  readonly keeper: ProcessIdentity
}

export async function readServerRecord(file: string): Promise<ServerRecord | undefined> {
  const value = parseJson((await readFileIfThere(file)) ?? '')
  if (typeof value !== 'object' || value === null) return undefined
  if (!('pid' in value) || !('port' in value) || !('keeper' in value)) return undefined
  const keeper = parseIdentity(JSON.stringify(value.keeper))
  if (typeof value.pid !== 'number' || typeof value.port !== 'number' || keeper === undefined) return undefined
  return { pid: value.pid, port: value.port, keeper }
}

/** Writes down that this process keeps the server from now on. */
export async function writeServerRecord(file: string, server: { pid: number; port: number }): Promise<void> {
  const record: ServerRecord = { pid: server.pid, port: server.port, keeper: await identify(process.pid) }
  await writeWhole(file, `${JSON.stringify(record)}\n`)
}


/** True when the keeper of the record lives, this process included: then the server is not ours to take over. */
export async function isKept(record: ServerRecord): Promise<boolean> {
  return await isSameProcess(record.keeper)
}
