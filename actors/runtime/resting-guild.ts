/**
 * A guild at rest: all that an activation knows, packed into one short string, for as long as nobody asks it.
 *
 * Objects cost many times what they say: a guild with five open sessions takes 7 KB as an activation, 4 KB as parsed state
 * alone, and under 1 KB here. A guild is packed when it has been quiet for some seconds and unpacked by its next command
 * in some 30 µs, without Postgres: it stays owned, and what it decided is durable already. Of a state with many entries
 * packing would hold the event loop up; it stays as it is. Pure.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { assert } from '../../kernel/assert.ts'
import { sequence } from '../../kernel/ids.ts'
import type { Sequence } from '../../kernel/ids.ts'
import type { UnlockedKey } from '../records/unlocked-key.ts'
import type { LoadedGuild } from './activation.ts'
import type { GuildState } from './guild-state.ts'

export interface RestingGuild {
  /** Head, hash of the newest snapshot (zeros: none), then the rest as deflated JSON; one byte a character. */
  readonly packed: string
  /** Signs, and is not to be written anywhere: it is kept as it is. */
  readonly key: UnlockedKey | null
  /** Monotonic ms of the last command. */
  readonly usedAt: number
  readonly hasOpenWork: boolean
  /** False: events came since its newest snapshot. */
  readonly isSnapshotted: boolean
}

const hashLength = 32
/** Small windows: states that rest are small, and zlib's tables are made anew for each. */
const deflateOptions = { level: 6, windowBits: 12, memLevel: 4 } as const

export type PackableGuild = LoadedGuild & { readonly usedAt: number }

export function packGuild(guild: PackableGuild, { hasOpenWork }: { readonly hasOpenWork: boolean }): RestingGuild {
  const { state, seq, head, snapshot, key, usedAt } = guild
  assert(head.length === hashLength, 'a journal head has 32 bytes')
  const text = deflateRawSync(JSON.stringify([seq, snapshot.seq, state]), deflateOptions)
  const packed = Buffer.concat([head, snapshot.hash ?? new Uint8Array(hashLength), text]).toString('latin1')
  return { packed, key, usedAt, hasOpenWork, isSnapshotted: seq === snapshot.seq }
}

export function unpackGuild({ packed, key }: RestingGuild): LoadedGuild {
  const bytes = Buffer.from(packed, 'latin1')
  const [seq, snapshotSeq, state] = JSON.parse(inflateRawSync(bytes.subarray(hashLength * 2)).toString('utf8')) as [Sequence, Sequence, GuildState]
  const hash = new Uint8Array(bytes.subarray(hashLength, hashLength * 2))
  return {
    state,
    seq: sequence(seq),
    head: new Uint8Array(bytes.subarray(0, hashLength)),
    key,
    snapshot: { seq: sequence(snapshotSeq), hash: hash.every((byte) => byte === 0) ? null : hash },
  }
}
