/**
 * Commands by feature, kind and outcome: counted at every command, so three look-ups and nothing else; read when scraped.
 */
import type { Outcome } from '../../actors/protocol/command.ts'

/** Feature, kind and outcome come from our own unions: far fewer. What is beyond is counted together, as `other`. */
const seriesMax = 1_000

export interface TalliedCommands {
  readonly feature: string
  readonly kind: string
  /** `answered`, or the reason of a refusal. */
  readonly outcome: string
  readonly count: number
}

interface Count {
  count: number
}

export class CommandTally {
  readonly #features = new Map<string, Map<string, Map<string, Count>>>()
  #series = 0

  count(command: { readonly feature: string; readonly kind: string }, outcome: Outcome): void {
    const result = outcome.status === 'answered' ? 'answered' : outcome.reason
    const known = this.#features.get(command.feature)?.get(command.kind)?.get(result) ?? this.#make(command.feature, command.kind, result)
    known.count += 1
  }

  *counts(): Generator<TalliedCommands> {
    for (const [feature, kinds] of this.#features) {
      for (const [kind, outcomes] of kinds) for (const [outcome, { count }] of outcomes) yield { feature, kind, outcome, count }
    }
  }

  #make(feature: string, kind: string, outcome: string): Count {
    if (this.#series >= seriesMax && feature !== 'other') {
      return this.#features.get('other')?.get('other')?.get('other') ?? this.#make('other', 'other', 'other')
    }
    this.#series += 1
    const kinds = this.#features.get(feature) ?? new Map<string, Map<string, Count>>()
    const outcomes = kinds.get(kind) ?? new Map<string, Count>()
    const made = { count: 0 }
    this.#features.set(feature, kinds.set(kind, outcomes.set(outcome, made)))
    return made
  }
}
