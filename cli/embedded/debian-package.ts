/**
 * A program of a Debian package without installing it: the package and the libraries this machine misses are downloaded
 * and unpacked into a folder of our own. Nothing is installed, no service is started, and neither root nor a change to the
 * system is needed. Package lists are fetched into the folder too when the machine's own are empty or too old.
 */
import { execFile } from 'node:child_process'
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { AppError, coerceError } from '../../kernel/errors.ts'

export interface UnpackedProgram {
  readonly file: string
  /** What the program needs in its environment to find its libraries. */
  readonly environment: Readonly<Record<string, string>>
}

const run = promisify(execFile)
/** A mirror that does not answer must not hold a start for ever. */
const fetchTimeoutMs = 120_000

/**
 * The file `path` of the package, below `folder`: what was unpacked there before, or fetched now. undefined: this machine
 * has no apt and dpkg. Rejects when the package cannot be fetched.
 */
export async function unpackedProgram(options: {
  readonly packageName: string
  /** Inside the package, such as `usr/bin/redis-server`. */
  readonly path: string
  readonly folder: string
  readonly searchPath: string
  /** Told before anything is fetched. */
  readonly onFetch: () => void
}): Promise<UnpackedProgram | undefined> {
  const { packageName, path, folder, searchPath } = options
  const unpacked = await programBelow(folder, path)
  if (unpacked !== undefined) return unpacked
  const apt = await findOnPath(['apt-get'], searchPath)
  const dpkg = await findOnPath(['dpkg'], searchPath)
  if (apt === undefined || dpkg === undefined) return undefined
  options.onFetch()
  await fetchPackage({ apt, dpkg, packageName, folder })
  return await programBelow(folder, path)
}

/** First with the package lists the machine has; when those are empty or lead nowhere, with fresh ones of our own. */
async function fetchPackage(options: { apt: string; dpkg: string; packageName: string; folder: string }): Promise<void> {
  const { apt, dpkg, packageName, folder } = options
  const draft = `${folder}.draft`
  await rm(draft, { recursive: true, force: true })
  const archives = join(draft, 'archives')
  await mkdir(archives, { recursive: true })
  try {
    await downloadArchives({ apt, packageName, archives, aptOptions: [] })
  } catch (thrown) {
    coerceError(thrown)
    // What was wrong with the machine's lists does not matter if fresh ones work; if not, that error is thrown.
    const aptOptions = await freshLists(apt, draft)
    await downloadArchives({ apt, packageName, archives, aptOptions })
  }
  const root = join(draft, 'root')
  await mkdir(root)
  for (const archive of await readdir(archives)) {
    if (archive.endsWith('.deb')) await run(dpkg, ['-x', join(archives, archive), root], { timeout: fetchTimeoutMs })
  }
  await rm(folder, { recursive: true, force: true })
  await rename(root, folder)
  await rm(draft, { recursive: true, force: true })
}

async function freshLists(apt: string, draft: string): Promise<string[]> {
  const [lists, cache] = [join(draft, 'lists'), join(draft, 'cache')]
  await mkdir(join(lists, 'partial'), { recursive: true })
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true })
  const aptOptions = ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${cache}`, '-o', 'APT::Sandbox::User=']
  await run(apt, [...aptOptions, 'update'], { timeout: fetchTimeoutMs, maxBuffer: 1 << 24 })
  return aptOptions
}

/** A simulated installation names what is missing on this machine: `Inst redis-server (5:7.0.15 …)`. */
async function downloadArchives(options: {
  apt: string
  packageName: string
  archives: string
  aptOptions: readonly string[]
}): Promise<void> {
  // Without a sandbox user apt does not need to hand the folder to somebody who may not enter it.
  const aptOptions = [...options.aptOptions, '-o', 'APT::Sandbox::User=', '-q']
  const { stdout } = await run(options.apt, [...aptOptions, '-s', '--no-install-recommends', 'install', options.packageName], {
    env: { ...process.env, LC_ALL: 'C' },
    timeout: fetchTimeoutMs,
  })
  const names = [...stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '')
  if (names.length === 0) throw new AppError('embedded-server-failed', `apt names nothing to install for ${options.packageName}`)
  await run(options.apt, [...aptOptions, 'download', ...names], { cwd: options.archives, timeout: fetchTimeoutMs })
}

async function programBelow(folder: string, path: string): Promise<UnpackedProgram | undefined> {
  const file = join(folder, path)
  if (!(await canAccess(file, constants.R_OK))) return undefined
  const libraries: string[] = []
  for (const parent of [join(folder, 'usr', 'lib'), join(folder, 'lib')]) {
    libraries.push(parent)
    for (const entry of await foldersIn(parent)) libraries.push(join(parent, entry))
  }
  return { file, environment: { LD_LIBRARY_PATH: libraries.join(':') } }
}

async function foldersIn(parent: string): Promise<string[]> {
  try {
    return (await readdir(parent, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch (thrown) {
    coerceError(thrown)
    return [] // Packages differ in which of the two folders they fill.
  }
}

/** The first of these programs that the PATH leads to. */
export async function findOnPath(names: readonly string[], searchPath: string): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of searchPath.split(delimiter)) {
      const file = join(folder, name)
      if (folder !== '' && (await canAccess(file, constants.X_OK))) return file
    }
  }
  return undefined
}

async function canAccess(file: string, mode: number): Promise<boolean> {
  try {
    await access(file, mode)
    return true
  } catch (thrown) {
    coerceError(thrown)
    return false
  }
}
