/**
 * The house as one table of at most eighty columns: a line a process, a line a shard below it. Pure.
 */
import type { ProcessStatus } from '../../cluster/process-status.ts'
import type { Column, TableRow } from '../table.ts'
import { table } from '../table.ts'
import type { Painter } from '../terminal.ts'
import { terminalWidth, wrap } from '../terminal.ts'
import type { Fleet, LivingProcess } from './fleet.ts'
import { nameOf, troublesOf } from './fleet.ts'
import { managerLines } from './manager-look.ts'

export const fleetColumns: readonly Column[] = [
  { title: 'PROCESS', width: 17, align: 'left' },
  { title: 'STATE', width: 8, align: 'left' },
  { title: 'PING', width: 6, align: 'right' },
  { title: 'GUILDS', width: 7, align: 'right' },
  { title: 'ACTIVE', width: 7, align: 'right' },
  { title: 'WAIT', width: 6, align: 'right' },
  { title: 'EVENTS/S', width: 8, align: 'right' },
  { title: 'MEMORY', width: 7, align: 'right' },
  { title: 'SLOTS', width: 5, align: 'right' },
]

export function presentFleet(fleet: Fleet, paint: Painter): string {
  const generations = new Set(fleet.processes.map(({ status }) => status?.generation ?? null))
  const rows: TableRow[] = []
  let last: number | null | undefined
  for (const process of fleet.processes) {
    const generation = process.status?.generation ?? null
    // While a rescale is under way the processes of two generations live side by side.
    if (generations.size > 1 && generation !== last) rows.push(paint('bold', generation === null ? 'unknown' : `generation ${generation}`))
    last = generation
    rows.push(...rowsOf(process))
  }
  const troubles = troublesOf(fleet).flatMap((trouble) => wrap(trouble, terminalWidth - 2).map((text, index) => paint('red', `${index === 0 ? '! ' : '  '}${text}`)))
  const manager = fleet.manager === null ? [] : managerLines(fleet.manager).flatMap((text) => wrap(text, terminalWidth))
  return [headOf(fleet), ...manager, '', ...(rows.length === 0 ? [] : [table(fleetColumns, [...rows, totalOf(fleet)], paint)]), ...(troubles.length === 0 ? [] : ['', ...troubles])].join('\n')
}

function headOf({ topology, slotsOwned, slotCount }: Fleet): string {
  const slots = `${slotsOwned} of ${slotCount} slots owned`
  if (topology === null) return `no topology is stored, ${slots}`
  const { generation, shardCount, processCount, phase } = topology
  return `generation ${generation}, ${phase}: ${shardCount} shards in ${processCount} processes, ${slots}`
}

function rowsOf(process: LivingProcess): readonly TableRow[] {
  const { status, slots } = process
  if (status === null) return [[nameOf(process), 'silent', '', '', '', '', '', '', String(slots)]]
  const shards = status.shards.map(({ id, state, pingMs, guilds }): TableRow => [`  shard ${id}`, state, pingOf(pingMs), String(guilds)])
  const guilds = status.shards.reduce((sum, shard) => sum + shard.guilds, 0)
  return [
    [
      status.process,
      stateOf(status),
      '',
      String(guilds),
      String(status.active + status.resting),
      String(status.mailboxDepth),
      rateOf(status.eventsPerSecond),
      memoryOf(status.rssBytes),
      String(slots),
    ],
    ...shards,
  ]
}

const stateOf = ({ state, leaseCovers }: ProcessStatus): string => (state === 'ready' && !leaseCovers ? 'no lease' : state)
const pingOf = (pingMs: number | null): string => (pingMs === null ? '—' : `${pingMs} ms`)
const rateOf = (perSecond: number): string => (perSecond >= 100 ? String(Math.round(perSecond)) : perSecond.toFixed(1))
const memoryOf = (bytes: number): string => (bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)} GB` : `${Math.round(bytes / 1024 ** 2)} MB`)

function totalOf({ processes, slotsOwned }: Fleet): TableRow {
  const told = processes.flatMap(({ status }) => (status === null ? [] : [status]))
  const sum = (pick: (status: ProcessStatus) => number): number => told.reduce((total, status) => total + pick(status), 0)
  const pings = told.flatMap(({ shards }) => shards.flatMap(({ pingMs }) => (pingMs === null ? [] : [pingMs])))
  return [
    'all',
    '',
    pingOf(pings.length === 0 ? null : Math.round(pings.reduce((total, ping) => total + ping, 0) / pings.length)),
    String(sum(({ shards }) => shards.reduce((total, { guilds }) => total + guilds, 0))),
    String(sum(({ active, resting }) => active + resting)),
    String(sum(({ mailboxDepth }) => mailboxDepth)),
    rateOf(sum(({ eventsPerSecond }) => eventsPerSecond)),
    memoryOf(sum(({ rssBytes }) => rssBytes)),
    String(slotsOwned),
  ]
}
