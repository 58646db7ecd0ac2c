/** The judge of a run: it must find what is lost and what is doubled, also when the records come in any order. */
import { expect } from 'chai'
import fc from 'fast-check'
import type { RecordedSession, Stretch, VoiceLine } from '../../../cli/up/run-verdict.ts'
import { compareRun, stretchesOf } from '../../../cli/up/run-verdict.ts'
import { propertyRuns } from '../../support/records.ts'

const line = (at: number, user: string, channel: string | null, more: Partial<VoiceLine> = {}): VoiceLine => ({ at, kind: 'voice', guild: 'g', user, channel, ...more })
const stretch = (user: string, channel: string, joinedAt: number, leftAt: number): Stretch => ({ guildId: 'g', userId: user, channelId: channel, joinedAt, leftAt })
const recorded = (of: Stretch, more: Partial<RecordedSession> = {}): RecordedSession => ({ ...of, recordId: `r-${of.userId}-${of.joinedAt}`, ...more })

describe('stretches of a voice log', () => {
  it('a join, a move and a leave are two stretches', () => {
    const lines = [line(10, 'ada', 'a'), line(20, 'ada', 'b', { from: 'a' }), line(30, 'ada', null, { from: 'b' })]
    expect(stretchesOf(lines)).to.deep.equal([stretch('ada', 'a', 10, 20), stretch('ada', 'b', 20, 30)])
  })

  it('a mute ends nothing, and who is still there has no session yet', () => {
    const lines = [line(10, 'ada', 'a'), line(12, 'ada', 'a', { kind: 'mute' }), line(14, 'ben', 'a'), line(20, 'ada', null)]
    expect(stretchesOf(lines)).to.deep.equal([stretch('ada', 'a', 10, 20)])
  })

  it('the same person in two servers is in two places', () => {
    const lines = [line(1, 'ada', 'a'), line(2, 'ada', 'z', { guild: 'h' }), line(3, 'ada', null)]
    expect(stretchesOf(lines)).to.deep.equal([stretch('ada', 'a', 1, 3)])
  })

  it('a leave of somebody who never joined, and lines about other things, are passed over', () => {
    expect(stretchesOf([line(1, 'ada', null), { at: 2, kind: 'start' }, { at: 3, kind: 'x', guild: 'g', user: 'u' }])).to.deep.equal([])
  })
})

describe('the verdict of a run', () => {
  const [first, second] = [stretch('ada', 'a', 10_000, 20_000), stretch('ben', 'a', 12_000, 15_000)]

  it('is clean when each stretch has its record', () => {
    expect(compareRun([first, second], [recorded(second), recorded(first)])).to.deep.equal({ lost: [], doubled: [] })
    expect(compareRun([], [])).to.deep.equal({ lost: [], doubled: [] })
  })

  it('a stretch without a record is lost', () => {
    expect(compareRun([first, second], [recorded(first)])).to.deep.equal({ lost: [second], doubled: [] })
  })

  it('a second record of one stretch is doubled, and so is one of a stretch that never was', () => {
    const [twice, invented] = [recorded(first, { recordId: 'twice' }), recorded(stretch('eve', 'a', 1, 2))]
    const { lost, doubled } = compareRun([first], [recorded(first), twice, invented])
    expect(lost).to.deep.equal([])
    expect(doubled).to.have.deep.members([twice, invented])
  })

  it('a record of another member, channel, server or time is nobody’s', () => {
    const others: readonly Partial<RecordedSession>[] = [
      { userId: 'eve' }, { channelId: 'b' }, { guildId: 'h' }, { joinedAt: 22_001, leftAt: 23_000 }, { joinedAt: 1_000, leftAt: 7_999 }, { joinedAt: 7_999 },
    ]
    for (const other of others) {
      const strange = recorded(first, other)
      expect(compareRun([first], [strange]), JSON.stringify(other)).to.deep.equal({ lost: [first], doubled: [strange] })
    }
  })

  it('clocks may be two seconds apart, and a recovered session may begin later and end earlier', () => {
    for (const near of [{ joinedAt: 8_000 }, { joinedAt: 11_900, leftAt: 22_000 }, { joinedAt: 15_000, leftAt: 16_000 }, { joinedAt: 22_000, leftAt: 22_000 }]) {
      expect(compareRun([first], [recorded(first, near)]), JSON.stringify(near)).to.deep.equal({ lost: [], doubled: [] })
    }
  })

  const visits = fc.array(fc.record({ pauseMs: fc.integer({ min: 1, max: 4_000 }), stayMs: fc.integer({ min: 0, max: 6_000 }) }), { maxLength: 8 })
  const stretchesFrom = (stays: readonly { pauseMs: number; stayMs: number }[]): Stretch[] => {
    let at = 100_000
    return stays.map(({ pauseMs, stayMs }) => {
      const joinedAt = (at += pauseMs)
      return stretch('ada', 'a', joinedAt, (at += stayMs))
    })
  }

  it('quick returns to one channel are told apart, in whatever order the records come', () => {
    fc.assert(
      fc.property(visits, fc.array(fc.nat()), (stays, order) => {
        const all = stretchesFrom(stays)
        const shuffled = all.map((one, index) => ({ one, key: order[index] ?? 0 })).sort((a, b) => a.key - b.key).map(({ one }) => recorded(one))
        expect(compareRun(all, shuffled)).to.deep.equal({ lost: [], doubled: [] })
      }),
      propertyRuns(500),
    )
  })

  it('whichever records are missing or come twice, so many are lost and so many doubled', () => {
    fc.assert(
      fc.property(visits, fc.nat({ max: 8 }), fc.nat({ max: 8 }), (stays, missing, again) => {
        // Far apart, so that no record can pass for another's.
        const all = stretchesFrom(stays.map(({ stayMs }) => ({ pauseMs: 10_000, stayMs })))
        const kept = all.slice(missing).map((one) => recorded(one))
        const twice = all.slice(missing).slice(0, again).map((one) => recorded(one, { recordId: 'again' }))
        const { lost, doubled } = compareRun(all, [...twice, ...kept])
        expect(lost).to.deep.equal(all.slice(0, missing))
        expect(doubled).to.have.length(twice.length)
      }),
      propertyRuns(300),
    )
  })
})
