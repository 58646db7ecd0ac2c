/**
 * Sealed records for tests: a cluster key, a sealer, a chain of receipts as the commit would write them, and the plain
 * SQL that puts them into a database. Everything follows from the seed, so two runs make the same bytes.
 */
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { initialChain } from '../../actors/records/chain-state.ts'
import { clusterKeyIdOf, createKeyEncryptionKey, trustOf } from '../../actors/records/cluster-key.ts'
import type { ClusterSigner, KeyEncryptionKeys, TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import { createSigner } from '../../actors/records/ed25519.ts'
import { createSealer } from '../../actors/records/sealer.ts'
import type { Sealed, Sealer } from '../../actors/records/sealer.ts'
import type { GuildKeyRow } from '../../actors/records/stored.ts'
import type { RecordEvidence } from '../../actors/records/verdict.ts'
import type { RecordDraft, VoiceSessionPayload } from '../../actors/protocol/record.ts'
import { guildId } from '../../kernel/ids.ts'
import type { GuildId } from '../../kernel/ids.ts'

export type RandomBytes = (length: number) => Uint8Array

/** Bytes that follow from the seed. */
export function seededRandom(seed: string): RandomBytes {
  let drawn = 0
  return (length) => {
    const chunks: Buffer[] = []
    for (let have = 0; have < length; have += 32) chunks.push(createHash('sha256').update(`${seed}:${drawn++}`).digest())
    return new Uint8Array(Buffer.concat(chunks).subarray(0, length))
  }
}

export interface TestCluster {
  readonly cluster: ClusterSigner
  readonly trusted: TrustedClusterKeys
  readonly keks: KeyEncryptionKeys
  readonly sealer: Sealer
}

export function createTestCluster(seed = 'cluster'): TestCluster {
  const random = seededRandom(seed)
  const signer = createSigner(random(32))
  const cluster = { clusterKeyId: clusterKeyIdOf(signer.publicKey), signer }
  const keks: KeyEncryptionKeys = [createKeyEncryptionKey(random(32))]
  const trusted = trustOf(cluster)
  return { cluster, trusted, keks, sealer: createSealer({ cluster, trusted, keks }) }
}

export const testGuild = guildId('1142857142857142857')

export function testUuid(random: RandomBytes): string {
  const hex = Buffer.from(random(16)).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

export type SessionDraft = Extract<RecordDraft, { type: 'voice-session' }>

export function sessionDraft(recordId: string, overrides: Partial<VoiceSessionPayload> = {}): SessionDraft {
  const payload = {
    session_id: recordId,
    user_id: '1142857142857142858',
    channel_id: '1142857142857142859',
    period_id: '7b0d4f6e-91a0-4a52-8f0e-5d6f9b1f2c3d',
    joined_at: '2026-11-20T18:00:00.000Z',
    left_at: '2026-11-20T18:45:30.250Z',
    duration_seconds: 2700,
    paused_seconds: { self_mute: 0, server_mute: 0, self_deaf: 30, server_deaf: 0, alone: 0, afk: 0, too_few: 0 },
    unobserved_seconds: 0,
    recovered: false,
    split: false,
    rules_version: 1,
    ...overrides,
  }
  return { type: 'voice-session', recordId, payload }
}

export interface TestChain {
  readonly guildId: GuildId
  readonly sealed: readonly Sealed[]
  readonly keys: readonly GuildKeyRow[]
}

/** `count` records of one guild, sealed one after the other as a mailbox would. */
export function sealChain(test: TestCluster, count: number, options: { guild?: GuildId; seed?: string } = {}): TestChain {
  const guild = options.guild ?? testGuild
  const random = seededRandom(options.seed ?? 'chain')
  const sealed: Sealed[] = []
  for (let index = 0; index < count; index++) {
    const before = sealed.at(-1)
    sealed.push(
      test.sealer.seal({
        guildId: guild,
        chain: before?.chain ?? initialChain(),
        key: before?.key ?? null,
        draft: sessionDraft(testUuid(random)),
        issuedAt: Date.UTC(2026, 10, 20, 19, 0, index),
        random,
      }),
    )
  }
  return { guildId: guild, sealed, keys: sealed.flatMap(({ guildKeyRow }) => (guildKeyRow === null ? [] : [guildKeyRow])) }
}

/** A chain whose key was replaced after the first record: its rows as a rotation leaves them. */
export function sealRotated(test: TestCluster): TestChain {
  const random = seededRandom('rotated')
  const seal = (before: Sealed | null, key: Sealed['key'] | null): Sealed =>
    test.sealer.seal({
      guildId: testGuild, chain: before?.chain ?? initialChain(), key, draft: sessionDraft(testUuid(random)), issuedAt: Date.UTC(2026, 10, 20, 19), random,
    })
  const first = seal(null, null)
  const made = test.sealer.makeKey({ guildId: testGuild, chain: first.chain, outgoing: first.key, offered: null, random })
  const second = seal(first, made.key)
  return { guildId: testGuild, sealed: [first, second], keys: [{ ...first.guildKeyRow!, lastSequence: 1 }, made.row] }
}

/** What the store would find around the record at `index`. */
export function evidenceOf(chain: TestChain, index: number): RecordEvidence {
  const at = (place: number) => chain.sealed[place]?.receiptRow ?? null
  const receipt = at(index)
  const newest = chain.sealed.at(-1)
  if (receipt === null || newest === undefined) throw new Error(`the chain has no record ${index}`)
  return {
    receipt,
    isUnique: true,
    previous: at(index - 1),
    next: at(index + 1),
    newest: newest.receiptRow,
    head: newest.chainHeadRow,
    keys: chain.keys,
    amendments: [],
  }
}

/** Writes the rows of a chain with plain SQL, as another program would. */
export async function insertChain(client: pg.Pool | pg.Client, chain: TestChain): Promise<void> {
  for (const key of chain.keys) {
    await client.query(
      `INSERT INTO guild_key (key_id, guild_id, public_key, first_sequence, last_sequence, mode, sealed_private_key,
         key_wrap, statement, statement_signature, cluster_key_id, predecessor_signature)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        key.keyId, key.guildId, Buffer.from(key.publicKey), key.firstSequence, key.lastSequence, key.mode,
        Buffer.from(key.sealedPrivateKey), key.keyWrap, Buffer.from(key.statement),
        Buffer.from(key.statementSignature), key.clusterKeyId,
        key.predecessorSignature === null ? null : Buffer.from(key.predecessorSignature),
      ],
    )
  }
  for (const { receiptRow: row } of chain.sealed) {
    await client.query(
      `INSERT INTO receipt (guild_id, sequence, record_id, type, key_id, signed, signature, payload_hash, prev_hash,
         issued_at, subject)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        row.guildId, row.sequence, row.recordId, row.type, row.keyId, Buffer.from(row.signed),
        Buffer.from(row.signature), Buffer.from(row.payloadHash), Buffer.from(row.prevHash), row.issuedAt, row.subject,
      ],
    )
  }
  for (const { version1Row: old } of chain.sealed) {
    if (old === null) continue
    const values = [old.guildId, old.sequence, Buffer.from(old.signed), Buffer.from(old.signature)]
    await client.query('INSERT INTO receipt_version_1 (guild_id, sequence, signed, signature) VALUES ($1, $2, $3, $4)', values)
  }
  const head = chain.sealed.at(-1)?.chainHeadRow
  if (head === undefined) return
  await client.query('INSERT INTO chain_head (guild_id, sequence, hash, key_id, signature) VALUES ($1, $2, $3, $4, $5)', [
    head.guildId, head.sequence, Buffer.from(head.hash), head.keyId, Buffer.from(head.signature),
  ])
}

/** Runs of each property; FC_RUNS turns them up. */
export function propertyRuns(byDefault: number): { numRuns: number } {
  const given = process.env['FC_RUNS']
  return { numRuns: given === undefined ? byDefault : Number(given) }
}
