/**
 * Many snapshots have the same verdicts in threads as one by one, in the order they were asked.
 */
import { expect } from 'chai'
import { parseClusterSigner, trustOf } from '../../../actors/records/cluster-key.ts'
import { signSnapshot } from '../../../actors/records/snapshot.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { StoredSnapshot } from '../../../actors/runtime/ports.ts'
import { createSnapshotCheck } from '../../../actors/runtime/snapshot-check.ts'
import { createBulkSnapshotCheck } from '../../../actors/runtime/snapshot-threads.ts'
import type { Fence } from '../../../kernel/ids.ts'
import { sequence } from '../../../kernel/ids.ts'
import { silentLog } from '../../../kernel/log.ts'
import { guildIn } from '../../support/commit-batches.ts'

const cluster = parseClusterSigner({ name: 'KEY', text: Buffer.alloc(32, 9).toString('base64') })

function snapshotOf(n: number): StoredSnapshot {
  const guildId = guildIn(n, n)
  const state = JSON.stringify({ n })
  const place = { guildId, fence: 3 as Fence }
  const facts = { ...place, slot: slotOf(guildId), sequence: n + 1, state, journalHead: new Uint8Array(32).fill(n), previousSnapshot: null, at: 0 }
  return { ...place, seq: sequence(n + 1), state, ...signSnapshot(cluster, facts) }
}

describe('snapshots verified in threads', () => {
  it('answer as the check itself does, good and bad ones, few and many', async function () {
    this.timeout(20_000)
    const check = createSnapshotCheck(trustOf(cluster))
    const checkMany = createBulkSnapshotCheck({ log: silentLog }, trustOf(cluster))
    const many = Array.from({ length: 100 }, (_, n) => snapshotOf(n)).map((snapshot, n) =>
      n % 7 === 3 ? { ...snapshot, state: '{"n":-1}' } : snapshot,
    )
    const expected = many.map((snapshot) => check(snapshot))
    expect(expected.filter(({ believed }) => !believed)).to.have.length(14)
    expect(await checkMany(many)).to.deep.equal(expected)
    expect(await checkMany(many.slice(0, 5))).to.deep.equal(expected.slice(0, 5))
    expect(await checkMany([])).to.deep.equal([])
  })
})
