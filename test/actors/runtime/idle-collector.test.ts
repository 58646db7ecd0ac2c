/**
 * Who is not needed leaves memory, and nothing is lost by it: the next command finds the same guild.
 */
import { expect } from 'chai'
import { IdleCollector } from '../../../actors/runtime/idle-collector.ts'
import type { Activation } from '../../../actors/runtime/activation.ts'
import type { Snapshotter } from '../../../actors/runtime/snapshotter.ts'
import type { GuildId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { silentLog } from '../../../kernel/log.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { createTestRuntime } from '../../support/runtime.ts'
import { settle } from '../../support/settle.ts'
import { add, look, told } from '../../support/tally.ts'

const guild = guildIn(5)
const other = guildIn(5, 1)

function setUp() {
  const runtime = createTestRuntime()
  runtime.own(guild)
  const snapshotted: GuildId[] = []
  let onWrite: () => Promise<void> = () => Promise.resolve()
  const snapshotter = {
    isWriting: () => false,
    writeNow: async (activation: Activation) => {
      snapshotted.push(activation.guildId)
      await onWrite()
    },
  } as unknown as Snapshotter
  const idle = new IdleCollector({ catalog: runtime.catalog, snapshotter, clock: runtime.clock, log: silentLog })
  const collect = async (): Promise<void> => {
    const collecting = idle.collect()
    await settle()
    runtime.clock.advance(0)
    await collecting
  }
  const whileWriting = (work: () => Promise<void>): void => void (onWrite = work)
  return { ...runtime, idle, snapshotted, collect, whileWriting }
}

describe('the idle collector', () => {
  it('a guild unused for a while rests in memory, and answers as before', async () => {
    const { answer, catalog, clock, collect } = setUp()
    await answer(guild, add(2))
    clock.advance(limits.restAfterMs)
    expect(catalog.restable(clock.monotonicMs())).to.have.length(1)
    await collect()
    expect([catalog.restable(clock.monotonicMs()).length, catalog.activationCount]).to.deep.equal([0, 1])
    expect(told(await answer(guild, add(3)))).to.equal(5)
  })

  it('unused for three minutes it is snapshotted and leaves memory; the next command brings it back', async () => {
    const { answer, catalog, clock, collect, snapshotted } = setUp()
    await answer(guild, add(2))
    clock.advance(limits.idleReleaseMs)
    await answer(other, add(1))
    await collect()
    expect(snapshotted).to.deep.equal([guild])
    expect(catalog.activationCount).to.equal(1)
    expect(told(await answer(guild, look))).to.equal(2)
  })

  it('a guild that is used while its snapshot is being written stays', async () => {
    const { answer, catalog, clock, collect, whileWriting } = setUp()
    await answer(guild, add(2))
    clock.advance(limits.idleReleaseMs)
    whileWriting(async () => {
      clock.advance(1)
      await answer(guild, add(1))
    })
    await collect()
    expect(catalog.activationCount).to.equal(1)
    expect(told(await answer(guild, look))).to.equal(3)
  })
})
