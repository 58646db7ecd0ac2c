/**
 * A guild at rest: all that an activation knows, packed into one short string, for as long as nobody asks it.
 *
 * Objects cost many times what they say: a guild with five open sessions takes 6 KB as an activation, 4 KB as parsed state
 * alone, and under 1 KB here. A guild is packed when it has been quiet for some seconds and unpacked by its next command,
 * either in some 40 µs and without Postgres: it stays owned, and what it decided is durable already. Packed is what
 * differs from how features begin, which is the dictionary; both live in this process only, so neither has a version.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { assert } from '../../kernel/assert.ts'
import { sequence } from '../../kernel/ids.ts'
import type { Sequence } from '../../kernel/ids.ts'
import type { BehaviourRegistry } from '../behaviours/registry.ts'
import { canonicalText } from '../records/canonical.ts'
import type { GuildSecrets } from '../records/guild-secret.ts'
import type { UnlockedKey } from '../records/unlocked-key.ts'
import type { LoadedGuild } from './activation.ts'
import type { GuildState } from './guild-state.ts'
import { emptyGuildState } from './guild-state.ts'

export interface RestingGuild {
  /** Head, hash of the newest snapshot (zeros: none), then the rest as deflated JSON; one byte a character. */
  readonly packed: string
  /** Signs, and is not to be written anywhere: it is kept as it is. */
  readonly key: UnlockedKey | null
  /** As little to be written anywhere. */
  readonly secrets: GuildSecrets
  /** Monotonic ms of the last command. */
  readonly usedAt: number
  readonly hasOpenWork: boolean
  /** False: events came since its newest snapshot. */
  readonly isSnapshotted: boolean
}

export type PackableGuild = LoadedGuild & { readonly usedAt: number }

export interface GuildPacker {
  pack(guild: PackableGuild, options: { readonly hasOpenWork: boolean }): RestingGuild
  unpack(resting: RestingGuild): LoadedGuild
}

const hashLength = 32
/** Small tables, because zlib makes them anew for each state; the window holds the dictionary and a state that rests. */
const zlibOptions = { level: 6, windowBits: 14, memLevel: 5 } as const

export function createGuildPacker(registry: BehaviourRegistry): GuildPacker {
  const options = { ...zlibOptions, dictionary: dictionaryOf(registry) }
  return {
    pack(guild, { hasOpenWork }) {
      const { state, seq, head, snapshot, key, secrets, usedAt } = guild
      assert(head.length === hashLength, 'a journal head has 32 bytes')
      const text = deflateRawSync(JSON.stringify([seq, snapshot.seq, state]), options)
      const packed = Buffer.concat([head, snapshot.hash ?? noHash, text]).toString('latin1')
      return { packed, key, secrets, usedAt: Math.trunc(usedAt), hasOpenWork, isSnapshotted: seq === snapshot.seq }
    },
    unpack({ packed, key, secrets }) {
      const bytes = Buffer.from(packed, 'latin1')
      const text = inflateRawSync(bytes.subarray(hashLength * 2), options).toString('utf8')
      const [seq, snapshotSeq, state] = JSON.parse(text) as [Sequence, Sequence, GuildState]
      const hash = new Uint8Array(bytes.subarray(hashLength, hashLength * 2))
      const snapshot = { seq: sequence(snapshotSeq), hash: Buffer.compare(hash, noHash) === 0 ? null : hash }
      return { state, seq: sequence(seq), head: new Uint8Array(bytes.subarray(0, hashLength)), key, secrets, snapshot }
    },
  }
}

const noHash = new Uint8Array(hashLength)

/** Every feature as it begins, in both orders of keys that occur: as made by the feature, and as read from a snapshot. */
function dictionaryOf(registry: BehaviourRegistry): Buffer {
  const state = emptyGuildState()
  for (const { feature, stateVersion, initial } of registry.values()) state.features[feature] = { version: stateVersion, state: initial() }
  return Buffer.from(JSON.stringify(state) + canonicalText(state))
}
