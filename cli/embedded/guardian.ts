/**
 * A guardian ends an embedded server when its keeper dies without saying goodbye.
 *
 * Servers are started in a session of their own, so that ctrl-c in a terminal reaches our process alone and the
 * database outlives the processes that still write to it. The price would be a server left behind by SIGKILL. So a
 * few lines of shell wait on a pipe from the keeper: when the pipe closes without the word "dismiss", they send the
 * signal. The pipe is closed by the kernel, however the keeper ended.
 */
import { spawn } from 'node:child_process'
import { assert } from '../../kernel/assert.ts'

export interface Guardian {
  /** The server is being ended properly, or is gone: nothing is left to guard. */
  dismiss(): Promise<void>
}

export interface GuardianOptions {
  readonly pid: number
  readonly signal: 'INT' | 'TERM' | 'KILL'
  /** Removed after the server is gone, or after ten seconds; a zombie that nobody reaps counts as gone. */
  readonly removeFolders?: readonly string[]
}

const script = `
trap '' HUP INT TERM
IFS= read -r word
[ "$word" = dismiss ] && exit 0
pid=$2
kill -s "$1" "$pid" 2>/dev/null
shift 2
[ "$#" -gt 0 ] || exit 0
is_alive() { kill -0 "$pid" 2>/dev/null && ! grep -q ') Z ' "/proc/$pid/stat" 2>/dev/null; }
tries=0
while is_alive && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf -- "$@"
`

export function startGuardian(options: GuardianOptions): Guardian {
  assert(options.pid > 1, 'guardian was given no process to guard')
  const args = [options.signal, String(options.pid), ...(options.removeFolders ?? [])]
  const child = spawn('/bin/sh', ['-c', script, 'muster-guardian', ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  })
  // A server without guardian still works and is still ended by `stop`: what is lost is the net under SIGKILL.
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  // Its pipe must not keep our process alive either; the type of a child's stdin hides that it is a socket.
  const pipe = child.stdin as typeof child.stdin & { unref?: () => void }
  pipe.unref?.()
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  return {
    async dismiss() {
      if (child.exitCode !== null || child.pid === undefined) return
      child.ref()
      child.stdin.end('dismiss\n')
      await ended
    },
  }
}
