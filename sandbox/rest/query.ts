/**
 * Numbers and ids in the query of a request; what is neither is refused with 50035, as in a body.
 */
import { isSnowflake } from '../../kernel/ids.ts'
import { refuseField } from './form-errors.ts'

/** A whole number in its bounds; `preset` when it was not given. */
export function readLimit(query: URLSearchParams, bounds: { min?: number; max: number; preset: number }): number {
  const text = query.get('limit')
  if (text === null) return bounds.preset
  const limit = Number(text)
  const min = bounds.min ?? 1
  if (!Number.isInteger(limit)) throw refuseField(['limit'], 'NUMBER_TYPE_COERCE', `Value "${text.slice(0, 20)}" is not int.`)
  if (limit < min) throw refuseField(['limit'], 'NUMBER_TYPE_MIN', `int value should be greater than or equal to ${min}.`)
  if (limit > bounds.max) {
    throw refuseField(['limit'], 'NUMBER_TYPE_MAX', `int value should be less than or equal to ${bounds.max}.`)
  }
  return limit
}

/** An id; undefined when it was not given. */
export function readSnowflake(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (isSnowflake(text)) return text
  throw refuseField([name], 'NUMBER_TYPE_COERCE', `Value "${text.slice(0, 100)}" is not snowflake.`)
}
