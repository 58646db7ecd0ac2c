/**
 * Recognises rare paths from the outside: what statements found, what was in flight when something broke.
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { LogFields } from '../../kernel/log.ts'
import type { CommitBatch, CommitOutcome, SlotOwner, StoredGuild } from '../../actors/runtime/ports.ts'
import type { ActorProcess } from './actor-process.ts'
import type { Verdict } from './verdict.ts'

/** What a keeper must have remembered before it trusts an absence, ms; only for counting. */
const trustedAfterMs = 3_100

export class PathWatch {
  readonly #verdict: Verdict
  /** Guilds in the statement that each lane of each process has out. */
  readonly #inFlight = new Map<string, ReadonlySet<GuildId>>()
  readonly #ranEffects = new Map<string, string>()

  constructor(verdict: Verdict) {
    this.#verdict = verdict
  }

  onCommitSent(lane: string, batch: CommitBatch): void {
    this.#inFlight.set(lane, new Set(batch.heads.map(({ guildId }) => guildId)))
  }

  onCommitAnswered(lane: string): void {
    this.#inFlight.delete(lane)
  }

  onCommit(batch: CommitBatch, outcome: CommitOutcome, isLate: boolean): void {
    if (outcome.kind === 'poison') {
      this.#verdict.count(batch.heads.length > 1 ? 'poison among others' : 'poison found alone')
      return
    }
    if (outcome.kind !== 'committed') return
    const isFenced = outcome.owned.size < batch.slots.length
    if (isFenced) this.#verdict.count(isLate ? 'late statement found its slot fenced' : 'commit found its slot fenced')
    else if (isLate) this.#verdict.count('late statement took effect')
  }

  onStatement(actor: ActorProcess | undefined, operation: string, answer: unknown): void {
    if (operation === 'findOpResults' && (answer as readonly unknown[]).length > 0) {
      this.#verdict.count('repeated op found in Postgres')
    } else if (operation === 'loadAlarms' && (answer as readonly unknown[]).length > 0) {
      this.#verdict.count('sweep found an alarm')
    } else if (operation === 'appendSnapshot' && answer === true) {
      this.#verdict.count('snapshot written')
    } else if (operation === 'loadGuilds') {
      const loaded = answer as readonly StoredGuild[]
      if (loaded.some(({ snapshot }) => snapshot !== null)) this.#verdict.count('guild loaded from a snapshot')
    } else if (operation === 'readSlots') this.#onReadSlots(actor, answer as readonly SlotOwner[])
  }

  onLiveness(rememberedForMs: number): void {
    if (rememberedForMs < trustedAfterMs) this.#verdict.count('absence of a lease not trusted')
  }

  onLog(process: string, phrase: string, fields: LogFields): void {
    if (phrase === 'slot lost' && Number(fields['unanswered']) > 0) this.#verdict.count('slot lost with requests unanswered')
    if (phrase !== 'command broke an activation') return
    for (const [lane, guilds] of this.#inFlight) {
      if (lane.startsWith(process) && guilds.has(fields['guildId'] as GuildId)) {
        this.#verdict.count('reload while a commit of the guild was out')
      }
    }
  }

  onEffectRun(effect: string, life: string): void {
    const before = this.#ranEffects.get(effect)
    if (before !== undefined && before !== life) this.#verdict.count('effect run by the next owner')
    this.#ranEffects.set(effect, life)
  }

  /** Somebody who believes to own a slot asks about it: a fence check. */
  #onReadSlots(actor: ActorProcess | undefined, rows: readonly SlotOwner[]): void {
    const slots = actor?.runtime?.slots
    if (slots === undefined || actor === undefined) return
    for (const { slot, owner } of rows) {
      if (slots.at(slot).state !== 'serving') continue
      this.#verdict.count(owner === actor.incarnation ? 'fence check proved ownership' : 'fence check found the slot lost')
    }
  }
}
