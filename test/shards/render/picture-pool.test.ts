/** Pictures are drawn in a thread, as PNG; too many at once are refused by name; the process is never kept by them. */
import { expect } from 'chai'
import type { Drawn } from '../../../shards/render/picture-pool.ts'
import { createPicturePool } from '../../../shards/render/picture-pool.ts'
import type { Picture } from '../../../shards/render/picture.ts'

const bar = (label: string, value: number) => ({ label, value, valueText: `${value} s`, isOwn: false })
const pictures: Record<Picture['kind'], Picture> = {
  bars: { kind: 'bars', title: 'Time by channel', subtitle: 'Period 1', bars: [bar('Hall', 100), bar('a name that is longer than any channel may have '.repeat(4), 1), bar('😀', 0)] },
  member: { kind: 'member', title: 'ada', subtitle: '', accountsTitle: 'Accounts', accounts: [bar('counted', 0)], ranksTitle: 'Ranks', ranks: [] },
  heatmap: {
    kind: 'heatmap', title: 'Activity', subtitle: 'never', less: 'less', more: 'more',
    rows: Array.from({ length: 7 }, (_, day) => ({ label: `day ${day}`, values: Array.from({ length: 24 }, (_hour, hour) => day * hour) })),
  },
}

/** Width and height from the header of a PNG. https://www.w3.org/TR/png/#11IHDR */
function sizeOf(drawn: Drawn): [number, number] {
  if (drawn.kind !== 'png') throw new Error(`not drawn: ${drawn.kind}`)
  const bytes = Buffer.from(drawn.bytes)
  expect(bytes.subarray(0, 8).toString('hex')).to.equal('89504e470d0a1a0a')
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
}

describe('pictures', function () {
  this.timeout(20_000)

  it('each kind is drawn as a PNG of its own height, empty and overlong texts included', async () => {
    const pool = createPicturePool()
    const sizes = await Promise.all(Object.values(pictures).map(async (picture) => sizeOf(await pool.draw(picture))))
    await pool.stop()
    for (const [width, height] of sizes) {
      expect(width).to.equal(900)
      expect(height).to.be.within(150, 800)
    }
  })

  it('past the bound the answer is busy, and what was taken in is drawn', async () => {
    const pool = createPicturePool({ waitingMax: 3 })
    const asked = Array.from({ length: 5 }, () => pool.draw(pictures.bars))
    expect((await Promise.all(asked)).map(({ kind }) => kind)).to.deep.equal(['png', 'png', 'png', 'busy', 'busy'])
    expect((await pool.draw(pictures.bars)).kind, 'there is room again').to.equal('png')
    await pool.stop()
    expect((await pool.draw(pictures.bars)).kind, 'after the end').to.equal('busy')
  })

  it('what cannot be drawn fails alone', async () => {
    const pool = createPicturePool()
    const drawn = await pool.draw({ kind: 'bars', title: 'x', subtitle: 'y', bars: null } as unknown as Picture)
    expect(drawn.kind).to.equal('failed')
    expect((await pool.draw(pictures.heatmap)).kind).to.equal('png')
    await pool.stop()
  })
})
