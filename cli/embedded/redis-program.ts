/**
 * Finds a Redis to run: on the PATH, or the machine's own Debian package unpacked into the data folder.
 *
 * npm has no usable Redis binary. Where apt and dpkg exist, the package and the libraries it misses are downloaded
 * and unpacked into `<folder>/redis-package`: nothing is installed, no service is started, and neither root nor a
 * change to the system is needed. Package lists are fetched into the folder too when the machine's own are empty or
 * too old. Anywhere else the answer is the one line to type.
 */
import { execFile } from 'node:child_process'
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { AppError, coerceError } from '../../kernel/errors.ts'

export interface RedisProgram {
  readonly file: string
  /** What the program needs in its environment to find its libraries. */
  readonly environment: Readonly<Record<string, string>>
}

const run = promisify(execFile)
const programNames = ['redis-server', 'valkey-server'] as const
/** A mirror that does not answer must not hold a start for ever. */
const fetchTimeoutMs = 120_000

/** A program that can be run; `searchPath` is the PATH to look through. */
export async function findRedisProgram(options: {
  readonly folder: string
  readonly searchPath: string
  readonly progress: (sentence: string) => void
}): Promise<RedisProgram> {
  const installed = await findOnPath([...programNames], options.searchPath)
  if (installed !== undefined) return { file: installed, environment: {} }
  const packageFolder = join(options.folder, 'redis-package')
  const unpacked = await programInPackage(packageFolder)
  if (unpacked !== undefined) return unpacked
  const apt = await findOnPath(['apt-get'], options.searchPath)
  const dpkg = await findOnPath(['dpkg'], options.searchPath)
  if (apt === undefined || dpkg === undefined) throw await noRedis(options.searchPath, undefined)
  options.progress("fetching Redis from this machine's package mirror")
  try {
    await fetchPackage({ apt, dpkg, packageFolder })
  } catch (thrown) {
    throw await noRedis(options.searchPath, coerceError(thrown))
  }
  return (await programInPackage(packageFolder)) ?? (await Promise.reject(await noRedis(options.searchPath, undefined)))
}

/** First with the package lists the machine has; when those are empty or lead nowhere, with fresh ones of our own. */
async function fetchPackage({ apt, dpkg, packageFolder }: { apt: string; dpkg: string; packageFolder: string }): Promise<void> {
  const draft = `${packageFolder}.draft`
  await rm(draft, { recursive: true, force: true })
  const archives = join(draft, 'archives')
  await mkdir(archives, { recursive: true })
  try {
    await downloadArchives({ apt, archives, aptOptions: [] })
  } catch (thrown) {
    coerceError(thrown)
    // What was wrong with the machine's lists does not matter if fresh ones work; if not, that error is thrown.
    const aptOptions = await freshLists(apt, draft)
    await downloadArchives({ apt, archives, aptOptions })
  }
  const root = join(draft, 'root')
  await mkdir(root)
  for (const archive of await readdir(archives)) {
    if (archive.endsWith('.deb')) await run(dpkg, ['-x', join(archives, archive), root], { timeout: fetchTimeoutMs })
  }
  await rm(packageFolder, { recursive: true, force: true })
  await rename(root, packageFolder)
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
async function downloadArchives(options: { apt: string; archives: string; aptOptions: readonly string[] }): Promise<void> {
  // Without a sandbox user apt does not need to hand the folder to somebody who may not enter it.
  const aptOptions = [...options.aptOptions, '-o', 'APT::Sandbox::User=', '-q']
  const { stdout } = await run(options.apt, [...aptOptions, '-s', '--no-install-recommends', 'install', 'redis-server'], {
    env: { ...process.env, LC_ALL: 'C' },
    timeout: fetchTimeoutMs,
  })
  const names = [...stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '')
  if (names.length === 0) throw new AppError('embedded-server-failed', 'apt names nothing to install for redis-server')
  await run(options.apt, [...aptOptions, 'download', ...names], { cwd: options.archives, timeout: fetchTimeoutMs })
}

async function programInPackage(packageFolder: string): Promise<RedisProgram | undefined> {
  const file = join(packageFolder, 'usr', 'bin', 'redis-server')
  if (!(await isExecutable(file))) return undefined
  const libraries: string[] = []
  for (const parent of [join(packageFolder, 'usr', 'lib'), join(packageFolder, 'lib')]) {
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

async function findOnPath(names: readonly string[], searchPath: string): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of searchPath.split(delimiter)) {
      const file = join(folder, name)
      if (folder !== '' && (await isExecutable(file))) return file
    }
  }
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return true
  } catch (thrown) {
    coerceError(thrown)
    return false
  }
}

/** The one line to type, for the package manager this machine has. */
async function noRedis(searchPath: string, cause: Error | undefined): Promise<AppError> {
  const lines = [
    ['apt-get', 'sudo apt-get update && sudo apt-get install -y redis-server'],
    ['dnf', 'sudo dnf install -y valkey'],
    ['brew', 'brew install redis'],
    ['apk', 'sudo apk add redis'],
    ['pacman', 'sudo pacman -S valkey'],
  ] as const
  let line = lines.slice(0, 3).map(([, text]) => text).join(' | ')
  for (const [manager, text] of lines) {
    if ((await findOnPath([manager], searchPath)) === undefined) continue
    line = text
    break
  }
  const tried = cause === undefined ? '' : ' and its package could not be fetched'
  return new AppError('embedded-server-failed', `there is no Redis on this machine${tried}; install one (${line}) or set REDIS_URL`, cause === undefined ? {} : { cause })
}
