/**
 * Programs that tests need beside the house: found on the PATH, or taken from their Debian package without installing it,
 * as the embedded Redis is. They stay unpacked under `.muster/packages/`; the first run on a bare machine fetches them.
 */
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { findOnPath, unpackedProgram } from '../../cli/embedded/debian-package.ts'
import type { UnpackedProgram } from '../../cli/embedded/debian-package.ts'
import { coerceError } from '../../kernel/errors.ts'

const packages = fileURLToPath(new URL('../../.muster/packages', import.meta.url))
/** Folders of programs for administrators are not on everybody's PATH. */
const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin:/sbin`

/** Downloading the package is part of the first call. */
export const packagedProgramTimeoutMs = 240_000

/** Throws with the line to type where it cannot be had. `path`: of the program in its package. */
export async function findPackagedProgram({ packageName, path }: { packageName: string; path: string }): Promise<UnpackedProgram> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const installed = name.endsWith('.so.1') ? undefined : await findOnPath([name], searchPath)
  if (installed !== undefined) return { file: installed, environment: {} }
  const remedy = `missing on this machine: ${name} (sudo apt-get install -y ${packageName})`
  const onFetch = (): void => void process.stderr.write(`tests: fetching ${packageName} from this machine's package mirror\n`)
  try {
    const unpacked = await unpackedProgram({ packageName, path, folder: join(packages, packageName), searchPath, onFetch })
    if (unpacked !== undefined) return unpacked
  } catch (thrown) {
    throw new Error(`${remedy}: ${coerceError(thrown).message}`, { cause: thrown })
  }
  throw new Error(remedy)
}
