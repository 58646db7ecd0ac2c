/** How classes share the edits of their codes, by a simulated clock: no second has too many, and nobody waits for the budget. */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { stepEnd } from '../../../actors/behaviours/code-attendance/codes.ts'
import type { OpenRotation } from '../../../actors/protocol/attendance-reads.ts'
import { editsPerSecond, planOpening } from '../../../shards/attendance/edit-budget.ts'

/** As a class is opened by the plan (open-session.ts). */
function openMany(count: number, wantedMs: number, { apartMs = 7 } = {}): OpenRotation[] {
  const open: OpenRotation[] = []
  for (let number = 0; number < count; number += 1) {
    const openedAt = 1_795_194_000_000 + number * apartMs
    const { intervalMsMin: intervalMs, firstStepDelayMs } = planOpening(open, { intervalMs: wantedMs, openedAt })
    expect(firstStepDelayMs).to.be.within(0, intervalMs - 1)
    open.push({ intervalMs, rotatesFrom: openedAt + firstStepDelayMs })
  }
  return open
}

/** Edits in each second of two minutes. */
function editsBySecond(open: readonly OpenRotation[]): number[] {
  const from = 1_795_194_100_000
  const seconds = Array.from({ length: 120 }, () => 0)
  for (const rotation of open) {
    const first = Math.floor((from - rotation.rotatesFrom) / rotation.intervalMs) - 1
    for (let step = first; ; step += 1) {
      const second = Math.floor((stepEnd(rotation, step) - from) / 1_000)
      if (second >= seconds.length) break
      if (second >= 0) seconds[second] = (seconds[second] ?? 0) + 1
    }
  }
  return seconds
}

describe('the budget of edits', () => {
  it('450 classes change every 15 s as they are set, evenly over the seconds, although all opened at once', () => {
    const open = openMany(450, 15_000)
    expect(new Set(open.map(({ intervalMs }) => intervalMs))).to.deep.equal(new Set([15_000]))
    const seconds = editsBySecond(open)
    expect(Math.max(...seconds)).to.be.at.most(editsPerSecond + 8)
    expect(Math.min(...seconds)).to.be.at.least(editsPerSecond - 8)
    // Shared out over two processes by chance, as slots are: each may send 24 requests a second, the rest waits for the next.
    const processOf = (number: number): number => (createHash('sha256').update(String(number)).digest()[0] ?? 0) % 2
    for (const part of [0, 1]) {
      const ofProcess = editsBySecond(open.filter((_, number) => processOf(number) === part))
      expect(ofProcess.filter((edits) => edits > 24).length).to.be.at.most(ofProcess.length / 20)
      expect(Math.max(...ofProcess)).to.be.at.most(30)
    }
  })

  it('what no longer fits opens with the shortest interval that does; then with the slowest', () => {
    const open = openMany(449, 15_000)
    const intervalOf = (others: readonly OpenRotation[], intervalMs = 15_000): number => planOpening(others, { intervalMs, openedAt: 0 }).intervalMsMin
    expect(intervalOf(open)).to.equal(15_000)
    expect(intervalOf([...open, { intervalMs: 30_000, rotatesFrom: 0 }])).to.equal(30_000)
    expect(intervalOf([...open, { intervalMs: 15_000, rotatesFrom: 0 }])).to.equal(300_000)
    expect(intervalOf([], 5_000)).to.equal(5_000)
  })

  it('steps count from the opening itself, unless its second is taken: then from the next place that has room', () => {
    const openedAt = 1_795_194_000_100
    const delayOf = (open: readonly OpenRotation[]): number => planOpening(open, { intervalMs: 15_000, openedAt }).firstStepDelayMs
    const others = (count: number, laterMs = 0): OpenRotation[] => Array.from({ length: count }, () => ({ intervalMs: 15_000, rotatesFrom: openedAt + laterMs - 30_000 }))
    expect(delayOf([])).to.equal(0)
    expect(delayOf(others(6))).to.equal(0)
    expect(delayOf(others(7))).to.be.within(1, 250)
    expect(delayOf([...others(7), ...others(7, 200)])).to.be.within(300, 500)
    // As classes are opened by people, over a few minutes on the hour, hardly one has to make room.
    const delayed = openMany(400, 15_000, { apartMs: 433 }).filter(({ rotatesFrom }, number) => rotatesFrom !== 1_795_194_000_000 + number * 433)
    expect(delayed.length).to.be.at.most(40)
  })

  it('2,000 classes, and 10,000, stay far below what Discord allows; the first keep their interval', () => {
    for (const [count, perSecondMax] of [[2_000, 36], [10_000, 42]] as const) {
      const open = openMany(count, 15_000, { apartMs: 3 })
      const perSecond = open.reduce((sum, { intervalMs }) => sum + 1_000 / intervalMs, 0)
      expect(perSecond).to.be.lessThan(perSecondMax)
      expect(open.slice(0, 450).every(({ intervalMs }) => intervalMs === 15_000)).to.equal(true)
      expect(open.slice(450).every(({ intervalMs }) => intervalMs > 15_000)).to.equal(true)
    }
  }).timeout(20_000)
})
