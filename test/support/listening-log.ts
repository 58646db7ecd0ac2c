/** A log that a test can ask: whether something was said, how often, and with which fields. */
import type { Log, LogFields } from '../../kernel/log.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly phrase: string
  readonly fields: LogFields
}

export interface ListeningLog extends Log {
  readonly lines: readonly LogLine[]
  saw(phrase: string): boolean
  count(phrase: string): number
}

export function createListeningLog(): ListeningLog {
  const lines: LogLine[] = []
  const scoped = (scope: LogFields): ListeningLog => {
    const say = (level: LogLine['level']) => (phrase: string, fields: LogFields = {}) =>
      void lines.push({ level, phrase, fields: { ...scope, ...fields } })
    return {
      lines,
      saw: (phrase) => lines.some((line) => line.phrase === phrase),
      count: (phrase) => lines.filter((line) => line.phrase === phrase).length,
      debug: say('debug'),
      info: say('info'),
      warn: say('warn'),
      error: say('error'),
      scope: (fields) => scoped({ ...scope, ...fields }),
    }
  }
  return scoped({})
}
