/**
 * Finds a Redis to run: on the PATH, or the machine's own Debian package unpacked into the data folder.
 *
 * npm has no usable Redis binary. Where there is neither a Redis nor apt and dpkg, the answer is the one line to type.
 */
import { join } from 'node:path'
import { AppError, coerceError } from '../../kernel/errors.ts'
import type { UnpackedProgram } from './debian-package.ts'
import { findOnPath, unpackedProgram } from './debian-package.ts'

const programNames = ['redis-server', 'valkey-server'] as const

/** A program that can be run; `searchPath` is the PATH to look through. */
export async function findRedisProgram(options: {
  readonly folder: string
  readonly searchPath: string
  readonly progress: (sentence: string) => void
}): Promise<UnpackedProgram> {
  const { folder, searchPath, progress } = options
  const installed = await findOnPath([...programNames], searchPath)
  if (installed !== undefined) return { file: installed, environment: {} }
  let unpacked: UnpackedProgram | undefined
  try {
    unpacked = await unpackedProgram({
      packageName: 'redis-server',
      path: join('usr', 'bin', 'redis-server'),
      folder: join(folder, 'redis-package'),
      searchPath,
      onFetch: () => progress("fetching Redis from this machine's package mirror"),
    })
  } catch (thrown) {
    throw await noRedis(searchPath, coerceError(thrown))
  }
  if (unpacked === undefined) throw await noRedis(searchPath, undefined)
  return unpacked
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
