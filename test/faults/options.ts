/**
 * The command line of the fault table:
 *
 *   npm run faults -- [--row kill-shard,redis-gone] [--seconds 10] [--away 60] [--guilds 2000] [--rate 500] [--built] [--logs folder]
 */
import { parseArgs } from 'node:util'
import type { RowName } from './rows.ts'
import { rowNames } from './rows.ts'

export interface FaultOptions {
  readonly rows: readonly RowName[]
  /** Half of it is load before a fault, half after it is over, ten seconds each at most; of `kills`: how long it goes on. */
  readonly seconds: number
  /** How long a server is gone. */
  readonly awaySeconds: number
  /** Each active all the time. */
  readonly guilds: number
  /** Commands a second that are offered, over all doors. */
  readonly rate: number
  /** What `npm run build` made, as it is deployed, instead of the source. */
  readonly isBuilt: boolean
  /** Where to leave what the processes said when something went wrong; null: nowhere. */
  readonly logs: string | null
}

/** Throws a sentence for whoever typed it. */
export function parseOptions(args: readonly string[]): FaultOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      row: { type: 'string', default: rowNames.join(',') },
      seconds: { type: 'string', default: '10' },
      away: { type: 'string', default: '60' },
      guilds: { type: 'string', default: '2000' },
      rate: { type: 'string', default: '500' },
      built: { type: 'boolean', default: false },
      logs: { type: 'string' },
    },
  })
  const rows = values.row.split(',').map((name) => {
    const known = rowNames.find((row) => row === name)
    if (known === undefined) throw new Error(`--row knows ${rowNames.join(', ')}, not ${name}`)
    return known
  })
  return {
    rows,
    seconds: positive('seconds', values.seconds),
    awaySeconds: positive('away', values.away),
    guilds: positive('guilds', values.guilds),
    rate: positive('rate', values.rate),
    isBuilt: values.built,
    logs: values.logs ?? null,
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not ${text}`)
  return value
}
