/**
 * Makes plain JavaScript of the simulation and of everything it runs, in a folder of its own.
 *
 * The same text runs through tsx as well, and does for a trace; over thousands of seeds the names that tsx gives to every
 * function cost a third of the time. Types are not looked at here: `npm run typecheck` does, and a mutant may break them.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface CompiledSimulation {
  readonly worker: URL
  remove(): void
}

/** `source`: the folder that holds actors, kernel and test; by default the one this file is in. */
export async function compileSimulation(source = root): Promise<CompiledSimulation> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-simulation-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const project = {
      extends: join(source, 'tsconfig.json'),
      compilerOptions: { noEmit: false, noCheck: true, outDir: folder, rootDir: source, types: [] },
      include: [],
      files: [join(source, 'test/simulation/worker.ts')],
    }
    const file = join(folder, 'tsconfig.json')
    writeFileSync(file, JSON.stringify(project))
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    await promisify(execFile)(process.execPath, [compiler, '-p', file])
    return { worker: pathToFileURL(join(folder, 'test/simulation/worker.js')), remove }
  } catch (thrown) {
    remove()
    throw thrown
  }
}
