/**
 * How a change of topology is shown: its plan, and a line a step. Pure; nothing is wider than 80 columns.
 */
import type { RescalePlan, RescaleProgress, Shape } from '../../cluster/wish.ts'

const barWidth = 20

/** What will be done and what it costs. */
export function planLines(plan: RescalePlan): readonly string[] {
  const lines = [
    ...(plan.from === null ? [] : [`  now    ${shapeText(plan.from)}`]),
    `  then   ${shapeText(plan.to)}`,
    `  logins ${plan.identifies} of the ${plan.identifiesLeft} that Discord has left today, ${plan.maxConcurrency} at once`,
    `  time   about ${durationText(plan.prepareSeconds)} to prepare, unnoticed; ${durationText(plan.switchSeconds)} to switch`,
  ]
  return lines
}

/** One line for a step, or null where there is nothing to tell. */
export function stepLine(progress: RescaleProgress): string | null {
  const { step, heard, processes, slots, old } = progress
  switch (step) {
    case 'prepare':
      return `${name('prepare')} ${bar(heard, processes)} ${heard} of ${processes} processes hear their shards`
    case 'switch':
      return `${name('switch')} ${bar(slots, 384)} ${slots} of 384 slots`
    case 'retire':
      return `${name('retire')} ${old === 0 ? 'the old processes have ended' : `${old} old ${old === 1 ? 'process leaves' : 'processes leave'}`}`
    case 'abort':
      return `${name('abort')} the old topology takes back its slots`
    case 'plan':
    case 'end':
      return null
  }
}

/** How the step before looked at its end, as what follows it tells; null where what follows undoes it. */
export function endedLine(step: string, next: RescaleProgress): string | null {
  const isForward = (step === 'prepare' && next.step === 'switch') || (step === 'switch' && next.step === 'retire')
  return isForward ? stepLine({ ...next, step }) : null
}

const name = (step: string): string => `  ${step.padEnd(8)}`

function bar(done: number, all: number): string {
  const filled = all === 0 ? 0 : Math.min(barWidth, Math.floor((done / all) * barWidth))
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`
}

function shapeText({ generation, shardCount, processCount }: Shape): string {
  const shards = `${shardCount} ${shardCount === 1 ? 'shard' : 'shards'}`
  const processes = `${processCount} ${processCount === 1 ? 'process' : 'processes'}`
  return `generation ${generation}: ${shards} in ${processes}`
}

export function durationText(seconds: number): string {
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}
