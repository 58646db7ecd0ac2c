/**
 * Values on the command lines of the long tools (simulate, drill, faults, nemesis), checked before anything starts.
 */
import { InvalidArgumentError } from 'commander'

/** A number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It is a number above 0.')
  return value
}

/** Names out of these, with commas between them. */
export const namesOutOf =
  <Name extends string>(known: readonly Name[]) =>
  (text: string): readonly Name[] =>
    text.split(',').map((name) => {
      const found = known.find((one) => one === name)
      if (found === undefined) throw new InvalidArgumentError(`Known are ${known.join(', ')}; not ${name}.`)
      return found
    })
