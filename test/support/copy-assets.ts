/**
 * `npm run build`, second half: what the compiler does not carry into dist/ (Lua scripts, SQL, pages and their script, pictures).
 *
 * The folders are those of tsconfig.build.json, so that a file read beside its module is found beside it in dist too.
 */
import { existsSync } from 'node:fs'
import { cp, readFile, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'

const carried = new Set(['.lua', '.sql', '.prisma', '.toml', '.html', '.css', '.svg', '.json', '.ttf', '.woff2', '.wasm', '.js'])

const { include } = JSON.parse(await readFile('tsconfig.build.json', 'utf8')) as { include: string[] }
// A room that is planned and still empty does not exist in a clone.
for (const folder of include.filter((room) => existsSync(room))) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !carried.has(extname(entry.name))) continue
    const file = join(entry.parentPath, entry.name)
    await cp(file, join('dist', file))
  }
}
