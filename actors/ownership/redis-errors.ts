/**
 * Why Redis cannot be reached, in a sentence with its remedy and without the password of the URL.
 */
import { AppError, codeOf } from '../../kernel/errors.ts'

/** The AppError of a connection that could not be made. */
export function explainRedis(server: { readonly host: string; readonly port: number }, error: Error): AppError {
  const { host, port } = server
  return new AppError('redis-unavailable', `cannot connect to Redis at ${host}:${port}: ${reasonOf(error)}`, {
    cause: error,
    context: { host, port, code: codeOf(error) ?? 'unknown' },
  })
}

function reasonOf(error: Error): string {
  const unset = 'or unset it to use an embedded Redis'
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return `nothing listens there; start it, correct REDIS_URL, ${unset}`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name is unknown; correct REDIS_URL, ${unset}`
    default:
      // Redis names its refusals with the first word of the message.
      if (/^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/.test(error.message)) {
        return 'user or password are refused; correct them in REDIS_URL'
      }
      return `${error.message}; check REDIS_URL and that the server is reachable from here`
  }
}
