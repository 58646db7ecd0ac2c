/**
 * A guild with a past: an opened period, five members in voice, a snapshot of that, and events after it. Made by the
 * production functions, so that what is loaded is what an owner would have written.
 */
import { evolveGuild, emptyGuildState } from '../../actors/runtime/guild-state.ts'
import type { JournalEntry } from '../../actors/runtime/guild-state.ts'
import { firstHead, journalHash, journalText } from '../../actors/runtime/journal-entry.ts'
import type { StoredSnapshot } from '../../actors/runtime/ports.ts'
import { createRegistry, features } from '../../actors/behaviours/registry.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { ObservedVoice, VoiceAttendanceEvent } from '../../actors/protocol/voice-attendance.ts'
import { canonicalText } from '../../actors/records/canonical.ts'
import type { ClusterSigner } from '../../actors/records/cluster-key.ts'
import { signSnapshot } from '../../actors/records/snapshot.ts'
import { channelId, opId, sequence, userId } from '../../kernel/ids.ts'
import type { Fence, GuildId, Sequence } from '../../kernel/ids.ts'
import { uuidV7 } from '../../kernel/uuid.ts'

export const voiceRegistry = createRegistry(features)

export interface GuildHistory {
  readonly guildId: GuildId
  readonly snapshot: StoredSnapshot
  /** Rows after the snapshot. */
  readonly journal: readonly { readonly seq: Sequence; readonly payload: string; readonly hash: Uint8Array }[]
  readonly seq: Sequence
  readonly head: Uint8Array
}

const startedAt = 1_767_225_600_000
/** Ids are as long as Discord's, and no two guilds share them. */
const memberOf = (index: number, member: number): bigint => 1_100_000_000_000_000_000n + BigInt(index * 16 + member)

function voiceOf(index: number, member: number, selfMute: boolean): ObservedVoice {
  const channel = 1_200_000_000_000_000_000n + BigInt(index)
  return {
    userId: userId(memberOf(index, member).toString()),
    bot: false,
    channelId: channelId(channel.toString()),
    voiceSessionId: (memberOf(index, member) * 7n).toString(16).padStart(32, 'a'),
    selfMute,
    serverMute: false,
    selfDeaf: false,
    serverDeaf: false,
  }
}

function idAt(index: number, n: number): string {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(8, index * 64 + n)
  return uuidV7(startedAt, bytes)
}

function eventsOf(index: number, sessions: number): VoiceAttendanceEvent[] {
  return [
    { kind: 'tracking-mode-set', mode: 'all', byUserId: userId(memberOf(index, 0).toString()) },
    { kind: 'voice-period-opened', periodId: idAt(index, 63), index: 1 },
    ...Array.from({ length: sessions }, (_, member): VoiceAttendanceEvent => {
      return { kind: 'voice-session-opened', sessionId: idAt(index, member), voice: voiceOf(index, member, false) }
    }),
  ]
}

/** The `index`-th guild: `sessions` open sessions in its snapshot, `later` events after it. */
export function makeGuildHistory(
  guildId: GuildId,
  options: { readonly index: number; readonly sessions: number; readonly later: number; readonly cluster: ClusterSigner },
): GuildHistory {
  const { index, sessions, later, cluster } = options
  const state = emptyGuildState()
  const cursor = { seq: 0, head: firstHead }
  const append = (event: VoiceAttendanceEvent): GuildHistory['journal'][number] => {
    const seq = sequence(cursor.seq + 1)
    const entry: JournalEntry = { seq, at: startedAt + seq * 1_000, opId: opId(`feed:session:${index}-${seq}`), feature: 'voice-attendance', event }
    const payload = journalText(entry)
    const hash = journalHash(cursor.head, payload)
    evolveGuild(state, entry, voiceRegistry)
    cursor.seq = seq
    cursor.head = hash
    return { seq, payload, hash }
  }
  for (const event of eventsOf(index, sessions)) append(event)
  const snapshotSeq = sequence(cursor.seq)
  const stored = canonicalText(state)
  const place = { guildId, slot: slotOf(guildId), fence: 1 as Fence }
  const facts = { ...place, sequence: snapshotSeq, state: stored, journalHead: cursor.head, previousSnapshot: null, at: startedAt }
  const snapshot = { guildId, seq: snapshotSeq, fence: place.fence, state: stored, ...signSnapshot(cluster, facts) }
  const journal = Array.from({ length: later }, (_, n) =>
    append({ kind: 'voice-flags-changed', voice: voiceOf(index, n % Math.max(1, sessions), n % 2 === 0) }),
  )
  return { guildId, snapshot, journal, seq: sequence(cursor.seq), head: cursor.head }
}
