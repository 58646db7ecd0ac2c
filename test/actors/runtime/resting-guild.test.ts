/**
 * A guild at rest comes back as it was, and meanwhile is small.
 */
import { expect } from 'chai'
import { createRegistry, features } from '../../../actors/behaviours/registry.ts'
import { emptyGuildState } from '../../../actors/runtime/guild-state.ts'
import { createGuildPacker } from '../../../actors/runtime/resting-guild.ts'
import { sequence } from '../../../kernel/ids.ts'
import { hashOf } from '../../support/commit-batches.ts'

const packer = createGuildPacker(createRegistry(features))
const state = () => ({ ...emptyGuildState(), at: 1_767_225_600_000, features: { tally: { version: 1, state: { count: 3, name: 'Übung ✓' } } } })
const guild = () => ({ state: state(), seq: sequence(12), head: hashOf('head'), key: null, secrets: new Map(), usedAt: 17 })

describe('a guild at rest', () => {
  it('comes back with state, position, head and newest snapshot', () => {
    const snapshot = { seq: sequence(10), hash: hashOf('snapshot') }
    const resting = packer.pack({ ...guild(), snapshot }, { hasOpenWork: true })
    expect(packer.unpack(resting)).to.deep.equal({ state: state(), seq: 12, head: hashOf('head'), key: null, secrets: new Map(), snapshot })
    expect([resting.usedAt, resting.hasOpenWork, resting.isSnapshotted]).to.deep.equal([17, true, false])
  })

  it('that never had a snapshot comes back without one, and one whose snapshot is newest says so', () => {
    const without = packer.pack({ ...guild(), snapshot: { seq: sequence(0), hash: null } }, { hasOpenWork: false })
    expect(packer.unpack(without).snapshot).to.deep.equal({ seq: 0, hash: null })
    const resting = packer.pack({ ...guild(), snapshot: { seq: sequence(12), hash: hashOf('s') } }, { hasOpenWork: false })
    expect(resting.isSnapshotted).to.equal(true)
  })
})
