/**
 * The load of the commit bench: batches with every row a real command writes, from a fixed mix.
 *
 * A command writes one event and its op result. Every fourth ends a session: one more event, a receipt, the chain's
 * head. Every eighth sets an alarm, every eighth wishes something of Discord. Each slot of a batch moves its cursor.
 * Payloads and hashes are made once: hashing and signing are measured elsewhere.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Fence, GuildId, OpId, Sequence, Slot } from '../../kernel/ids.ts'
import type { ReceiptRow } from '../../actors/records/stored.ts'
import type { CommitBatch } from '../../actors/runtime/ports.ts'
import { emptyBatch, guildIn } from '../support/commit-batches.ts'

export type LoadKind = 'whole' | 'journal'

export interface BatchSource {
  /** The next batch; the one before is taken as durable. */
  next(): CommitBatch
}

interface LoadGuild {
  readonly guildId: GuildId
  readonly slot: Slot
  seq: number
  receipts: number
}

const hash = new Uint8Array(createHash('sha256').update('bench').digest())
const signature = new Uint8Array(64).fill(7)
const keyId = randomUUID()
const signed = new TextEncoder().encode('s'.repeat(600))
/** As long as a voice-flags-changed event in its envelope. */
const payload = JSON.stringify({
  kind: 'voice-flags-changed',
  at: 1_767_225_600_000,
  opId: '1456789012345678901',
  voice: { userId: '123456789012345678', bot: false, channelId: '223456789012345678', voiceSessionId: '0'.repeat(32), selfMute: true },
})
const result = JSON.stringify({ status: 'answered', reply: { kind: 'observed' } })

/** Batches of about `eventsPerBatch` events over the given slots, every event another guild's while there are enough. */
export function createBatchSource(options: {
  readonly kind: LoadKind
  readonly slots: readonly Slot[]
  readonly fence: Fence
  readonly guildsPerSlot: number
  readonly eventsPerBatch: number
}): BatchSource {
  const guilds: LoadGuild[] = []
  for (let n = 0; n < options.guildsPerSlot; n += 1) {
    for (const slot of options.slots) guilds.push({ guildId: guildIn(slot, n), slot, seq: 0, receipts: 0 })
  }
  let turn = 0
  return {
    next() {
      const batch = {
        slots: new Set<Slot>(),
        heads: [] as CommitBatch['heads'][number][],
        journal: [] as CommitBatch['journal'][number][],
        opResults: [] as CommitBatch['opResults'][number][],
        alarms: [] as CommitBatch['alarms'][number][],
        outbox: [] as CommitBatch['outbox'][number][],
        receipts: [] as ReceiptRow[],
        chainHeads: [] as CommitBatch['chainHeads'][number][],
      }
      while (batch.journal.length < options.eventsPerBatch) {
        const guild = guilds[turn % guilds.length]
        if (guild === undefined) throw new Error('no guilds')
        turn += 1
        addCommand(batch, { guild, turn, kind: options.kind, fence: options.fence })
      }
      const slots = [...batch.slots]
      return {
        ...emptyBatch,
        ...batch,
        slots: slots.map((slot) => ({ slot, fence: options.fence })),
        cursors: options.kind === 'whole' ? slots.map((slot) => ({ slot, source: 'inbox', position: `1767225600000-${turn}` })) : [],
      }
    },
  }
}

type Growing<Rows> = { -readonly [Kind in keyof Rows]: Rows[Kind] extends readonly (infer Row)[] ? Row[] : Rows[Kind] }

function addCommand(
  batch: Growing<Pick<CommitBatch, 'heads' | 'journal' | 'opResults' | 'alarms' | 'outbox' | 'receipts' | 'chainHeads'>> & { slots: Set<Slot> },
  { guild, turn, kind, fence }: { guild: LoadGuild; turn: number; kind: LoadKind; fence: Fence },
): void {
  const { guildId, slot } = guild
  const from = guild.seq
  const endsSession = kind === 'whole' && turn % 4 === 0
  guild.seq += endsSession ? 2 : 1
  const seq = guild.seq as Sequence
  batch.slots.add(slot)
  for (let at = from + 1; at <= seq; at += 1) batch.journal.push({ guildId, seq: at as Sequence, fence, payload, hash })
  batch.heads.push({ guildId, slot, from: from as Sequence, to: seq, head: hash })
  if (kind === 'journal') return
  batch.opResults.push({ guildId, opId: `${guildId}:${seq}` as OpId, seq, result })
  if (endsSession) {
    guild.receipts += 1
    const sequence = guild.receipts
    batch.receipts.push({
      guildId, sequence, recordId: randomUUID(), type: 'voice-session', keyId, signed, signature,
      payloadHash: hash, prevHash: hash, issuedAt: 1_767_225_600_000, subject: '123456789012345678',
    })
    batch.chainHeads.push({ guildId, sequence, hash, keyId, signature })
  }
  if (turn % 8 === 1) batch.alarms.push({ guildId, slot, purpose: 'voice-rollover', dueAt: 1_767_225_600_000 + turn, setSeq: seq })
  if (turn % 8 === 3) batch.outbox.push({ guildId, slot, seq, ordinal: 0, target: 'role:1', kind: 'add-role', payload: result })
}
