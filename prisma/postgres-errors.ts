/**
 * Why Postgres cannot be reached, in a sentence with its remedy and without the password of the URL.
 */
import { AppError, codeOf } from '../kernel/errors.ts'

/** The AppError of a connection that could not be made. */
export function explainPostgres(url: string, error: Error): AppError {
  const { hostname, port, pathname } = new URL(url)
  const where = `${hostname}:${port === '' ? '5432' : port}`
  const code = codeOf(error) ?? 'unknown'
  return new AppError('postgres-unavailable', `cannot connect to PostgreSQL at ${where}: ${reasonOf(code, error, pathname.slice(1))}`, {
    cause: error,
    context: { host: hostname, port: port === '' ? 5432 : Number(port), code },
  })
}

function reasonOf(code: string, error: Error, database: string): string {
  const unset = 'or unset it to use an embedded PostgreSQL'
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens there; start it, correct DATABASE_URL, ${unset}`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name is unknown; correct DATABASE_URL, ${unset}`
    case '28P01':
    case '28000':
      return 'user or password are refused; correct them in DATABASE_URL'
    case '3D000':
      return `there is no database "${database}" and it may not be made; create it or correct DATABASE_URL`
    case '42501':
      return `the user of DATABASE_URL may not create the database "${database}"; create it once as an administrator`
    case '53300':
      return 'it has no connection left; raise max_connections or stop other clients'
    case '57P03':
      return 'it is starting up or shutting down; try again in a moment'
    default:
      return `${error.message}; check DATABASE_URL and that the server is reachable from here`
  }
}
