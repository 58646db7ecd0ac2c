/**
 * Node, the disk, and the ports that this installation wants.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rm, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import type { Finding } from './finding.ts'
import { note, ok, problem, warning } from './finding.ts'

/** As package.json says. */
const nodeMin = [20, 19] as const
/** Logs and the embedded servers need some room. */
const freeBytesMin = 1024 ** 3
const answerTimeoutMs = 1_500

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNewEnough = major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])
  if (isNewEnough) return ok('node', `Node ${version}`)
  return problem('node', `Node ${version} is too old`, `Install Node ${nodeMin.join('.')} or newer.`)
}

/** Writes a file into the folder and takes it away again, the folder too if it was not there. */
export async function checkDisk(folder: string): Promise<Finding> {
  const file = join(folder, `doctor-${randomBytes(6).toString('hex')}`)
  let made: string | undefined
  try {
    made = await mkdir(folder, { recursive: true })
    const handle = await open(file, 'wx')
    await handle.writeFile('written by muster doctor')
    await handle.sync()
    await handle.close()
    await rm(file)
  } catch (thrown) {
    const error = coerceError(thrown)
    const fix = `Make the folder writable for this user, free its disk, or set MUSTER_HOME to another folder.`
    return problem('disk', `${folder} cannot be written to (${codeOf(error) ?? error.message})`, fix)
  }
  const { bavail, bsize } = await statfs(folder)
  if (made !== undefined) await rm(made, { recursive: true })
  const free = bavail * bsize
  const gigabytes = (free / 1024 ** 3).toFixed(1)
  if (free >= freeBytesMin) return ok('disk', `${folder} is writable, ${gigabytes} GB free`)
  return warning('disk', `${folder} has ${gigabytes} GB free`, 'Make room: a full disk stops logs and embedded servers.')
}

export interface WantedPort {
  readonly setting: string
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Path on which a process of ours answers there. */
  readonly healthPath: string
}

export async function checkPort(wanted: WantedPort): Promise<Finding> {
  const { setting, host, port } = wanted
  const check = `port ${setting}`
  if (port === 0) return ok(check, 'any free one')
  const code = await tryListen(host, port)
  if (code === null) return ok(check, `${host}:${port} is free`)
  if (code === 'EADDRINUSE' && (await answersAsOurs(wanted))) return note(check, `Muster answers on ${host}:${port} already`)
  if (code === 'EADDRINUSE') {
    return problem(check, `${host}:${port} is taken by another program`, `End that program, or set ${setting} to a free port (and tell the load balancer).`)
  }
  if (code === 'EACCES') return problem(check, `this user may not listen on ${host}:${port}`, `Set ${setting} to a port above 1023.`)
  return problem(check, `nothing can listen on ${host}:${port} (${code})`, `Correct ${setting} and the address beside it.`)
}

/** Null: it could be listened on. */
function tryListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (thrown) => resolve(codeOf(coerceError(thrown)) ?? 'unknown'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)))
  })
}

async function answersAsOurs({ host, port, healthPath }: WantedPort): Promise<boolean> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host
  try {
    const response = await fetch(`http://${address}:${port}${healthPath}`, { signal: AbortSignal.timeout(answerTimeoutMs) })
    const body = (await response.json()) as { status?: unknown }
    return typeof body.status === 'string'
  } catch (thrown) {
    // Another program: it does not speak HTTP, or not ours.
    coerceError(thrown)
    return false
  }
}
