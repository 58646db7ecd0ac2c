/**
 * Is that process still the one we met? A pid alone does not say: it is given again after a restart or a wrap.
 *
 * A process is known by its pid and its stamp, the moment it was started as the kernel tells it. A zombie counts as
 * gone: in a container whose first process does not reap, it would otherwise stay "alive" for ever.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { coerceError } from '../../kernel/errors.ts'

export interface ProcessIdentity {
  readonly pid: number
  readonly stamp: string
}

const run = promisify(execFile)

/** The stamp of a living process; undefined when there is none. */
export async function processStamp(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return await stampFromProc(pid)
  return await askPs(pid, 'lstart=')
}

/** The command line of a living process; undefined when there is none or it is hidden from us. */
export async function processCommand(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return await askPs(pid, 'command=')
  const text = await readOrUndefined(`/proc/${pid}/cmdline`)
  return text === undefined || text === '' ? undefined : text.replaceAll('\u0000', ' ').trim()
}

export async function isSameProcess(known: ProcessIdentity): Promise<boolean> {
  return (await processStamp(known.pid)) === known.stamp
}

/** A living process, as it will be recognised later. One that has gone already is recognised by nobody. */
export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, stamp: (await processStamp(pid)) ?? 'gone' }
}

/** `/proc/<pid>/stat`: the name is in parentheses and may hold anything, so fields count from the last `)`. */
async function stampFromProc(pid: number): Promise<string | undefined> {
  const text = await readOrUndefined(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, startTime] = [fields[0], fields[19]]
  return state === 'Z' || state === 'X' ? undefined : startTime
}

async function readOrUndefined(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    coerceError(thrown)
    // No such process, or one that is not ours to look at: both mean that we cannot know it.
    return undefined
  }
}

async function askPs(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-p', String(pid), '-o', column])
    return stdout.trim() === '' ? undefined : stdout.trim()
  } catch (thrown) {
    coerceError(thrown)
    // `ps` exits with 1 when there is no such process.
    return undefined
  }
}
