import { expect } from 'chai'
import fc from 'fast-check'
import {
  alarmOpId,
  emptyGuildState,
  entryCount,
  evolveGuild,
  featureState,
  hasOpenWork,
  upgradeGuildState,
} from '../../../actors/runtime/guild-state.ts'
import type { GuildState, JournalEntry } from '../../../actors/runtime/guild-state.ts'
import { opId, sequence } from '../../../kernel/ids.ts'
import { propertyRuns } from '../../support/records.ts'
import type { TallyState } from '../../support/tally.ts'
import { tally, tallyRegistry } from '../../support/tally.ts'

const entry = (seq: number, event: object, more: Partial<JournalEntry> = {}): JournalEntry => ({
  seq: sequence(seq), at: 1_000 + seq, opId: opId(`op-${seq}`), feature: 'tally', event: event as JournalEntry['event'], ...more,
})
const wake = (seq: number, purpose: string, at: number | null): JournalEntry => entry(seq, { kind: 'alarm-wanted', purpose, at })
const replay = (entries: readonly JournalEntry[], state: GuildState = emptyGuildState()): GuildState => {
  for (const one of entries) evolveGuild(state, one, tallyRegistry)
  return state
}
const part = (state: GuildState): TallyState => featureState(state, tally) as TallyState

describe('the state of a guild', () => {
  it('gives each feature its own part and keeps the time of the newest event', () => {
    const state = replay([entry(1, { kind: 'added', by: 3 }), entry(2, { kind: 'added', by: 4 })])
    expect(state.at).to.equal(1_002)
    expect(state.features).to.deep.equal({ tally: { version: 2, state: { count: 7, alarms: {}, rang: [] } } })
  })

  it('stores nothing of a feature that was not touched', () => {
    const state = emptyGuildState()
    expect(part(state).count).to.equal(0)
    expect(state.features).to.deep.equal({})
    expect([hasOpenWork(state, tallyRegistry), entryCount(state, tallyRegistry)]).to.deep.equal([false, 0])
  })

  it('event time never decreases (I13)', () => {
    const state = replay([entry(5, { kind: 'added', by: 1 })])
    evolveGuild(state, entry(6, { kind: 'added', by: 1 }, { at: 1_005 }), tallyRegistry)
    expect(() => evolveGuild(state, entry(7, { kind: 'added', by: 1 }, { at: 1_004 }), tallyRegistry)).to.throw('I13')
  })

  it('a journal that names an unknown feature is not passed over', () => {
    expect(() => replay([entry(1, { kind: 'x' }, { feature: 'unheard-of' })])).to.throw('not registered: unheard-of')
  })

  it('knows what is open and how much there is, over all features', () => {
    const state = replay([wake(1, 'p', 9), entry(2, { kind: 'rang', purpose: 'q' })])
    expect([hasOpenWork(state, tallyRegistry), entryCount(state, tallyRegistry)]).to.deep.equal([true, 1])
  })

  it('the same journal gives the same bytes, through text as well (I11)', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('added'), by: fc.integer() }),
      fc.record({ kind: fc.constant('alarm-wanted'), purpose: fc.constantFrom('p', 'q', 'r'), at: fc.option(fc.nat({ max: 50 }), { nil: null }) }),
      fc.record({ kind: fc.constant('rang'), purpose: fc.constantFrom('p', 'q', 'r') }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.nat({ max: 30 }), (events, cut) => {
        const entries = events.map((one, index) => entry(index + 1, one))
        const whole = JSON.stringify(replay(entries))
        expect(JSON.stringify(replay(JSON.parse(JSON.stringify(entries)) as JournalEntry[]))).to.equal(whole)
        const snapshot = JSON.parse(JSON.stringify(replay(entries.slice(0, cut)))) as GuildState
        expect(JSON.stringify(replay(entries.slice(cut), snapshot)), 'from a snapshot on').to.equal(whole)
      }),
      propertyRuns(150),
    )
  })
})

describe('alarms of a guild', () => {
  const alarmsOf = (entries: readonly JournalEntry[]): GuildState['alarms'] => replay(entries).alarms

  it('are derived from the feature, and remember where they were set', () => {
    expect(alarmsOf([wake(1, 'p', 50), entry(2, { kind: 'added', by: 1 })])).to.deep.equal({
      'tally/p': { feature: 'tally', purpose: 'p', dueAt: 50, setSeq: 1 },
    })
  })

  it('the same instant wanted again stays the same alarm; another instant is a new one', () => {
    expect(alarmsOf([wake(1, 'p', 50), wake(2, 'p', 50)])['tally/p']?.setSeq).to.equal(1)
    expect(alarmsOf([wake(1, 'p', 50), wake(2, 'p', 60)])['tally/p']).to.include({ dueAt: 60, setSeq: 2 })
  })

  it('one that is not wanted any more is gone, one that rang too', () => {
    expect(alarmsOf([wake(1, 'p', 50), wake(2, 'p', null)])).to.deep.equal({})
    expect(alarmsOf([wake(1, 'p', 50), entry(2, { kind: 'rang', purpose: 'p' })])).to.deep.equal({})
  })

  const rejected = (seq: number, setSeq: number, key = 'tally/p'): JournalEntry =>
    entry(seq, { kind: 'command-rejected', opId: alarmOpId('7', key, setSeq), feature: 'tally', command: 'ring', reason: 'broke' }, { feature: 'runtime' })

  it('one whose command was rejected does not come back for the same instant, and does for another', () => {
    const silenced = replay([wake(1, 'p', 50), rejected(2, 1), entry(3, { kind: 'added', by: 1 })])
    expect(silenced.alarms).to.deep.equal({})
    expect(silenced.rejectedAlarms).to.deep.equal({ 'tally/p': 50 })
    const again = replay([wake(4, 'p', 60)], silenced)
    expect(again.alarms['tally/p']).to.include({ dueAt: 60, setSeq: 4 })
    expect(again.rejectedAlarms).to.deep.equal({})
  })

  it('a rejection of another op, or of an alarm set before, touches none', () => {
    expect(Object.keys(alarmsOf([wake(1, 'p', 50), rejected(2, 9)]))).to.deep.equal(['tally/p'])
    expect(Object.keys(alarmsOf([wake(1, 'p', 50), rejected(2, 1, 'tally/other-p')]))).to.deep.equal(['tally/p'])
    expect(Object.keys(alarmsOf([wake(1, 'p', 50), rejected(2, 1, 'not-tally/p')]))).to.deep.equal(['tally/p'])
    const command = entry(2, { kind: 'command-rejected', opId: 'x', feature: 'tally', command: 'add', reason: '' }, { feature: 'runtime' })
    expect(Object.keys(alarmsOf([wake(1, 'p', 50), command]))).to.deep.equal(['tally/p'])
  })
})

describe('a stored state', () => {
  it('is upgraded part by part, by its own feature; what is not known is kept as it is', () => {
    const stored: GuildState = {
      ...emptyGuildState(),
      features: { tally: { version: 1, state: { count: 9, alarms: {} } }, retired: { version: 7, state: { a: 1 } } },
    }
    const upgraded = upgradeGuildState(stored, tallyRegistry)
    expect(upgraded.features).to.deep.equal({
      tally: { version: 2, state: { count: 9, alarms: {}, rang: ['upgraded'] } },
      retired: { version: 7, state: { a: 1 } },
    })
    expect(upgradeGuildState(upgraded, tallyRegistry)).to.deep.equal(upgraded)
  })
})
