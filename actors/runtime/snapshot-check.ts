/**
 * Whether a stored snapshot is believed: signed by a cluster key of our configuration, over this very state.
 */
import type { TrustedClusterKeys } from '../records/cluster-key.ts'
import { verifySnapshot } from '../records/snapshot.ts'
import { slotOf } from '../ownership/slots.ts'
import type { SnapshotCheck } from './loader.ts'

export function createSnapshotCheck(trusted: TrustedClusterKeys): SnapshotCheck {
  return (snapshot) => {
    const { signed, signature, clusterKeyId, guildId, seq, fence, state } = snapshot
    const expected = { guildId, slot: slotOf(guildId), sequence: seq, fence, state, journalHead: null }
    const checked = verifySnapshot(trusted, { signed, signature, clusterKeyId }, expected)
    if (!checked.ok) return { believed: false, reason: checked.problem }
    return { believed: true, journalHead: new Uint8Array(Buffer.from(checked.value.journalHead, 'hex')) }
  }
}
