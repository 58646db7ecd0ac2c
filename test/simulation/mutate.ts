/**
 * Runs the simulation over a copy of the source in which one safeguard is taken out.
 *
 * The copy is a folder of its own under the system's temporary one; the tree that is tested is never touched.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert } from '../../kernel/assert.ts'
import type { Mutant } from './mutants.ts'
import type { FailedSeed, Load } from './seed-run.ts'
import { runInWorkers } from './workers.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** All that a simulation imports, and what tells Node how to read it. */
const copied = ['actors', 'kernel', 'shards', 'test/simulation', 'test/support', 'package.json', 'tsconfig.json']

/** The first seed that finds the mutant; null: none of `seeds` did. */
export async function huntMutant(
  mutant: Mutant,
  options: { readonly seeds: number; readonly workers: number; readonly from?: number; readonly load?: Load },
): Promise<FailedSeed | null> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-mutant-'))
  try {
    for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true })
    applyEdits(folder, mutant)
    const { failed } = await runInWorkers({ from: 1, ...options, stopAtFirst: true, source: folder })
    return failed[0] ?? null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Throws when a text is not there exactly once: the source has changed and the mutant must follow. */
function applyEdits(folder: string, { name, edits }: Mutant): void {
  for (const { file, find, replace } of edits) {
    const path = join(folder, file)
    const text = readFileSync(path, 'utf8')
    const times = text.split(find).length - 1
    assert(times === 1, `mutant "${name}": its text is ${times} times in ${file}`)
    writeFileSync(path, text.replace(find, () => replace))
  }
}
