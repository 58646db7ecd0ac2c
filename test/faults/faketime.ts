/**
 * The wall clock of every process of the house, stepped while they run: libfaketime stands between them and the C library
 * and reads the offset from a file. Monotonic time is left alone, as a step of a real clock leaves it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPackagedProgram } from '../support/packaged-program.ts'
import type { WholeHouse } from './house.ts'

/** libfaketime looks at its file again after this long. */
const lookAgainSeconds = 1

export interface Faketime {
  /** For the processes whose clock is to be stepped. */
  readonly environment: Readonly<Record<string, string>>
  remove(): Promise<void>
}

export async function openFaketime(): Promise<Faketime> {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  const library = await findPackagedProgram({ packageName: 'libfaketime', path: `usr/lib/${triplet}/faketime/libfaketimeMT.so.1` })
  const folder = await mkdtemp(join(tmpdir(), 'muster-faketime-'))
  const file = join(folder, 'offset')
  await writeFile(file, '+0')
  return {
    environment: {
      LD_PRELOAD: library.file,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: String(lookAgainSeconds),
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Resolves when every process has looked. */
export async function setClocks(house: WholeHouse, offsetSeconds: number): Promise<void> {
  const file = house.fleet.environment['FAKETIME_TIMESTAMP_FILE']
  if (file === undefined) throw new Error('the processes were started with the clock of the machine')
  await writeFile(file, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}`)
  await house.wait(lookAgainSeconds * 1_000 + 100)
}
