/**
 * Snapshots signed without cryptography: what is signed is said in plain JSON, and a changed state is still found out.
 */
import { createHash } from 'node:crypto'
import type { SignedSnapshot, SnapshotFacts } from '../../actors/records/snapshot.ts'
import type { SnapshotCheck } from '../../actors/runtime/loader.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const hashOfState = (state: string): string => createHash('sha256').update(state, 'utf8').digest('hex')

interface Said {
  readonly guildId: string
  readonly sequence: number
  readonly fence: number
  readonly stateHash: string
  readonly journalHead: string
}

export function signPlainly(facts: SnapshotFacts): SignedSnapshot {
  const { guildId, sequence, fence, state, journalHead } = facts
  const said: Said = { guildId, sequence, fence, stateHash: hashOfState(state), journalHead: hex(journalHead) }
  return { signed: new TextEncoder().encode(JSON.stringify(said)), signature: new Uint8Array(64), clusterKeyId: 'plain' }
}

export const checkPlainly: SnapshotCheck = (snapshot) => {
  const said = JSON.parse(new TextDecoder().decode(snapshot.signed)) as Said
  const isAsSaid = said.guildId === snapshot.guildId && said.sequence === snapshot.seq && said.fence === snapshot.fence
  if (!isAsSaid || said.stateHash !== hashOfState(snapshot.state)) return { believed: false, reason: 'not what was signed' }
  return { believed: true, journalHead: new Uint8Array(Buffer.from(said.journalHead, 'hex')) }
}
