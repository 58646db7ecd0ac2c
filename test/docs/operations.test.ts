/** docs/operations.md and what it speaks of: every alert has its remedy, every fault its program, every file is there. */
import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { rowNames } from '../faults/rows.ts'
import { readHouseFile } from '../support/house-files.ts'

describe('docs/operations.md', () => {
  let text: string
  before(async () => {
    text = await readHouseFile('docs/operations.md')
  })

  it('says of every alert of ops/alerts.yml what to do, and of no other', async () => {
    const { groups } = parse(await readHouseFile('ops/alerts.yml')) as { groups: { rules: { alert: string }[] }[] }
    const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert))
    const told = [...text.matchAll(/^\| (Muster[A-Za-z]+) \| .{20,}\|$/gm)].map(([, alert]) => alert)
    expect(told).to.have.members(alerts)
  })

  it('names for every fault the row of `npm run faults` that shows it', () => {
    const table = text.slice(text.indexOf('| fault | promise |'))
    const named = [...table.slice(0, table.indexOf('\n\n')).matchAll(/`([a-z-]+)`/g)].map(([, name]) => name).filter((name) => name !== '--row')
    expect(named).to.have.members([...rowNames])
  })

  it('leads to files that are there', () => {
    const linked = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => posix.join('docs', path))
    const spoken = [...text.matchAll(/`((?:ops|test)\/[\w./-]+)`/g)].map(([, path = '']) => path)
    expect(linked.length + spoken.length).to.be.greaterThan(6)
    expect([...linked, ...spoken, 'ecosystem.config.js', 'compose.yaml'].filter((path) => !existsSync(path))).to.deep.equal([])
  })
})
