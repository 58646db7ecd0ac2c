/**
 * Listens on a port, or on the next free one: a taken port is told and not the end.
 */
import type { Server } from 'node:http'
import { AppError, codeOf, coerceError } from './errors.ts'

export interface ListenOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Names of the two settings, for whoever must correct them. */
  readonly settings: { readonly host: string; readonly port: string }
}

/** As far as a person looks for the port that was meant. */
const portAttemptsMax = 20

/** Resolves with the port. Throws `configuration-invalid` for an address it cannot have, `port-exhausted` when all are taken. */
export async function listenOnFreePort(server: Server, { host, port, settings }: ListenOptions): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + portAttemptsMax, 65_535)
  for (let candidate = port; candidate <= last; candidate++) {
    try {
      return await listen(server, host, candidate)
    } catch (thrown) {
      const error = coerceError(thrown)
      if (codeOf(error) === 'EADDRINUSE') continue
      const where = `${host}:${candidate}`
      throw new AppError('configuration-invalid', `cannot listen on ${where}: ${error.message}; correct ${settings.host} or ${settings.port}`, {
        cause: error,
      })
    }
  }
  throw new AppError('port-exhausted', `ports ${port} to ${last} of ${host} are all taken; set ${settings.port} to a free one`)
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
