/**
 * A real load balancer before processes of a test, with the configuration that stands in `ops/`: only the addresses are
 * replaced. It runs in a folder of its own and is ended by its pid.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '../../cli/embedded/free-port.ts'
import { readHouseFile } from './house-files.ts'
import { mustEnd } from './leaks.ts'
import { findPackagedProgram } from './packaged-program.ts'

export interface Balancer {
  readonly port: number
  /** Lines of a file of its folder. */
  lines(file: string): Promise<readonly string[]>
  readonly folder: string
  stop(): Promise<void>
}

/** How often is tried whether it listens; it tells nobody. */
const lookAgainMs = 20
const startTimeoutMs = 10_000

/** nginx with ops/nginx/muster-api.conf before two ports. Its access log: address asked for, status, who was tried. */
export async function startNginx(ports: readonly [number, number]): Promise<Balancer> {
  const program = await findPackagedProgram({ packageName: 'nginx-light', path: 'usr/sbin/nginx' })
  const folder = await mkdtemp(join(tmpdir(), 'muster-nginx-'))
  const port = await findFreePort(0)
  const text = replaceEach(await readHouseFile('ops/nginx/muster-api.conf'), [
    ['listen 80;', `listen 127.0.0.1:${port};`],
    ['127.0.0.1:8080', `127.0.0.1:${ports[0]}`],
    ['127.0.0.1:8081', `127.0.0.1:${ports[1]}`],
  ])
  await writeFile(join(folder, 'muster-api.conf'), text)
  await writeFile(join(folder, 'nginx.conf'), nginxAround(folder))
  const args = ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')]
  return await startBalancer({ ...program, name: 'nginx', args, folder, port })
}

/** HAProxy with ops/haproxy/haproxy.cfg before two ports. What it thinks of its servers is in `server.log`. */
export async function startHaproxy(ports: readonly [number, number]): Promise<Balancer> {
  const program = await findPackagedProgram({ packageName: 'haproxy', path: 'usr/sbin/haproxy' })
  const folder = await mkdtemp(join(tmpdir(), 'muster-haproxy-'))
  const port = await findFreePort(0)
  const text = replaceEach(await readHouseFile('ops/haproxy/haproxy.cfg'), [
    ['bind :80\n', `bind 127.0.0.1:${port}\n`],
    ['127.0.0.1:8080', `127.0.0.1:${ports[0]}`],
    ['127.0.0.1:8081', `127.0.0.1:${ports[1]}`],
    ['global\n', 'global\n    log stdout format raw local0\n'],
    ['mode http\n', 'mode http\n    log global\n'],
  ])
  await writeFile(join(folder, 'haproxy.cfg'), text)
  return await startBalancer({ ...program, name: 'haproxy', args: ['-db', '-f', join(folder, 'haproxy.cfg')], folder, port })
}

function replaceEach(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((changed, [from, to]) => {
    if (changed.split(from).length !== 2) throw new Error(`the configuration has ${JSON.stringify(from)} not once`)
    return changed.replace(from, to)
  }, text)
}

function nginxAround(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `  ${what}_temp_path ${join(folder, what)};`)
  return [
    'daemon off;',
    // Started by root it would give its workers to a user who may not enter the folder.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `pid ${join(folder, 'nginx.pid')};`,
    'worker_processes 2;',
    'events { worker_connections 512; }',
    'http {',
    ...temporary,
    "  log_format told '$request_uri $status $upstream_addr';",
    `  access_log ${join(folder, 'access.log')} told;`,
    `  include ${join(folder, 'muster-api.conf')};`,
    '}',
    '',
  ].join('\n')
}

interface Starting {
  readonly name: string
  readonly file: string
  readonly environment: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly folder: string
  readonly port: number
}

async function startBalancer({ name, file, environment, args, folder, port }: Starting): Promise<Balancer> {
  const child = spawn(file, [...args], { cwd: folder, env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  mustEnd(name, () => !hasEnded())
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  const deadline = performance.now() + startTimeoutMs
  while (!(await listens(port))) {
    if (!hasEnded() && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs))
      continue
    }
    child.kill('SIGKILL')
    throw new Error(`${name} did not start:\n${output}`)
  }
  return {
    port,
    folder,
    lines: async (logFile) => (logFile === 'server.log' ? output : await readFile(join(folder, logFile), 'utf8')).split('\n').filter((line) => line !== ''),
    async stop() {
      if (!hasEnded()) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
