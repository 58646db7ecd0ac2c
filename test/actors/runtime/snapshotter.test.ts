/**
 * Snapshots on their way to Postgres: few at once, none twice, none of a slot that went.
 */
import { expect } from 'chai'
import type { Activation } from '../../../actors/runtime/activation.ts'
import type { GuildStore } from '../../../actors/runtime/ports.ts'
import type { SlotTable } from '../../../actors/runtime/slot-table.ts'
import { Snapshotter } from '../../../actors/runtime/snapshotter.ts'
import { fence, sequence } from '../../../kernel/ids.ts'
import { silentLog } from '../../../kernel/log.ts'
import { guildIn } from '../../support/commit-batches.ts'
import type { Deferred } from '../../support/deferred.ts'
import { createDeferred } from '../../support/deferred.ts'
import { settle } from '../../support/settle.ts'

/** What the snapshotter reads of a quiet guild. */
function quietGuild(slot: number): Activation {
  const guild = { guildId: guildIn(slot), slot, isQuiet: true, seq: sequence(3), epoch: 0, head: new Uint8Array(32), state: {} }
  return { ...guild, snapshot: { seq: sequence(0), hash: null } } as unknown as Activation
}

function createHouse() {
  const answers: Deferred<boolean>[] = []
  const appended: number[] = []
  const held = { isOurs: true, fence: fence(1) }
  const store: Pick<GuildStore, 'appendSnapshot'> = {
    appendSnapshot({ slot }) {
      appended.push(slot)
      const answer = createDeferred<boolean>()
      answers.push(answer)
      return answer.promise
    },
  }
  const snapshotter = new Snapshotter({
    store,
    registry: new Map(),
    slots: { at: () => held } as unknown as SlotTable,
    log: silentLog,
    now: () => 0,
    sign: () => ({ signed: new Uint8Array(1), signature: new Uint8Array(64), clusterKeyId: 'key' }),
  })
  return {
    snapshotter,
    appended,
    held,
    async answerAll(): Promise<void> {
      for (const answer of answers.splice(0)) answer.resolve(true)
      await settle()
    },
  }
}

describe('snapshotter', () => {
  it('begins what the store takes in one breath, the next when one has ended', async () => {
    const house = createHouse()
    const slots = Array.from({ length: 66 }, (_, slot) => slot)
    for (const slot of slots) void house.snapshotter.writeNow(quietGuild(slot))
    await settle()
    expect(house.appended).to.deep.equal(slots.slice(0, 64))
    await house.answerAll()
    await house.answerAll()
    expect(house.appended).to.deep.equal(slots)
    await house.snapshotter.whenIdle()
  })

  it('a guild that is asked for again while its snapshot is on its way is written once, and both wait for it', async () => {
    const house = createHouse()
    const guild = quietGuild(1)
    const done: string[] = []
    void house.snapshotter.writeNow(guild).then(() => done.push('first'))
    void house.snapshotter.writeNow(guild).then(() => done.push('second'))
    await settle()
    expect(house.snapshotter.isWriting(guild)).to.equal(true)
    expect(done).to.deep.equal([])
    await house.answerAll()
    expect(house.appended).to.deep.equal([1])
    expect(done).to.have.members(['first', 'second'])
    expect(house.snapshotter.isWriting(guild)).to.equal(false)
    expect(guild.snapshot.seq).to.equal(3)
  })

  it('what waits is not begun when its slot has gone, or is held under another fence', async () => {
    for (const change of [{ isOurs: false }, { fence: fence(2) }]) {
      const house = createHouse()
      const slots = Array.from({ length: 70 }, (_, slot) => slot)
      for (const slot of slots) void house.snapshotter.writeNow(quietGuild(slot))
      await settle()
      Object.assign(house.held, change)
      await house.answerAll()
      expect(house.appended).to.deep.equal(slots.slice(0, 64))
      await house.snapshotter.whenIdle()
    }
  })
})
