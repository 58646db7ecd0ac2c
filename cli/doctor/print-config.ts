/**
 * `muster doctor --print-config`: what every process reads from this environment, secrets masked. Pure.
 */
import type { Painter } from '../terminal.ts'
import { terminalWidth } from '../terminal.ts'
import type { EffectiveSetting } from './effective-settings.ts'
import { masked } from './effective-settings.ts'

const titles = {
  muster: 'muster (the command line; it brings along what is not set)',
  manager: 'manager',
  shard: 'shard processes (through the manager)',
  api: 'api',
  sandbox: 'sandbox',
} as const

const nameWidth = 30
const fromWidth = 10
const valueWidth = terminalWidth - 2 - nameWidth - fromWidth

export function printConfig(settings: readonly EffectiveSetting[], paint: Painter): string {
  const kinds = Object.keys(titles) as (keyof typeof titles)[]
  return kinds
    .map((kind) => [paint('bold', titles[kind]), ...settings.filter(({ process }) => process === kind).map((one) => lineOf(one, paint))].join('\n'))
    .join('\n\n')
}

function lineOf(setting: EffectiveSetting, paint: Painter): string {
  const { name, from, problem, isRequired } = setting
  const value = problem === null ? masked(setting) : problem
  const shown = value.length > valueWidth ? `${value.slice(0, valueWidth - 1)}…` : value
  const origin = problem !== null ? paint('red', 'wrong'.padEnd(fromWidth)) : from === 'environment' ? 'set'.padEnd(fromWidth) : paint('dim', (from === 'default' ? 'default' : isRequired ? 'missing' : 'not set').padEnd(fromWidth))
  return `  ${name.padEnd(nameWidth)}${origin}${shown}`
}

/** The same for programs: `{ process: { NAME: { value, from, problem } } }`, secrets masked. */
export function configJson(settings: readonly EffectiveSetting[]): object {
  const processes: Record<string, Record<string, object>> = {}
  for (const setting of settings) {
    const { process, name, from, problem, text } = setting
    const value = problem !== null || text === null ? null : masked(setting)
    processes[process] = { ...processes[process], [name]: { value, from, ...(problem === null ? {} : { problem }) } }
  }
  return processes
}
