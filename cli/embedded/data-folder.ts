/**
 * The folder embedded servers keep their data in: secrets, records of running servers, and a lock around starting.
 *
 * Secrets are files of mode 600. The folder itself keeps the mode it is created with, because an unprivileged
 * database user may have to pass through it. Two starts on one folder take turns (`withFolderLock`), so that the
 * second finds what the first has built instead of building it again over it.
 */
import { randomBytes } from 'node:crypto'
import { access, chown, constants, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { waitFor } from '../../kernel/clock.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AppError, codeOf, coerceError } from '../../kernel/errors.ts'
import { lookAgainMs } from './embedded-server.ts'
import { identify, isSameProcess } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** Longer than any start, fetching Redis from a slow mirror included. */
const lockPatienceMs = 180_000

/** Makes the folder and gives back its absolute path; refused when it belongs to somebody else. */
export async function openDataFolder(folder: string): Promise<string> {
  const path = resolve(folder)
  try {
    await mkdir(path, { recursive: true })
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return path
  } catch (thrown) {
    const error = coerceError(thrown)
    throw new AppError('embedded-server-failed', `the data folder ${path} cannot be used by this user (${codeOf(error) ?? error.message}): run as the user who made it, or remove it to begin anew`, { cause: error })
  }
}

/** Root working in somebody's folder leaves nothing in it that its owner could not read or replace. */
export async function giveToOwnerOf(folder: string, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(folder)
  await chown(path, uid, gid)
}

/** The secret kept in a file of the folder; generated at first use. 24 random bytes cannot be guessed. */
export async function readOrCreateSecret(file: string): Promise<string> {
  const known = await readFileIfThere(file)
  if (known !== undefined && known.trim() !== '') return known.trim()
  const secret = randomBytes(24).toString('base64url')
  await writeWhole(file, `${secret}\n`)
  return secret
}

/** A file's text, or undefined when there is no such file. */
export async function readFileIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a file of mode 600 whole or not at all: a reader never meets half of it. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
  await giveToOwnerOf(dirname(file), draft)
  await rename(draft, file)
}

/** Runs `action` while no other process does so for the same lock of the folder. */
export async function withFolderLock<T>(clock: Clock, lockFile: string, action: () => Promise<T>): Promise<T> {
  await takeLock(clock, lockFile)
  try {
    return await action()
  } finally {
    await rm(lockFile, { force: true })
  }
}

/**
 * Takes the lock until `release`, or tells the pid of the living process that has it. What a killed process left is
 * taken over.
 */
export async function tryHoldFolderLock(
  lockFile: string,
): Promise<{ readonly release: () => Promise<void> } | { readonly holderPid: number }> {
  return await withLockDraft(lockFile, async (draft) => {
    for (;;) {
      if (await tryLink(draft, lockFile)) return { release: () => rm(lockFile, { force: true }) }
      const holder = parseIdentity((await readFileIfThere(lockFile)) ?? '')
      if (holder !== undefined && (await isSameProcess(holder))) return { holderPid: holder.pid }
      await removeLockOfTheDead(lockFile)
    }
  })
}

async function takeLock(clock: Clock, lockFile: string): Promise<void> {
  const deadlineMs = clock.monotonicMs() + lockPatienceMs
  await withLockDraft(lockFile, async (draft) => {
    while (!(await tryLink(draft, lockFile))) {
      await removeLockOfTheDead(lockFile)
      if (clock.monotonicMs() >= deadlineMs) {
        throw new AppError('embedded-server-failed', `another process has been starting servers for too long; if none is, remove ${lockFile}`)
      }
      await waitFor(clock, lookAgainMs)
    }
  })
}

/** The lock appears with its content at once (`link` of this draft), so whoever meets it can always tell whose it is. */
async function withLockDraft<T>(lockFile: string, action: (draft: string) => Promise<T>): Promise<T> {
  const draft = `${lockFile}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, JSON.stringify(await identify(process.pid)), { mode: 0o600 })
  try {
    return await action(draft)
  } finally {
    await rm(draft, { force: true })
  }
}

async function tryLink(draft: string, lockFile: string): Promise<boolean> {
  try {
    await link(draft, lockFile)
    return true
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Two may find the same dead lock. Each moves it aside before removing it, so one of them may move aside a living
 * lock taken in between; it is put back when its content is not the one that was judged.
 */
async function removeLockOfTheDead(lockFile: string): Promise<void> {
  const judged = await readFileIfThere(lockFile)
  if (judged === undefined || (await isHolderAlive(judged))) return
  const aside = `${lockFile}.${process.pid}.aside`
  try {
    await rename(lockFile, aside)
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  if ((await readFileIfThere(aside)) !== judged) await tryLink(aside, lockFile)
  await rm(aside, { force: true })
}

async function isHolderAlive(content: string): Promise<boolean> {
  const holder = parseIdentity(content)
  return holder !== undefined && (await isSameProcess(holder))
}

/** What a file says about a process; undefined when it does not say it in our form. */
export function parseIdentity(content: string): ProcessIdentity | undefined {
  const value = parseJson(content)
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('stamp' in value)) return undefined
  if (typeof value.pid !== 'number' || typeof value.stamp !== 'string') return undefined
  return { pid: value.pid, stamp: value.stamp }
}

/** JSON as it was written, or undefined for anything else: a file may have been cut short by a full disk. */
export function parseJson(content: string): unknown {
  try {
    return JSON.parse(content) as unknown
  } catch (thrown) {
    coerceError(thrown)
    return undefined
  }
}

/** Where a server's own files live inside the folder. */
export function pathsOf(folder: string, server: 'postgres' | 'redis'): { lock: string; password: string; record: string; data: string } {
  return {
    lock: join(folder, `${server}.lock`),
    password: join(folder, `${server}-password`),
    record: join(folder, `${server}.json`),
    data: join(folder, server),
  }
}
