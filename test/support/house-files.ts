/**
 * The files of the house as somebody who clones it gets them: what is generated, installed or left by a run is no part
 * of it. It walks the folder instead of asking git, so that it also works where there is no .git.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const houseFolder = fileURLToPath(new URL('../..', import.meta.url))

/** What .gitignore names, and git's own folder. */
const notOurs = new Set(['node_modules', '.git', '.muster', 'dist', 'coverage', 'prisma/generated', '.env'])

/** Paths from the root, with slashes, sorted. */
export async function listHouseFiles(): Promise<readonly string[]> {
  const files = await listFolder('')
  return files.sort()
}

export async function readHouseFile(path: string): Promise<string> {
  return await readFile(join(houseFolder, path), 'utf8')
}

async function listFolder(folder: string): Promise<string[]> {
  const entries = await readdir(join(houseFolder, folder), { withFileTypes: true })
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (notOurs.has(path) || entry.name === 'node_modules' || path.endsWith('.log')) return []
      return entry.isDirectory() ? await listFolder(path) : [path]
    }),
  )
  return found.flat()
}
