/**
 * Who runs the embedded Postgres: it refuses to run as root.
 *
 * An ordinary user runs it himself. Root lends it to the user `postgres` if the machine has one, else to `nobody`,
 * which every machine has: no account is created. Data that exists already decides: its owner goes on running it.
 */
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { AppError, codeOf, coerceError } from '../../kernel/errors.ts'

export interface ServerUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const run = promisify(execFile)
const candidates = ['postgres', '_postgres', 'nobody'] as const

/** The user to run as, or undefined when we are an ordinary user and run it ourselves. */
export async function choosePostgresUser(dataFolder: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const owner = await ownerOf(dataFolder)
  if (owner !== undefined && owner.uid !== 0) return owner
  for (const name of candidates) {
    const user = await findUser(name)
    if (user !== undefined) return user
  }
  throw new AppError('embedded-server-failed', 'PostgreSQL does not run as root and this machine has neither a user postgres nor nobody: run as an ordinary user, or set DATABASE_URL')
}

/** True when the user may pass through the folder and every one above it; asked by trying. */
export async function canEnter(user: ServerUser, folder: string): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { uid: user.uid, gid: user.gid, cwd: '/' })
    return true
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) === undefined) return false // The test said no: a number is its exit status, not an error's code.
    throw new AppError('embedded-server-failed', `root may not lend a process to the user ${user.name} here: run as an ordinary user, or set DATABASE_URL`, { cause: error })
  }
}

async function findUser(name: string): Promise<ServerUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch (thrown) {
    coerceError(thrown)
    return undefined // `id` exits with 1: no such user.
  }
}

async function ownerOf(folder: string): Promise<ServerUser | undefined> {
  try {
    const { uid, gid } = await stat(folder)
    return { name: `number ${uid}`, uid, gid }
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
