/**
 * The drill's figures in words and numbers, for a terminal and for docs/rescale.md. Pure.
 */
import type { DrillReport, DrillStage } from './drill.ts'

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export function describeStage({ name, state, seconds, load, stallsMs }: DrillStage): string {
  const { latenciesMs, answered, failed, unfinished, refused, heldBack, acts } = load
  const ms = (sorted: readonly number[], share: number): string => quantile(sorted, share).toFixed(0)
  const stalls = stallsMs.length === 0 ? '' : `; ${stallsMs.length} slots silent p50 ${ms(stallsMs, 0.5)}, p99 ${ms(stallsMs, 0.99)}, at most ${ms(stallsMs, 1)} ms`
  const troubles = failed + unfinished + refused + heldBack === 0 ? '' : `; failed ${failed}, unfinished ${unfinished}, refused ${refused}, held back ${heldBack}`
  return (
    `${name.padEnd(42)} ${state.padEnd(8)} ${seconds.toFixed(1)} s; ${(acts / load.seconds).toFixed(0)} acts/s, ${answered} answers ` +
    `p50 ${ms(latenciesMs, 0.5)}, p99 ${ms(latenciesMs, 0.99)}, at most ${ms(latenciesMs, 1)} ms${stalls}${troubles}`
  )
}

export function describeVerdict({ verdict, violations, refused }: DrillReport): string {
  const { changes, lostChanges, doubledChanges, sessions, lostSessions, doubledSessions } = verdict
  return [
    `changes acknowledged ${changes}, lost ${lostChanges}, doubled ${doubledChanges}`,
    `sessions ${sessions}, lost ${lostSessions}, doubled ${doubledSessions}, with missing seconds ${verdict.withMissingSeconds}, misdated ${verdict.misdated}`,
    `sessions with unobserved time ${verdict.unobserved}, at most ${verdict.unobservedSecondsMax} s; broken journals ${verdict.brokenJournals}`,
    `requests unknown to Discord ${violations}; refused by it: ${refused.join(', ') || 'none'}`,
  ].join('\n')
}

/** What a sound drill has none of. */
export function problemsOf({ stages, verdict, violations }: DrillReport): readonly string[] {
  const failed = stages.reduce((sum, { load }) => sum + load.failed, 0)
  const counts = {
    'interactions past three seconds': failed,
    'interactions never finished': stages.reduce((sum, { load }) => sum + load.unfinished, 0),
    'changes lost': verdict.lostChanges,
    'changes doubled': verdict.doubledChanges,
    'sessions lost': verdict.lostSessions,
    'sessions doubled': verdict.doubledSessions,
    'sessions with missing seconds': verdict.withMissingSeconds,
    'sessions with unobserved time': verdict.unobserved,
    'sessions misdated': verdict.misdated,
    'broken journals': verdict.brokenJournals,
    'requests unknown to Discord': violations,
  }
  return Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : [`${name}: ${count}`]))
}
