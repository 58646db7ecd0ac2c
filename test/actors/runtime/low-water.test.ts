/**
 * I7: the position of a source never runs ahead of what is durable.
 *
 * Method: random orders of beginning, committing, ending, reopening and being told by Postgres, against a model that keeps
 * every entry for ever and looks through all of them.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import type { LowWaterEntry } from '../../../actors/runtime/low-water.ts'
import { LowWater } from '../../../actors/runtime/low-water.ts'
import { propertyRuns } from '../../support/records.ts'

interface Model {
  readonly start: number | null
  readonly entries: { readonly at: number; readonly entry: LowWaterEntry }[]
  through: number | null
}

/** Highest position such that nothing open lies at or below it. */
function allowed(model: Model): number | null {
  let position = model.start
  if (model.through !== null) position = Math.max(position ?? 0, model.through)
  for (const { at, entry } of model.entries) {
    if (entry.state === 'open') break
    position = Math.max(position ?? 0, at)
  }
  return position
}

const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('begin' as const), gap: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'end' as const), which: fc.nat({ max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const), which: fc.nat({ max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('told' as const), to: fc.nat({ max: 60 }) }) },
)

describe('low water', () => {
  it('is the newest position below which nothing is open, and never beyond an open entry (I7)', () => {
    fc.assert(
      fc.property(fc.option(fc.nat({ max: 5 }), { nil: null }), fc.array(action, { maxLength: 80 }), (start, actions) => {
        const lowWater = new LowWater(start === null ? null : String(start))
        const model: Model = { start, entries: [], through: null }
        let last = start ?? 0
        for (const what of actions) {
          const { length } = model.entries
          switch (what.kind) {
            case 'begin':
              last += what.gap
              model.entries.push({ at: last, entry: lowWater.begin(String(last)) })
              break
            case 'told': {
              // What Postgres holds is never above what had begun.
              const to = Math.min(what.to, last)
              if (to < (start ?? 0)) break
              lowWater.endThrough(String(to), (position) => Number(position) <= to)
              model.through = Math.max(model.through ?? 0, to)
              break
            }
            default: {
              const chosen = length === 0 ? undefined : model.entries[what.which % length]?.entry
              if (chosen === undefined) break
              if (what.kind === 'commit' && chosen.state === 'open') chosen.state = 'committing'
              if (what.kind === 'end') chosen.state = 'ended'
              if (what.kind === 'reopen' && chosen.state === 'committing') chosen.state = 'open'
            }
          }
          const position = lowWater.position()
          expect(position === null ? null : Number(position)).to.equal(allowed(model))
          for (const { at, entry } of model.entries) {
            if (entry.state === 'open') expect(Number(position ?? -1), 'never beyond an open entry').to.be.lessThan(at)
          }
        }
      }),
      propertyRuns(400),
    )
  })

  it('stands at its start until something ended, and has none where nothing was', () => {
    expect(new LowWater(null).position()).to.equal(null)
    const lowWater = new LowWater('5-0')
    lowWater.begin('6-0')
    expect(lowWater.position()).to.equal('5-0')
    expect(lowWater.size).to.equal(1)
  })

  it('covers what is in the commit that writes it, and takes that back when nobody knows whether it was written', () => {
    const lowWater = new LowWater(null)
    const [first, second] = [lowWater.begin('1'), lowWater.begin('2')]
    first.state = 'committing'
    expect(lowWater.position()).to.equal('1')
    first.state = 'open'
    second.state = 'ended'
    expect(lowWater.position()).to.equal(null)
  })

  it('told of a position between two entries, it never goes back below that', () => {
    const lowWater = new LowWater('1')
    lowWater.begin('2')
    lowWater.begin('4')
    lowWater.endThrough('3', (position) => Number(position) <= 3)
    expect(lowWater.position()).to.equal('3')
    expect(lowWater.size).to.equal(1)
  })

  it('told of a position below what has ended, it stays where it is', () => {
    const lowWater = new LowWater('1')
    for (const position of ['2', '3']) lowWater.begin(position).state = 'ended'
    lowWater.endThrough('2', (position) => Number(position) <= 2)
    expect(lowWater.position()).to.equal('3')
  })

  it('forgets what has ended: the bound is what is under way', () => {
    const lowWater = new LowWater(null)
    const blocking = lowWater.begin('1')
    const rest = Array.from({ length: 5_000 }, (_, index) => lowWater.begin(String(index + 2)))
    for (const entry of rest) entry.state = 'ended'
    expect(lowWater.position()).to.equal(null)
    expect(lowWater.size).to.equal(5_001)
    blocking.state = 'ended'
    expect(lowWater.position()).to.equal('5001')
    expect(lowWater.size).to.equal(0)
    lowWater.begin('5002')
    expect(lowWater.position()).to.equal('5001')
  })
})
