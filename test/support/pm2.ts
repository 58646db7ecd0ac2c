/**
 * A real pm2 with a home of its own: its daemon, logs and sockets live in a temporary folder and end with the test, also
 * with a run that is killed.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startGuardian } from '../../cli/embedded/guardian.ts'
import { mustEnd } from './leaks.ts'
import { isAlive } from './program.ts'

export interface Pm2Process {
  readonly name: string
  readonly pid: number
  readonly status: string
  readonly restarts: number
  readonly mode: string
  readonly exitCode: number | null
}

export interface Pm2 {
  readonly home: string
  /** Runs one command line of pm2 and resolves with what it printed; rejects when it fails. */
  run(...args: readonly string[]): Promise<string>
  list(): Promise<readonly Pm2Process[]>
  /** What the daemon wrote: starts, exits, who had to be killed. */
  daemonLog(): Promise<string>
  /** Ends everything, the daemon last. Idempotent. */
  kill(): Promise<void>
}

const execute = promisify(execFile)
const program = fileURLToPath(new URL('../../node_modules/pm2/bin/pm2', import.meta.url))
const commandTimeoutMs = 150_000

/** The daemon is started in a folder of its own and knows nothing of `environment`, as one that a system service started. */
export async function startPm2(environment: Readonly<Record<string, string>>): Promise<Pm2> {
  const home = await mkdtemp(join(tmpdir(), 'muster-pm2-'))
  const plain = { PATH: process.env['PATH'] ?? '', HOME: home, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true', NO_COLOR: '1' }
  const run = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> => {
    const { stdout } = await execute(process.execPath, [program, ...args], {
      cwd: home,
      env: { ...plain, ...env },
      timeout: commandTimeoutMs,
      maxBuffer: 1 << 26,
    })
    return stdout
  }
  await run(['ping'], {})
  const daemonPid = Number(await readFile(join(home, 'pm2.pid'), 'utf8'))
  const guardian = startGuardian({ pid: daemonPid, signal: 'TERM' })
  mustEnd('pm2 daemon', () => isAlive(daemonPid))
  let ended: Promise<void> | null = null
  const end = async (): Promise<void> => {
    await run(['kill'], {})
    await guardian.dismiss()
    await rm(home, { recursive: true, force: true })
  }
  return {
    home,
    run: (...args) => run(args, environment),
    async list() {
      const listed = JSON.parse(await run(['jlist', '--silent'], {})) as readonly ListedProcess[]
      return listed.map(({ name, pid, pm2_env: about }) => ({
        name,
        pid,
        status: about.status,
        restarts: about.restart_time,
        mode: about.exec_mode,
        exitCode: about.exit_code ?? null,
      }))
    },
    daemonLog: () => readFile(join(home, 'pm2.log'), 'utf8'),
    kill: () => (ended ??= end()),
  }
}

interface ListedProcess {
  readonly name: string
  readonly pid: number
  readonly pm2_env: { readonly status: string; readonly restart_time: number; readonly exec_mode: string; readonly exit_code?: number }
}
