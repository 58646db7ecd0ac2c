/**
 * What is heard of guilds whose slot is not ours: folded until it is, then brought along (FeedSwitch).
 *
 * For each guild: who was in voice when holding began, and every change of a member since, with its time and the dispatch
 * that told it. A change that tells what was told before is not kept twice. Bounded per slot: past the bound the guild's
 * changes are thrown away, and it is reconciled as after an outage when its slot is won.
 */
import { slotOf } from '../../actors/ownership/slots.ts'
import type { HeldChange } from '../../actors/protocol/feed-switch.ts'
import type { ObservedVoice } from '../../actors/protocol/voice-attendance.ts'
import type { GuildId, Slot, UserId } from '../../kernel/ids.ts'

export interface HeldGuild {
  readonly guildId: GuildId
  /** Unix ms: everything since is here. */
  readonly heardSince: number
  readonly base: readonly ObservedVoice[]
  readonly changes: readonly HeldChange[]
  /** There were too many: base and changes say nothing. */
  readonly isOverfull: boolean
}

/** A dispatch of a gateway session. */
export interface HeardDispatch {
  readonly session: string
  readonly seq: number
}

interface Holding {
  guildId: GuildId
  heardSince: number
  base: readonly ObservedVoice[]
  changes: HeldChange[]
  newest: Map<UserId, ObservedVoice>
  isOverfull: boolean
}

export class HeldFeed {
  readonly #slots = new Map<Slot, Map<GuildId, Holding>>()
  readonly #counts = new Map<Slot, number>()
  /** The newest dispatch of each slot, whoever it was for. */
  readonly #heard = new Map<Slot, HeardDispatch>()
  readonly #changesMax: number

  constructor(changesMax: number) {
    this.#changesMax = changesMax
  }

  /** Changes of this guild are held from now on; `voices`: who is in voice. What was held before is forgotten. */
  hold(guildId: GuildId, voices: readonly ObservedVoice[], heardSince: number): void {
    const slot = slotOf(guildId)
    this.forget(guildId)
    const guilds = this.#slots.get(slot) ?? new Map<GuildId, Holding>()
    this.#slots.set(slot, guilds)
    const newest = new Map(voices.map((voice) => [voice.userId, voice]))
    guilds.set(guildId, { guildId, heardSince, base: voices, changes: [], newest, isOverfull: false })
  }

  /** Notes a dispatch of the slot, held or not; false: it was heard before, and a RESUME brought it again. */
  hear(slot: Slot, from: HeardDispatch): boolean {
    const newest = this.#heard.get(slot)
    if (newest?.session === from.session && newest.seq >= from.seq) return false
    this.#heard.set(slot, from)
    return true
  }

  /** One change. `overfull`: the bound was reached by it, and the guild's changes are gone. */
  add(guildId: GuildId, change: HeldChange): 'held' | 'overfull' | 'unknown' {
    const slot = slotOf(guildId)
    const holding = this.#slots.get(slot)?.get(guildId)
    if (holding === undefined) return 'unknown'
    if (holding.isOverfull || isSame(holding.newest.get(change.voice.userId), change.voice)) return 'held'
    const count = this.#counts.get(slot) ?? 0
    if (count >= this.#changesMax) {
      this.#counts.set(slot, count - holding.changes.length)
      this.#slots.get(slot)?.set(guildId, { ...holding, changes: [], base: [], newest: new Map(), isOverfull: true })
      return 'overfull'
    }
    holding.changes.push(change)
    holding.newest.set(change.voice.userId, change.voice)
    this.#counts.set(slot, count + 1)
    return 'held'
  }

  forget(guildId: GuildId): void {
    const slot = slotOf(guildId)
    const guilds = this.#slots.get(slot)
    const holding = guilds?.get(guildId)
    if (holding === undefined) return
    guilds?.delete(guildId)
    this.#counts.set(slot, (this.#counts.get(slot) ?? 0) - holding.changes.length)
  }

  /** Ends holding for a slot: what was held, and the newest dispatch heard of it. */
  take(slot: Slot): { readonly guilds: readonly HeldGuild[]; readonly through: HeardDispatch | null } {
    const guilds = [...(this.#slots.get(slot)?.values() ?? [])].map(({ newest: _newest, ...held }) => held)
    this.#slots.delete(slot)
    this.#counts.delete(slot)
    return { guilds, through: this.#heard.get(slot) ?? null }
  }
}

function isSame(known: ObservedVoice | undefined, told: ObservedVoice): boolean {
  if (known === undefined || known.channelId === null) return told.channelId === null
  return (Object.keys(told) as (keyof ObservedVoice)[]).every((key) => known[key] === told[key])
}
