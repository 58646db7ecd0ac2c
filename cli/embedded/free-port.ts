/**
 * Finds a port of 127.0.0.1 that nobody listens on.
 *
 * An answer is true only at the moment it is given: whoever uses it must be ready for "address already in use" and
 * ask again, beginning after the port that failed.
 */
import { createServer } from 'node:net'
import { AppError, codeOf, coerceError } from '../../kernel/errors.ts'

/** How many ports after the preferred one are looked at. More in use in a row means something else is wrong. */
const portsTriedMax = 100
const portMax = 65_535

/** The preferred port or the next free one after it; 0 asks the system for any. */
export async function findFreePort(portPreferred: number): Promise<number> {
  if (portPreferred === 0) return (await tryListen(0)) ?? noneFree(portPreferred)
  for (let port = portPreferred; port < portPreferred + portsTriedMax && port <= portMax; port++) {
    const found = await tryListen(port)
    if (found !== undefined) return found
  }
  return noneFree(portPreferred)
}

function noneFree(portPreferred: number): never {
  throw new AppError('port-exhausted', `no free port from ${portPreferred} on, ${portsTriedMax} tried`, {
    context: { portPreferred },
  })
}

/** The port that could be listened on, or undefined when it is taken or not ours to take. */
function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (thrown) => {
      const code = codeOf(coerceError(thrown))
      if (code === 'EADDRINUSE' || code === 'EACCES') resolve(undefined)
      else reject(thrown)
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined))
    })
  })
}
