/**
 * The command line of the nemesis: `--rounds 20 [--fault kill,pause] [--seconds 2] [--owners 3] [--in-flight 192] [--logs folder]`.
 */
import { parseArgs } from 'node:util'
import type { FaultName } from './faults.ts'
import { faultNames } from './faults.ts'

export interface NemesisOptions {
  readonly rounds: number
  readonly faults: readonly FaultName[]
  /** Load before a fault, and again after it is over. */
  readonly seconds: number
  readonly owners: number
  readonly inFlight: number
  /** Where to leave what the processes said; null: nowhere. */
  readonly logs: string | null
}

/** Throws a sentence for whoever typed it. */
export function parseOptions(args: readonly string[]): NemesisOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '1' },
      fault: { type: 'string', default: faultNames.join(',') },
      seconds: { type: 'string', default: '2' },
      owners: { type: 'string', default: '3' },
      'in-flight': { type: 'string', default: '192' },
      logs: { type: 'string' },
    },
  })
  const faults = values.fault.split(',').map((name) => {
    const known = faultNames.find((fault) => fault === name)
    if (known === undefined) throw new Error(`--fault knows ${faultNames.join(', ')}, not ${name}`)
    return known
  })
  return {
    rounds: positive('rounds', values.rounds),
    faults,
    seconds: positive('seconds', values.seconds),
    owners: positive('owners', values.owners),
    inFlight: positive('in-flight', values['in-flight']),
    logs: values.logs ?? null,
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not ${text}`)
  return value
}
