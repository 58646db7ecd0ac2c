/**
 * Binding to 127.0.0.1, to the wanted port or the next free one.
 *
 * A bot reads the gateway's address once per process, so after a restart the sandbox should come back on the same
 * port: the wanted port is tried first, and the caller learns which one it became.
 */
import type { Server } from 'node:http'
import { AppError, codeOf } from '../kernel/errors.ts'

/** How many ports after the wanted one are tried. */
const portsTriedMax = 50

/** Port 0 takes any free one. Resolves with the port that was bound. */
export async function listenOn(server: Server, wantedPort: number): Promise<number> {
  const triesMax = wantedPort === 0 ? 1 : portsTriedMax
  for (let offset = 0; offset < triesMax && wantedPort + offset <= 65_535; offset += 1) {
    const bound = await tryListen(server, wantedPort === 0 ? 0 : wantedPort + offset)
    if (bound !== undefined) return bound
  }
  const message = `no free port from ${wantedPort} on for the sandbox: set SANDBOX_PORT to another one`
  throw new AppError('port-exhausted', message, { context: { wantedPort } })
}

function tryListen(server: Server, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      server.off('listening', onListening)
      if (codeOf(error) === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    }
    const onListening = (): void => {
      server.off('error', onError)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : undefined)
    }
    server.once('error', onError)
    server.once('listening', onListening)
    server.listen(port, '127.0.0.1')
  })
}
