/**
 * Logs: JSON lines, a constant lower-case phrase as message, data in fields, durations with their unit.
 *
 * info is a lifecycle change a human may need; warn recovered but is not normal; error needs somebody's look; debug is
 * the rest. Secrets never reach a log and neither does the content of a message: the paths below are redacted as a
 * second line of defence, not as permission. A scope (process, guild, fence) is bound once and passed down.
 */
import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'
import { prettyDestination } from './pretty-log.ts'

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(phrase: string, fields?: LogFields): void
  info(phrase: string, fields?: LogFields): void
  warn(phrase: string, fields?: LogFields): void
  error(phrase: string, fields?: LogFields): void
  /** The same log with more fields on every line. */
  scope(fields: LogFields): Log
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

const redactedPaths = ['token', 'secret', 'password', 'passphrase', 'kek', 'privateKey', 'authorization'].flatMap(
  (name) => [name, `*.${name}`, `*.*.${name}`],
)

/** A log that writes JSON lines to `destination` (default: standard output; on a terminal, lines for eyes). `error` fields are serialised whole. */
export function createLog(options: { level: LogLevel; process: string; destination?: DestinationStream }): Log {
  const base = pino(
    {
      level: options.level,
      base: { process: options.process, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[redacted]' },
      serializers: { error: pino.stdSerializers.errWithCause },
    },
    options.destination ?? (process.stdout.isTTY ? prettyDestination() : pino.destination({ dest: 1, sync: true })),
  )
  return wrap(base, () => base)
}

/** A log that goes nowhere, for parts started without one. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  scope: () => silentLog,
}

/** `scoped` is asked for at a line that is written: most scopes never write one, and binding fields costs more than a line. */
function wrap(base: Logger, scoped: () => Logger): Log {
  const write = (level: Exclude<LogLevel, 'silent'>) => (phrase: string, fields?: LogFields): void => {
    if (base.isLevelEnabled(level)) scoped()[level](fields ?? {}, phrase)
  }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    scope(fields) {
      let child: Logger | null = null
      return wrap(base, () => (child ??= scoped().child({ ...fields })))
    },
  }
}
