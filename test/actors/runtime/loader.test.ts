/**
 * Bringing guilds into memory, with real signatures: a snapshot is believed only when it verifies, and what is loaded is
 * what was written, or it is not loaded at all (I2, I11).
 */
import { expect } from 'chai'
import { canonicalText } from '../../../actors/records/canonical.ts'
import { signSnapshot } from '../../../actors/records/snapshot.ts'
import type { StoredSnapshot } from '../../../actors/runtime/ports.ts'
import { createSnapshotCheck } from '../../../actors/runtime/snapshot-check.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { Sequence } from '../../../kernel/ids.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { createTestCluster } from '../../support/records.ts'
import { createTestRuntime } from '../../support/runtime.ts'
import { settle } from '../../support/settle.ts'
import { add, look, told } from '../../support/tally.ts'

const guild = guildIn(5)
const { cluster, trusted } = createTestCluster()
const stranger = createTestCluster('stranger').cluster

function setUp() {
  const runtime = createTestRuntime({ checkSnapshot: createSnapshotCheck(trusted) })
  runtime.own(guild)
  const { database, catalog } = runtime
  /** The guild's state now, as a stored snapshot; `signer` and `change` make it one that is not to be believed. */
  const snapshot = (options: { signer?: typeof cluster; change?: (stored: StoredSnapshot) => StoredSnapshot } = {}): StoredSnapshot => {
    const activation = catalog.find(guild)
    if (activation === undefined) throw new Error('the guild is not in memory')
    const { seq, head } = activation
    const fence = runtime.slots.at(slotOf(guild)).fence
    const state = canonicalText(activation.state as never)
    const facts = { guildId: guild, slot: slotOf(guild), fence, sequence: seq, state, journalHead: head, previousSnapshot: null, at: 1 }
    const stored: StoredSnapshot = { guildId: guild, seq, fence, state, ...signSnapshot(options.signer ?? cluster, facts) }
    const kept = options.change?.(stored) ?? stored
    database.snapshots.set(guild, [...(database.snapshots.get(guild) ?? []), kept])
    return kept
  }
  const forget = (): void => {
    const activation = catalog.find(guild)
    if (activation !== undefined) catalog.release(activation)
  }
  const addTwice = async (): Promise<void> => {
    await runtime.answer(guild, add(1))
    await runtime.answer(guild, add(10))
  }
  return { ...runtime, snapshot, forget, addTwice }
}

describe('loading a guild', () => {
  it('from a snapshot and the journal after it, gives the state that the whole journal gives', async () => {
    const { answer, addTwice, snapshot, forget, catalog, log } = setUp()
    await addTwice()
    snapshot()
    await answer(guild, add(100))
    const state = canonicalText(catalog.find(guild)?.state as never)
    forget()
    expect(told(await answer(guild, look))).to.equal(111)
    expect(canonicalText(catalog.find(guild)?.state as never)).to.equal(state)
    expect(catalog.find(guild)?.snapshot.seq).to.equal(2)
    expect(log.saw('snapshot is not believed')).to.equal(false)
  })

  it('replays only what came after the snapshot', async () => {
    const { answer, addTwice, snapshot, forget, database } = setUp()
    await addTwice()
    snapshot()
    await answer(guild, add(100))
    forget()
    for (const seq of [1, 2]) database.journal.get(guild)?.delete(seq as Sequence)
    expect(told(await answer(guild, look))).to.equal(111)
  })

  const unbelievable: Readonly<Record<string, Parameters<ReturnType<typeof setUp>['snapshot']>[0]>> = {
    'one flipped bit in the state': { change: (stored) => ({ ...stored, state: stored.state.replace('"count":11', '"count":19') }) },
    'a signature of a stranger': { signer: stranger },
    'a stranger’s signature under our key’s name': { signer: { ...stranger, clusterKeyId: cluster.clusterKeyId } },
    'another sequence than was signed': { change: (stored) => ({ ...stored, seq: 1 as Sequence }) },
    'a damaged signature': { change: (stored) => ({ ...stored, signature: stored.signature.map((byte, index) => (index === 5 ? byte ^ 1 : byte)) }) },
    'bytes that are no snapshot': { change: (stored) => ({ ...stored, signed: new TextEncoder().encode('{}') }) },
  }
  for (const [what, options] of Object.entries(unbelievable)) {
    it(`a snapshot with ${what} is told and passed over: the whole journal is replayed`, async () => {
      const { answer, addTwice, snapshot, forget, log, catalog } = setUp()
      await addTwice()
      snapshot(options)
      forget()
      expect(told(await answer(guild, look))).to.equal(11)
      expect(log.count('snapshot is not believed')).to.equal(1)
      expect(catalog.find(guild)?.snapshot).to.deep.equal({ seq: 0, hash: null })
    })
  }

  it('of several snapshots the newest that verifies is taken', async () => {
    const { answer, addTwice, snapshot, forget, log, catalog } = setUp()
    await addTwice()
    snapshot()
    for (const by of [100, 1_000]) {
      await answer(guild, add(by))
      snapshot({ signer: stranger })
    }
    forget()
    expect(told(await answer(guild, look))).to.equal(1_111)
    expect(log.count('snapshot is not believed')).to.equal(2)
    expect(catalog.find(guild)?.snapshot.seq).to.equal(2)
  })

  const damage: Readonly<Record<string, (runtime: ReturnType<typeof setUp>) => void>> = {
    'a hole': ({ database }) => database.journal.get(guild)?.delete(2 as Sequence),
    'a row that is missing at its end': ({ database }) => database.journal.get(guild)?.delete(3 as Sequence),
    'a changed payload': ({ database }) => {
      const rows = database.journal.get(guild)
      const row = rows?.get(2 as Sequence)
      if (row !== undefined) rows?.set(row.seq, { ...row, payload: row.payload.replace('"by":10', '"by":11') })
    },
    'a changed hash': ({ database }) => {
      const rows = database.journal.get(guild)
      const row = rows?.get(3 as Sequence)
      if (row !== undefined) rows?.set(row.seq, { ...row, hash: new Uint8Array(32) })
    },
    'two rows that changed places': ({ database }) => {
      const rows = database.journal.get(guild)
      const [first, second] = [rows?.get(1 as Sequence), rows?.get(2 as Sequence)]
      if (first === undefined || second === undefined) return
      rows?.set(first.seq, { ...first, payload: second.payload, hash: second.hash })
      rows?.set(second.seq, { ...second, payload: first.payload, hash: first.hash })
    },
    'a head that is not its end': ({ database }) => {
      const actor = database.actors.get(guild)
      if (actor !== undefined) database.actors.set(guild, { ...actor, head: new Uint8Array(32) })
    },
  }
  for (const [what, harm] of Object.entries(damage)) {
    it(`a journal with ${what} is not loaded: its commands are refused and somebody is told`, async () => {
      const runtime = setUp()
      await runtime.addTwice()
      await runtime.answer(guild, add(100))
      runtime.forget()
      harm(runtime)
      expect(told(await runtime.answer(guild, add(1)))).to.equal('busy')
      expect(runtime.catalog.activationCount).to.equal(0)
      const line = runtime.log.lines.find(({ phrase }) => phrase === 'guild cannot be loaded')
      expect(line?.fields['error']).to.include({ code: 'journal-corrupt' })
    })
  }

  it('a damaged guild does not keep the others of its read from loading', async () => {
    const runtime = setUp()
    const neighbour = guildIn(5, 1)
    await runtime.addTwice()
    await runtime.answer(neighbour, add(5))
    runtime.forget()
    const other = runtime.catalog.find(neighbour)
    if (other !== undefined) runtime.catalog.release(other)
    runtime.database.journal.get(guild)?.delete(1 as Sequence)
    runtime.steps.hold('loadGuilds before')
    const asked = [runtime.ask(guild, look), runtime.ask(neighbour, look)]
    await settle()
    await runtime.steps.release('loadGuilds before')
    expect(asked.map(({ outcome }) => told(outcome()))).to.deep.equal(['busy', 5])
    expect(runtime.catalog.activationCount).to.equal(1)
  })

  it('while Postgres is away it is tried again, with a pause that grows', async () => {
    const { ask, steps, clock } = setUp()
    steps.fail('loadGuilds before', 3)
    const asked = ask(guild, add(1))
    const pausesMs = [50, 100, 200]
    for (const pauseMs of pausesMs) {
      await settle()
      const tries = steps.count('loadGuilds before')
      clock.advance(pauseMs - 1)
      await settle()
      expect(steps.count('loadGuilds before')).to.equal(tries)
      clock.advance(1)
    }
    await settle()
    expect(told(asked.outcome())).to.equal(1)
  })

  it('many guilds are loaded in few reads', async () => {
    const { ask, steps } = setUp()
    const guilds = Array.from({ length: 600 }, (_, index) => guildIn(5, index))
    const asked = guilds.map((one) => ask(one, look))
    await settle(8)
    expect(asked.every(({ outcome }) => told(outcome()) === 0)).to.equal(true)
    expect(steps.count('loadGuilds before')).to.equal(3)
  })
})
