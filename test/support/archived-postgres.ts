/**
 * A Postgres that is backed up as docs/operations.md says: a base backup while it serves, and its log archived all the time.
 *
 * What pgBackRest and wal-g do is done here with the server's own functions (pg_backup_start, archive_command), because
 * the embedded server comes without pg_basebackup and pg_dump. `lose` is the disk that dies; `restore` is what follows.
 * https://www.postgresql.org/docs/18/continuous-archiving.html
 */
import { execFile } from 'node:child_process'
import { appendFile, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { giveToOwnerOf } from '../../cli/embedded/data-folder.ts'
import { startEmbeddedPostgres } from '../../cli/embedded/embedded-postgres.ts'
import type { EmbeddedServer } from '../../cli/embedded/embedded-server.ts'
import { endProcess } from '../../cli/embedded/end-process.ts'
import { identify } from '../../cli/embedded/process-identity.ts'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import { ensureDatabase, migrateDatabase } from '../../prisma/migrate.ts'
import { mustEnd } from './leaks.ts'

const run = promisify(execFile)
const clock = createSystemClock()
/** High, so that it is free when the server comes back. */
const portPreferred = 42_810
const endPatienceMs = 20_000
const lookAgainMs = 50
/** tar says 1 where a file changed under it: the log that is replayed later mends that. */
const tarSaysChanged = 1

export class ArchivedPostgres {
  readonly #folder: string
  #server: EmbeddedServer
  #label = ''
  #isStopped = false

  constructor(parts: { readonly folder: string; readonly server: EmbeddedServer }) {
    this.#folder = parts.folder
    this.#server = parts.server
    mustEnd('a Postgres with an archive', () => !this.#isStopped)
  }

  get url(): string {
    return this.#server.url
  }

  async query<Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]> {
    return await this.#withClient(async (client) => (await client.query<Row>(text)).rows)
  }

  /** The daily one; people go on meanwhile. Resolves when all that belongs to it is in the archive. */
  async baseBackup(): Promise<void> {
    await this.#withClient(async (client) => {
      await client.query("SELECT pg_backup_start('daily', fast => true)")
      const left = ['./pg_wal/*', './postmaster.pid', './postmaster.opts'].map((pattern) => `--exclude=${pattern}`)
      await run('tar', ['-C', this.#data, ...left, '-cf', this.#base, '.']).catch((thrown: { readonly code?: unknown }) => {
        if (thrown.code !== tarSaysChanged) throw thrown
      })
      const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(wait_for_archive => true)')
      this.#label = rows[0]?.labelfile ?? ''
    })
  }

  /** Resolves when everything that is durable now is in the archive: what comes later may be lost with the disk. */
  async archiveNow(): Promise<void> {
    const [present] = await this.query<{ file: string }>('SELECT pg_walfile_name(pg_switch_wal()) AS file')
    for (;;) {
      const [archived] = await this.query<{ file: string | null }>('SELECT last_archived_wal AS file FROM pg_stat_archiver')
      if ((archived?.file ?? '') >= (present?.file ?? '')) return
      await waitFor(clock, lookAgainMs)
    }
  }

  /** The server dies and its disk with it. The backup and the archive are elsewhere. */
  async lose(): Promise<void> {
    await endProcess(clock, await identify(this.#server.pid), [{ signal: 'SIGQUIT', patienceMs: endPatienceMs }])
    await rm(this.#data, { recursive: true })
  }

  /** To the newest point there is. Resolves when it takes connections that write. */
  async restore(): Promise<void> {
    await mkdir(join(this.#data, 'pg_wal'), { recursive: true })
    await run('tar', ['-C', this.#data, '-xf', this.#base])
    await appendFile(join(this.#data, 'postgresql.auto.conf'), `restore_command = 'cp "${this.#archive}/%f" "%p"'\n`)
    await writeFile(join(this.#data, 'backup_label'), this.#label)
    await writeFile(join(this.#data, 'recovery.signal'), '')
    for (const name of ['.', 'pg_wal', 'backup_label', 'recovery.signal']) await giveToOwnerOf(this.#place, join(this.#data, name))
    await chmod(this.#data, 0o700)
    await this.restart()
    while ((await this.query<{ recovers: boolean }>('SELECT pg_is_in_recovery() AS recovers'))[0]?.recovers === true) await waitFor(clock, lookAgainMs)
  }

  async restart(): Promise<void> {
    const ended = this.#server
    await ended.stop()
    this.#server = await start(this.#folder)
  }

  /** Makes the archive and has the server write to it. */
  async beginArchiving(): Promise<void> {
    await mkdir(this.#archive)
    await giveToOwnerOf(this.#place, this.#archive)
    await this.query("ALTER SYSTEM SET archive_mode = 'on'")
    await this.query(`ALTER SYSTEM SET archive_command = 'test ! -f "${this.#archive}/%f" && cp "%p" "${this.#archive}/%f"'`)
    await this.restart()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#server.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  get #place(): string {
    return join(this.#folder, 'postgres')
  }

  get #data(): string {
    return join(this.#place, 'data')
  }

  get #archive(): string {
    return join(this.#place, 'archive')
  }

  get #base(): string {
    return join(this.#folder, 'base.tar')
  }

  async #withClient<Value>(work: (client: pg.Client) => Promise<Value>): Promise<Value> {
    const client = new pg.Client({ connectionString: this.url })
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }
}

const start = (folder: string): Promise<EmbeddedServer> =>
  startEmbeddedPostgres({ clock, progress: () => undefined }, { folder, portPreferred })

/** Running, migrated and archiving. */
export async function openArchivedPostgres(): Promise<ArchivedPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-archived-'))
  // Passage for the database's user; what is inside has modes of its own.
  await chmod(folder, 0o711)
  const postgres = new ArchivedPostgres({ folder, server: await start(folder) })
  try {
    await ensureDatabase(postgres.url)
    await migrateDatabase(postgres.url)
    await postgres.beginArchiving()
    return postgres
  } catch (thrown) {
    await postgres.stop()
    throw thrown
  }
}
