/**
 * One guild for an operator: who owns it, how far it is, what it waits for. Pure but for what `sources` ask.
 */
import type { GuildId, Incarnation, Slot } from '../../kernel/ids.ts'
import type { GuildFacts } from '../../prisma/guild-facts.ts'
import type { Painter } from '../terminal.ts'
import { terminalWidth, wrap } from '../terminal.ts'

export interface GuildLook extends GuildFacts {
  readonly guildId: GuildId
  readonly slotId: Slot
  /** What Redis says; null: Redis could not be asked. */
  readonly liveness: GuildLiveness | null
}

export interface GuildLiveness {
  /** Owner in the directory; null: none is written. */
  readonly directory: { readonly incarnation: Incarnation; readonly fence: number } | null
  /** Name of the owner's process when it tells one. */
  readonly process: string | null
  readonly isOwnerAlive: boolean
  /** Entries in the slot's inbox that its owner has not trimmed yet. */
  readonly inboxDepth: number
}

/** What is not as it should be; empty when all is well. */
export function guildTroubles({ slot, liveness, outbox, receipts }: GuildLook): readonly string[] {
  const troubles: string[] = []
  if (liveness !== null && slot.owner !== null && !liveness.isOwnerAlive) troubles.push('Its owner has no lease: another process takes the slot, or nobody lives (`muster status`).')
  const directoryFence = liveness?.directory?.fence
  if (directoryFence !== undefined && directoryFence < slot.fence) troubles.push('The directory names an older owner than Postgres: it is written anew within a second or two.')
  if (outbox.dead > 0) troubles.push(`${outbox.dead} effects were given up on: \`muster outbox list --guild\` shows them, redrive or dismiss each.`)
  if (receipts.waiting > 0) troubles.push(`${receipts.waiting} records wait for a signature: the server’s signing key is locked (/admin unlock-signing).`)
  return troubles
}

const labelWidth = 11

export function presentGuild(look: GuildLook, now: number, paint: Painter): string {
  const lines = [
    ...entry('guild', `${look.guildId}, slot ${look.slotId}`),
    ...entry('owner', ownerOf(look)),
    ...entry('journal', journalOf(look, now)),
    ...entry('snapshot', snapshotOf(look, now)),
    ...entry('receipts', receiptsOf(look)),
    ...entries('alarms', look.alarms.map(({ purpose, dueAt }) => `${purpose}, ${when(dueAt, now)}`)),
    ...entries('outbox', outboxOf(look, now)),
    ...entries('cursors', look.cursors.map(({ source, position, at }) => `${source} at ${position}, written ${when(at.getTime(), now)}`)),
  ]
  const troubles = guildTroubles(look).flatMap((trouble) => wrap(`! ${trouble}`, terminalWidth).map((line) => paint('red', line)))
  return [...lines, ...(troubles.length === 0 ? [] : ['', ...troubles])].join('\n')

  function entry(label: string, text: string): readonly string[] {
    return wrap(text, terminalWidth - labelWidth).map((line, index) => `${index === 0 ? paint('dim', label.padEnd(labelWidth)) : ' '.repeat(labelWidth)}${line}`)
  }

  function entries(label: string, texts: readonly string[]): readonly string[] {
    return texts.length === 0 ? entry(label, 'none') : texts.flatMap((text, index) => entry(index === 0 ? label : '', text))
  }
}

function ownerOf({ slot, liveness }: GuildLook): string {
  const fenced = `fence ${slot.fence}, generation ${slot.generation}`
  if (slot.owner === null) return `none yet, ${fenced}`
  const name = liveness?.process ?? slot.owner
  const life = liveness === null ? 'Redis could not be asked whether it lives' : liveness.isOwnerAlive ? 'its lease stands' : 'it has no lease'
  const inbox = liveness === null ? '' : `, ${liveness.inboxDepth} in the inbox of its slot`
  return `${name}, ${fenced}, ${life}${inbox}`
}

function journalOf({ journal }: GuildLook, now: number): string {
  if (journal === null) return 'empty: nothing was ever recorded'
  const newest = journal.newest === null ? '' : `, newest ${journal.newest.feature}/${journal.newest.kind} ${when(journal.newest.at, now)}`
  return `head at ${journal.seq} (${journal.head.slice(0, 16)}…)${newest}`
}

function snapshotOf({ snapshot, journal }: GuildLook, now: number): string {
  if (snapshot === null) return 'none: a load replays the journal'
  const behind = (journal?.seq ?? snapshot.seq) - snapshot.seq
  return `at ${snapshot.seq}, ${behind} events behind, under fence ${snapshot.fence}, ${when(snapshot.at.getTime(), now)}, ${snapshot.kept} kept`
}

function receiptsOf({ receipts: { issued, waiting, signing } }: GuildLook): string {
  if (signing === null) return 'none: no key was made yet'
  return `${issued} issued, ${waiting} waiting for a signature, ${signing} mode`
}

function outboxOf({ outbox }: GuildLook, now: number): readonly string[] {
  if (outbox.pending + outbox.dead === 0) return []
  const rows = outbox.waiting.map(({ name, kind, state, attempts, lastError, createdAt }) => {
    const reason = lastError === null ? '' : `: ${lastError}`
    return `${name} ${kind}, ${state}, ${attempts} attempts, wished for ${when(createdAt.getTime(), now)}${reason}`
  })
  return [`${outbox.pending} pending, ${outbox.dead} dead`, ...rows]
}

/** `2026-11-20T08:00:00Z, 5 min ago`. */
function when(atMs: number, now: number): string {
  const seconds = Math.round(Math.abs(atMs - now) / 1000)
  const size = seconds < 120 ? `${seconds} s` : seconds < 7_200 ? `${Math.round(seconds / 60)} min` : seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`
  return atMs > now ? `in ${size} (${iso(atMs)})` : `${size} ago (${iso(atMs)})`
}

const iso = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`
