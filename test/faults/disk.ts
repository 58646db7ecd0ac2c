/**
 * A full disk under Postgres. Where this process may mount, Postgres stands on a small disk of its own (tmpfs) and a file
 * fills what is free: the kernel itself says ENOSPC. Elsewhere a trigger answers every write as Postgres answers then,
 * SQLSTATE 53100, which shows the same of us and less of Postgres. Which of the two it was is told.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import type { WholeHouse } from './house.ts'

const run = promisify(execFile)
/** Postgres with its log, and the rows of a run of some minutes: the more is asked a second, the more they are. */
const diskMegabytesMin = 600
const diskMegabytesPerRate = 6
const pieceBytes = 8 * 1024 * 1024

export interface SmallDisk {
  /** Temporary folders are made here while it is mounted. */
  readonly folder: string
  remove(): Promise<void>
}

/** null: this process may not mount. */
export async function mountSmallDisk(ratePerSecond: number): Promise<SmallDisk | null> {
  const megabytes = Math.max(diskMegabytesMin, Math.ceil(ratePerSecond * diskMegabytesPerRate))
  const folder = await mkdtemp(join(tmpdir(), 'muster-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'muster-faults', folder])
  } catch (thrown) {
    coerceError(thrown)
    await rm(folder, { recursive: true, force: true })
    return null
  }
  await chmod(folder, 0o755)
  return {
    folder,
    async remove() {
      await run('umount', [folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** For so long nothing more can be written. Resolves when there is room again and Postgres runs. */
export async function fillDisk(house: WholeHouse, ms: number): Promise<void> {
  if (house.smallDisk === null) await refuseWrites(house, ms)
  else await fill(house, { folder: house.smallDisk.folder, ms })
}

async function fill(house: WholeHouse, { folder, ms }: { readonly folder: string; readonly ms: number }): Promise<void> {
  const ballast = join(folder, 'ballast')
  const file = await open(ballast, 'w')
  const piece = Buffer.alloc(pieceBytes)
  try {
    for (let size = pieceBytes; size >= 4096; ) {
      try {
        await file.write(piece, 0, size)
      } catch (thrown) {
        if (codeOf(coerceError(thrown)) !== 'ENOSPC') throw thrown
        size = Math.floor(size / 2)
      }
    }
    await house.wait(ms)
  } finally {
    await file.close()
    await rm(ballast, { force: true })
  }
  // Without room for its log Postgres ends; whoever frees the disk starts it again.
  const hasEnded = await house.servers.startPostgresIfEnded()
  process.stderr.write(`faults: Postgres ${hasEnded ? 'ended of its full disk and was started again' : 'lived through its full disk'}\n`)
}

async function refuseWrites(house: WholeHouse, ms: number): Promise<void> {
  await house.servers.query(`
    CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER disk_is_full BEFORE INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full();
  `)
  try {
    await house.wait(ms)
  } finally {
    await house.servers.query('DROP FUNCTION disk_is_full CASCADE')
  }
}
