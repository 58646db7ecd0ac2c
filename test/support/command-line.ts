/**
 * `muster up` as somebody types it: a process without a channel, in a folder of its own, with an environment of its own.
 *
 * `descendants` finds every process below it by the kernel's own tables, so that a test can say that nothing of it is left:
 * children that outlive it are looked for by pid and start time, and never by a name.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import { readFileIfThere } from '../../cli/embedded/data-folder.ts'
import type { ProcessIdentity } from '../../cli/embedded/process-identity.ts'
import { identify, isSameProcess } from '../../cli/embedded/process-identity.ts'
import type { Program } from './program.ts'
import { startProgram } from './program.ts'

export interface Installation {
  readonly folder: string
  /** Starts `muster` with these arguments. NODE_ENV is not set: `.env` is read. */
  muster(args: readonly string[], environment?: Readonly<Record<string, string>>): Program
  /** For an afterEach: ends what a failed test has left, so that it fails alone, and shows what it said. */
  endAll(test: Mocha.Test | undefined): Promise<void>
  remove(): Promise<void>
}

export async function createInstallation(environment: Readonly<Record<string, string>> = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-up-'))
  const started: Program[] = []
  return {
    folder,
    muster(args, more = {}) {
      const program = startProgram({
        name: `muster ${args.join(' ')}`,
        entry: 'cli/main.ts',
        args,
        environment: { API_PORT: '0', SANDBOX_PORT: '0', HEALTH_PORT: '0', ...environment, ...more },
        folder,
        ipc: false,
        ownGroup: true,
      })
      started.push(program)
      return program
    },
    async endAll(test) {
      const ours = started.splice(0)
      if (test?.state === 'failed') await show(test, ours, join(folder, '.muster', 'logs'))
      for (const program of ours) {
        program.kill('SIGTERM')
        await program.closed
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

const logLinesShown = 40

async function show(test: Mocha.Test, programs: readonly Program[], logs: string): Promise<void> {
  const write = (title: string, text: string): void => void process.stderr.write(`\n--- ${title}\n${text}\n`)
  for (const program of programs) write(`${test.title}: ${program.name}`, program.output())
  for (const name of await readdir(logs).catch(() => [])) {
    const text = (await readFileIfThere(join(logs, name))) ?? ''
    write(name, text.trimEnd().split('\n').slice(-logLinesShown).join('\n'))
  }
}

/** Every process below this one that lives now, by the tree of parents. */
export async function descendants(pid: number): Promise<readonly ProcessIdentity[]> {
  const childrenOf = new Map<number, number[]>()
  for (const { child, parent } of await processTable()) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), child])
  const below = (parent: number): number[] => (childrenOf.get(parent) ?? []).flatMap((child) => [child, ...below(child)])
  return await Promise.all(below(pid).map((child) => identify(child)))
}

/** From the kernel where it can be read: small machines have no `ps`. */
async function processTable(): Promise<readonly { readonly child: number; readonly parent: number }[]> {
  if (process.platform !== 'linux') {
    const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    return table.trim().split('\n').map((line) => {
      const [child = 0, parent = 0] = line.trim().split(/\s+/).map(Number)
      return { child, parent }
    })
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const rows = await Promise.all(
    pids.map(async (pid) => {
      // One that ends while it is looked at has no file any more, or one that cannot be read (ESRCH).
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      return { child: Number(pid), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }
    }),
  )
  return rows.filter(({ parent }) => Number.isInteger(parent))
}

/** Resolves when none of them lives any more. Processes of others tell nobody of their end, so they are looked at. */
export async function whenGone(processes: readonly ProcessIdentity[]): Promise<void> {
  const clock = createSystemClock()
  for (const known of processes) while (await isSameProcess(known)) await waitFor(clock, lookAgainMs)
}

const lookAgainMs = 20

export async function livingOf(processes: readonly ProcessIdentity[]): Promise<readonly number[]> {
  const alive: number[] = []
  for (const known of processes) if (await isSameProcess(known)) alive.push(known.pid)
  return alive
}
