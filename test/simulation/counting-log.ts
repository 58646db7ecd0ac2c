/**
 * A log that is read by the judge: rare paths are counted by their phrases, and some phrases are verdicts.
 */
import type { Log, LogFields } from '../../kernel/log.ts'
import type { Verdict } from './verdict.ts'

/** What production code itself calls our bug, or what no fault of the simulation can cause. */
const phrasesOfBugs = new Set([
  'I2: the head of a guild did not move under our own fence',
  'guild cannot be loaded',
  'handoff message is not understood',
])

export function createCountingLog(verdict: Verdict, process: string, onLine: (phrase: string, fields: LogFields) => void = () => undefined): Log {
  const write = (level: string, phrase: string, fields: LogFields = {}): void => {
    verdict.count(`log: ${phrase}`)
    onLine(phrase, fields)
    verdict.tell(() => `${process} ${level}: ${phrase} ${JSON.stringify(fields, plainErrors)}`)
    if (phrasesOfBugs.has(phrase)) verdict.fail('bug', `${process}: ${phrase} ${JSON.stringify(fields, plainErrors)}`)
  }
  const log: Log = {
    debug: (phrase, fields) => write('debug', phrase, fields),
    info: (phrase, fields) => write('info', phrase, fields),
    warn: (phrase, fields) => write('warn', phrase, fields),
    error: (phrase, fields) => write('error', phrase, fields),
    scope: () => log,
  }
  return log
}

function plainErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value
}
